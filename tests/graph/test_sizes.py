"""Sizes of answers."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from gateway.graph.limits import DEFAULTS, Exceeded
from gateway.graph.schema import schema
from gateway.graph.sizes import sizes


def _size(query: str, name: str | None = None, **variables: Any) -> int:
    return sizes(schema._schema, parse(query))[name].nodes(DEFAULTS, variables) - 1


@pytest.mark.parametrize(
    ("query", "nodes"),
    [
        ("{ __typename }", 0),
        ("{ video(id: 1) { id } }", 1),
        ("{ a: video(id: 1) { id } b: video(id: 2) { latestTask { id } } }", 3),
        ("{ videos(ids: [1, 2, 3]) { latestTask { id } } }", 6),
        ("{ videos(ids: 1) { id } }", 1),
        ("{ video(id: 1) { latestTask { jobs { output { format } } } } }", 2 + 10 * 2),
        ("{ providerTasks(provider: IMS) { tasks { id } } }", 1 + 20),
        ("{ providerTasks(provider: IMS, pageSize: 3) { tasks { error { code } } } }", 1 + 3 * 2),
        ("{ tasks(first: 7) { edges { node { id } } } }", 1 + 7 * 2),
        ("{ tasks(first: 7) { nodes { id } } }", 1 + 7),
        ("{ node(id: 1) { ... on Task { jobs { id } } ... on Video { latestTask { id } } } }", 1 + 10 + 1),
        ("{ nodes(ids: [1, 2]) { ...T } } fragment T on Task { jobs { id } }", 2 * 11),
    ],
)
def test_lists_multiply(query: str, nodes: int) -> None:
    """Arguments say how long lists are, their own or those of the page they are in; others are assumed."""
    assert _size(query) == nodes


def test_variables_say_it_too() -> None:
    """A number or a list in a variable counts like a literal; its default where it is missing."""
    by_ids = "query($ids: [ID!]!) { videos(ids: $ids) { id } }"
    assert _size(by_ids, ids=["a"] * 4) == 4
    assert _size(by_ids, ids="a") == 1
    by_number = "query A($n: Int! = 5) { providerTasks(provider: IMS, pageSize: $n) { tasks { id } } }"
    assert _size(by_number, "A") == 6
    assert _size(by_number, "A", n=2) == _size(by_number, "A", n=2.0) == 3
    optional = "query($n: Int) { tasks(first: $n) { nodes { id } } }"
    assert _size(optional, n=None) == _size("{ tasks { nodes { id } } }")


@pytest.mark.parametrize("value", [-5, 0, "x", True, 1.5, {}, [{}]])
def test_what_coercion_will_refuse_is_not_worth_an_error_here(value: Any) -> None:
    """A variable of the wrong kind is counted as something and refused later, by name."""
    assert _size("query($n: Int!) { tasks(first: $n) { nodes { id } } }", n=value) >= 0


@pytest.mark.parametrize("number", [101, 101.0, 2**31 - 1, 10**400])
def test_no_page_is_larger_than_pages_are(number: float) -> None:
    """However large the number, it is refused and not multiplied."""
    with pytest.raises(Exceeded):
        _size("query($n: Int!) { tasks(first: $n) { nodes { id } } }", n=number)
    with pytest.raises(Exceeded):
        _size(f"{{ tasks(first: {int(number)}) {{ nodes {{ id }} }} }}")
