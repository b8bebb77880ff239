"""Faults: which errors are reported."""

from __future__ import annotations

from graphql import GraphQLError

from gateway.execution.faults import FAILED, Fault, reported


def _fault(order: tuple[int, ...], nulled: tuple[str | int, ...]) -> Fault:
    return Fault(order, GraphQLError(repr(order)), nulled)


def test_faults_are_told_in_the_order_of_the_document() -> None:
    """However they were found, errors stand as a depth-first walk meets them."""
    errors = reported([_fault((1,), ("b",)), _fault((0, 1), ("a", 1)), _fault((0, 0), ("a", 0))])
    assert [error.message for error in errors] == ["(0, 0)", "(0, 1)", "(1,)"]


def test_what_is_gone_needs_no_telling() -> None:
    """An error beneath a null that an earlier one made is left out; an error before it stays."""
    errors = reported([_fault((0, 0), ("a", "x")), _fault((0, 1), ("a",)), _fault((0, 2), ("a", "y"))])
    assert [error.message for error in errors] == ["(0, 0)", "(0, 1)"]
    assert len(reported([_fault((0,), ()), _fault((1,), ("b",))])) == 1


def test_a_failure_says_so() -> None:
    """Should it ever be seen, it is known for what it is."""
    assert repr(FAILED) == "FAILED"
