"""Rules: graphql-core's, to the word."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import TypeInfo, ValidationContext, parse, specified_rules, validate

from gateway.graph.rules import RULES
from gateway.graph.schema import schema

CORE = schema._schema

KINDS = [
    "document",
    "operation_definition",
    "field",
    "name",
    "argument",
    "variable",
    "fragment_spread",
    "list_value",
]
DOCUMENTS = [
    "{ __typename }",
    "query($ids: [ID!]!) { videos(ids: $ids) { videoId latestTask { id } } }",
    "query($id: ID!, $id: Int) { nothing video(id: $other, id: 1) { videoId { a } ...F ...G latestTask } }",
    "fragment F on Video { ...F } fragment H on Nothing { a } fragment H on Int { b }",
    "query A { a: video(id: 1.5) { x: videoId } a: task(id: null) { x: id @skip } } query A { providers }",
    "subscription { videos(ids: []) { __typename } tasks(ids: []) { __typename } } type A { b: C }",
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_they_find_what_graphql_core_finds(document: str) -> None:
    """The same errors, in the same order, at the same places."""
    ast = parse(document)
    assert [error.formatted for error in validate(CORE, ast, RULES)] == [
        error.formatted for error in validate(CORE, ast)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_they_look_at_what_graphql_core_s_look_at(kind: str) -> None:
    """The same methods for every kind of node, or none."""
    context = ValidationContext(CORE, parse("{ a }"), TypeInfo(CORE), lambda _error: None)

    def names(rule: Any) -> list[str | None]:
        found = rule(context).get_enter_leave_for_kind(kind)
        return [None if one is None else one.__name__ for one in found]

    for ours, theirs in zip(RULES, specified_rules, strict=True):
        assert names(ours) == names(theirs)
