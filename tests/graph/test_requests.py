"""Requests that mean no operation, and what is answered to them."""

from __future__ import annotations

import pytest

from gateway.graph.documents import DocumentStore
from gateway.graph.errors import refusal
from gateway.graph.limits import DEFAULTS
from gateway.graph.requests import Request, refused, unresolved
from gateway.graph.schema import schema

STORE = DocumentStore(schema._schema, limits=DEFAULTS)
TWO = "query A { __typename } query B { __typename }"


@pytest.mark.parametrize(
    ("query", "name", "refusals"),
    [
        ("{ __typename }", None, 0),
        ("query A { __typename }", None, 0),
        (TWO, "B", 0),
        (TWO, None, 1),
        (TWO, "C", 1),
        ("{ __typename }", "A", 1),
    ],
)
def test_one_operation_has_to_be_meant(query: str, name: str | None, refusals: int) -> None:
    """The only one of its document, or the one of that name."""
    found = unresolved(STORE.get(query), Request(query=query, operation_name=name))
    assert [one["extensions"]["code"] for one in found] == ["OPERATION_RESOLUTION_FAILURE"] * refusals


def test_what_is_refused_has_no_data() -> None:
    """None of it ran, and HTTP is told as much as is known."""
    answer = refused([refusal("No.", "FORBIDDEN")], status=403)
    assert (answer.executed, answer.status, set(answer.body)) == (False, 403, {"errors"})
