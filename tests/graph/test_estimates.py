"""Estimates: remembered, and never another operation's."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from graphql import parse

from gateway.domain.identity import VideoRef, encode
from gateway.domain.records import Provider
from gateway.domain.sources import Source, Whom
from gateway.graph import estimates
from gateway.graph.cost import estimate
from gateway.graph.estimates import Estimates
from gateway.graph.schema import schema

CORE = schema._schema
VIDEOS = "query($ids: [ID!]!) { videos(ids: $ids) { videoId latestTask { trigger } } }"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
BOTH = "query($ids: [ID!]!) { videos(ids: $ids) { id } nodes(ids: $ids) { id } }"
INNER = "query($id: ID!) { videos(ids: [$id]) { id } video(id: $id) { id } }"
TWO = "query A($ids: [ID!]!) { videos(ids: $ids) { id } } query B($ids: [ID!]!) { nodes(ids: $ids) { id } }"
TASK_ID = "VGFzazpJTVM6aTE"


@pytest.mark.parametrize("text", [VIDEOS, NODES, BOTH, INNER, TWO])
@pytest.mark.parametrize(
    "variables",
    [
        {"ids": ["a", "b", "c"]},
        {"ids": [f"v{number}" for number in range(12)]},
        {"ids": ["a"] * 12},
        {"ids": "a"},
        {"ids": [1, "a"]},
        {"ids": [["a"]]},
        {"ids": [3, 2]},
        {"ids": []},
        {"ids": [10**30]},
        {"id": -(10**30)},
        {"id": "a"},
        {},
    ],
    ids=str,
)
def test_a_remembered_estimate_is_the_estimate(text: str, variables: dict[str, Any]) -> None:
    """Whatever was asked before, and of whichever operation, the figure is that of `estimate`."""
    document = parse(text)
    known = Estimates(CORE, document)
    for other in (
        {"ids": ["x", "y", "z"]},
        {"ids": ["x", "y", "x"]},
        {"ids": [TASK_ID]},
        variables,
        variables,
    ):
        for name in ["A", "B"] if text is TWO else [None]:
            assert known.of(name, other) == estimate(CORE, document, name, other)


def test_of_the_ids_of_videos_only_their_number_matters() -> None:
    """Another ten ids are not estimated anew; ids that may be anything are."""
    with patch.object(estimates, "estimate", wraps=estimate) as made:
        videos, nodes = Estimates(CORE, parse(VIDEOS)), Estimates(CORE, parse(NODES))
        for letter in "abc":
            videos.of(None, {"ids": [f"{letter}{number}" for number in range(10)]})
        assert made.call_count == 2  # the first time of a document, and of ten ids
        for letter in "abc":
            nodes.of(None, {"ids": [letter]})
        assert made.call_count == 5


def test_estimates_do_not_pile_up() -> None:
    """However many different variables a document is sent with, few estimates are remembered."""
    nodes = Estimates(CORE, parse(NODES))
    for number in range(600):
        nodes.of(None, {"ids": [str(number)]})
    assert len(nodes._known) <= 256


@pytest.mark.parametrize("text", [VIDEOS, NODES])
def test_of_long_variables_little_is_remembered(text: str) -> None:
    """What a client says costs no more memory for being long, and is told from others all the same."""
    known = Estimates(CORE, parse(text))
    long = "x" * 100_000
    for variables in (
        {"ids": [TASK_ID]},
        {"ids": [long], long: 1},
        {"ids": [f"{long}y"], long: 1},
        {long: 2},
    ):
        for _ in range(2):
            known.of(None, variables)
    assert len(known._known) == (4 if text is NODES else 3)
    assert all(len(repr(key)) < 1000 for key in known._known)


def test_with_several_accounts_ids_count_by_whose_they_are() -> None:
    """As many ids of one account and of two are not the same number of calls, ever so often asked."""
    known: list[Whom] = [Provider.VOD, Source(Provider.VOD, "eu")]
    of_two = Estimates(CORE, parse("query($ids: [ID!]!) { videos(ids: $ids) { id } }"), known)
    there = encode(VideoRef(video_id="b", source="eu"))
    for _ in range(3):
        assert of_two.of(None, {"ids": ["a", "b"]}) == 1
        assert of_two.of(None, {"ids": ["a", there]}) == 2


def test_variables_are_checked_again_where_they_may_amount_to_more() -> None:
    """Other ids in the same number do not; what was refused is never remembered."""
    checked: list[Any] = []

    def check(_name: str | None, variables: Any) -> None:
        checked.append(variables["ids"])
        if len(variables["ids"]) > 2:
            raise OverflowError

    known = Estimates(CORE, parse(VIDEOS), check=check)
    for ids in (["a"], ["a"], ["b"], ["c"], ["a", "b"]):
        known.of(None, {"ids": ids})
    for _ in range(2):
        with pytest.raises(OverflowError):
            known.of(None, {"ids": ["a", "b", "c"]})
    assert checked == [["a"], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]]
