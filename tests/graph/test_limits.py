"""Limits: each at its number and one above."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.graph.engine import Engine
from gateway.graph.limits import DEFAULTS, Exceeded, Limits, check, check_variables
from gateway.graph.requests import Request
from tests.graph.upstreams import Counting

VIDEOS = "query($ids: [ID!]!) { videos(ids: $ids) { id } }"
DEEP = "video(id: 1) { latestTask { video { latestTask { video { latestTask { video { latestTask { video {"


def _fields(count: int) -> str:
    return "{" + " __typename" * count + "}"


def _tokens(count: int) -> str:
    return "{ __typename }" + "\n#" * (count - 3)


def _deep(depth: int) -> str:
    """Nine levels are written out; the tenth and eleventh differ in what they select."""
    inner = {10: "id", 11: "latestTask { id }"}[depth]
    return "{ " + DEEP + inner + " }" * 9 + "}"


AT_AND_ABOVE = [
    ("document", 32_768, lambda n: {"query": "{ __typename }" + " " * (n - 14)}),
    ("tokens", 2000, lambda n: {"query": _tokens(n)}),
    ("depth", 10, lambda n: {"query": _deep(n)}),
    (
        "aliases",
        30,
        # Half of them in a fragment that is spread twice; the odd one beside it.
        lambda n: {
            "query": "{ "
            + "a: __typename " * (n % 2)
            + " video(id: 1) { ...F ...F } } fragment F on Video {"
            + " ".join(f"a{i}: id" for i in range(n // 2))
            + "}"
        },
    ),
    ("name", 100, lambda n: {"query": "{ " + "a" * n + ": __typename }"}),
    ("root_fields", 10, lambda n: {"query": _fields(n)}),
    (
        "directives",
        50,
        lambda n: {
            "query": "query($t: Boolean!) {"
            + "__typename @include(if: $t) " * 5
            + "video(id: 1) {"
            + "id @include(if: $t) " * (n - 5)
            + "}}",
            "variables": {"t": True},
        },
    ),
    (
        "directives_at_once",
        5,
        lambda n: {"query": "{ __typename" + " @a" * n + "}"},
    ),
    ("parts", 500, lambda n: {"query": "{ video(id: 1) {" + "id " * (n - 2) + "}}"}),
    ("ids", 50, lambda n: {"query": VIDEOS, "variables": {"ids": ["x"] * n}}),
    ("ids", 50, lambda n: {"query": "{ videos(ids: [" + '"x" ' * n + "]) { id } }"}),
    ("page", 100, lambda n: {"query": "{ tasks(first: " + str(n) + ") { nodes { id } } }"}),
    (
        "page",
        100,
        lambda n: {"query": "query($n: Int) { tasks(first: $n) { nodes { id } } }", "variables": {"n": n}},
    ),
    (
        "calls",
        20,
        lambda n: {
            "query": "query($n: Int!) { providerTasks(provider: IMS, pageSize: $n) {tasks {jobs {id}}} }",
            "variables": {"n": n - 1},
        },
    ),
]


@pytest.mark.parametrize(("limit", "most", "request_of"), AT_AND_ABOVE, ids=[row[0] for row in AT_AND_ABOVE])
async def test_the_limit_passes_and_one_more_does_not(limit: str, most: int, request_of: Any) -> None:
    """At its default a limit is no obstacle; one above is refused by name, and no provider hears of it."""
    assert getattr(DEFAULTS, limit) == most
    upstream = Counting()
    engine = Engine(upstream, request_timeout=5)
    at = await engine.execute(Request(**request_of(most)))
    assert not [error for error in at.body.get("errors", ()) if "limit" in error["extensions"]]
    upstream.asked.clear()
    above = await engine.execute(Request(**request_of(most + 1)))
    assert not above.executed
    [error] = above.body["errors"]
    camel = "".join(word.title() if n else word for n, word in enumerate(limit.split("_")))
    # An argument out of its range is bad input by the name of the argument.
    argument = {"ids": "ids", "page": "first"}.get(limit)
    assert argument is None or error["message"].startswith(f"{argument}: ")
    assert error["extensions"] == {
        "code": "BAD_USER_INPUT" if argument else "LIMIT_EXCEEDED",
        "retryable": False,
        "limit": camel,
        "max": most,
        "actual": most + 1,
    }
    assert upstream.asked == []


async def test_objects_of_an_answer_are_counted() -> None:
    """Lists within lists multiply: three objects for each video, whichever variable says how many."""
    query = "query($ids: [ID!]!) { videos(ids: $ids) { latestTask { error { code } } } }"
    request = Request(query=query, variables={"ids": [str(n) for n in range(10)]})
    assert (await Engine(Counting(), request_timeout=5, limits=Limits(nodes=30)).execute(request)).executed
    answer = await Engine(Counting(), request_timeout=5, limits=Limits(nodes=29)).execute(request)
    assert not answer.executed
    assert answer.body["errors"][0]["extensions"]["actual"] == 30


async def test_errors_and_their_messages_are_bounded_by_settings() -> None:
    """Both may be lowered."""
    engine = Engine(Counting(), request_timeout=5, limits=Limits(errors=2, message=30))
    answer = await engine.execute(Request(query="{ alpha beta gamma }"))
    assert len(answer.body["errors"]) == 2
    assert all(len(error["message"]) <= 30 for error in answer.body["errors"])


def test_a_huge_number_is_not_echoed() -> None:
    """What exceeds a limit by thousands of digits is told as very much."""
    with pytest.raises(Exceeded) as caught:
        check(DEFAULTS, "page", 10**4000)
    assert len(str(caught.value.refusal)) < 300


def test_lists_anywhere_in_the_variables_are_found() -> None:
    """A list within an object within a list is as long as one on top."""
    check_variables(DEFAULTS, None)
    check_variables(DEFAULTS, {"a": [{"b": [1] * 50}]})
    with pytest.raises(Exceeded) as caught:
        check_variables(DEFAULTS, {"a": [{"b": [1] * 51}]})
    assert caught.value.argument == "a.b"
