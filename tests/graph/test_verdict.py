"""What is said about refused documents."""

from __future__ import annotations

import pytest

from gateway.graph.documents import DocumentStore
from gateway.graph.schema import schema

QUERIES = [
    ('{ tasks(filter: {createdAfter: "2026-11-22T08:30:00"}) { edges { cursor } } }', "filter.createdAfter"),
    ("{ tasks(filter: {createdBefore: 5}) { edges { cursor } } }", "filter.createdBefore"),
    (
        'query ($at: DateTime = "soon") { tasks(filter: {createdAfter: $at}) { edges { cursor } } }',
        "$at",
    ),
]


@pytest.mark.parametrize(("text", "place"), QUERIES)
def test_a_wrong_literal_is_bad_input_by_its_name(text: str, place: str) -> None:
    """The client reads which argument to mend, and how a right value looks."""
    [refused] = DocumentStore(schema._schema).get(text).refusals
    assert refused["message"].startswith(f"{place}: DateTime needs an ISO 8601 time with a zone")
    assert refused["extensions"]["code"] == "BAD_USER_INPUT"
    assert refused["locations"]


def test_other_errors_keep_the_code_of_their_stage() -> None:
    """An unknown field is a mistake of the document, and stands where it stands."""
    [refused] = DocumentStore(schema._schema).get("{ nonsense }").refusals
    assert refused["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert refused["locations"] == [{"line": 1, "column": 3}]
