"""DateTime and BigInt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from graphql import GraphQLError, IntValueNode, StringValueNode

from gateway.graph.scalars import SCALARS, BigInt

TIME = SCALARS[datetime]
BIG = SCALARS[BigInt]


def test_times_go_out_in_utc() -> None:
    """Whatever zone a time is in, clients read Z."""
    time = datetime(2026, 11, 22, 9, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=8)))
    assert TIME.serialize(time) == "2026-11-22T01:30:00.250000Z"


@pytest.mark.parametrize("text", ["2026-11-22T08:30:00Z", "2026-11-22T16:30:00+08:00"])
def test_times_come_in_with_any_zone(text: str) -> None:
    """A zone makes a moment of a time."""
    assert TIME.parse_value(text) == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2026-11-22T08:30:00", "2026-11-22", "soon", 1795313138, None, ""])
def test_times_without_a_zone_are_refused(value: object) -> None:
    """What could mean several moments, or none, is an error that shows the right form."""
    with pytest.raises(GraphQLError, match="with a zone"):
        TIME.parse_value(value)


@pytest.mark.parametrize("value", [0, -1, 2**31, 2**53 - 1])
def test_big_numbers_pass(value: int) -> None:
    """Numbers beyond 32 bits go both ways."""
    assert BIG.serialize(value) == BIG.parse_value(value) == value
    assert BIG.parse_literal(IntValueNode(value=str(value))) == value


@pytest.mark.parametrize("value", [2**53, True, 1.5, "1"])
def test_what_javascript_cannot_hold_is_refused(value: object) -> None:
    """A number that a browser would round is an error, not a wrong number."""
    with pytest.raises(GraphQLError):
        BIG.serialize(value)


def test_text_is_no_big_number() -> None:
    """A literal must be a number."""
    with pytest.raises(GraphQLError):
        BIG.parse_literal(StringValueNode(value="1"))
