"""The arguments of lists."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.domain.errors import BadUserInput
from gateway.domain.identity import VideoRef, encode
from gateway.domain.records import Provider, Status
from gateway.graph.filters import DEFAULT, criteria, page_size


def test_a_question_has_one_spelling() -> None:
    """Order and repetition make no other question, and either id of a video names it."""
    given = criteria(
        providers=[Provider.VOD, Provider.IMS, Provider.VOD],
        statuses=[Status.RUNNING, Status.FAILED],
        video_ids=["b", encode(VideoRef(video_id="a")), "b"],
    )
    assert given.providers == (Provider.IMS, Provider.VOD)
    assert given.statuses == (Status.FAILED, Status.RUNNING)
    assert given.video_ids == ("a", "b")


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"providers": []}, "providers"),
        ({"statuses": []}, "statuses"),
        ({"video_ids": []}, "videoIds"),
        ({"video_ids": ["a"] * 51}, "videoIds"),
        ({"video_ids": ["a,b"]}, "videoIds"),
        ({"template_id": ""}, "templateId"),
        ({"template_id": "a\nb"}, "templateId"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(given: dict[str, Any], argument: str) -> None:
    """The message begins with the argument."""
    with pytest.raises(BadUserInput, match=f"^{argument}: "):
        criteria(**given)


@pytest.mark.parametrize(
    ("first", "last", "before", "argument"),
    [
        (0, None, None, "first"),
        (101, None, None, "first"),
        (-1, None, None, "first"),
        (5, 5, None, "last"),
        (None, 5, None, "last"),
        (5, None, "cursor", "before"),
    ],
)
def test_pages_go_forwards_and_have_a_size(
    first: int | None, last: int | None, before: str | None, argument: str
) -> None:
    """Backwards is refused, with first or without, and so is a page of nothing or of everything."""
    with pytest.raises(BadUserInput, match=f"^{argument}: "):
        page_size(first, last, before)


def test_pages_have_a_usual_size() -> None:
    """Null is the default, and the ends of the range are in it."""
    assert [page_size(first, None, None) for first in (None, 1, 100)] == [DEFAULT, 1, 100]
