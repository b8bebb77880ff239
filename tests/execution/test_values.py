"""Values: which leaves may be encoded as they are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

import pytest
from graphql import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLScalarType, GraphQLString
from msgspec import Meta

from gateway.execution import Native, Traits
from gateway.execution.values import checker, leaf
from tests.execution.alike import core
from tests.execution.toy import Mood, schema


def _ready(type_: Any, values: list[Any], traits: Traits | None = None) -> bool:
    native = leaf(type_, traits or Traits()).native
    return native is not None and checker(native, (False,))(values) is not None


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (GraphQLString, ["", None], [1, b"x", True]),
        (GraphQLID, ["", None], [1]),
        (GraphQLBoolean, [True, None], [1, "true"]),
        (GraphQLInt, [0, -(2**31), 2**31 - 1], [2**31, 1.0, True, "1"]),
        (GraphQLFloat, [0.5, 3, 2.0**52], [float("nan"), float("inf"), 2**53 + 1, True, "1"]),
    ],
    ids=str,
)
def test_built_in_scalars_know_their_values(type_: Any, good: list[Any], bad: list[Any]) -> None:
    """A column is ready if every value is; one that is not sends it to the serializer."""
    assert _ready(type_, good)
    for value in bad:
        assert not _ready(type_, [*good, value]), value


def test_enumerations_are_ready_if_their_values_are_their_names() -> None:
    """Others go through the serializer, which knows the names."""
    types = core(schema).type_map
    assert _ready(types["Mood"], [Mood.CALM, None])
    assert leaf(types["Size"], Traits()).native is None  # type: ignore[arg-type]


def test_a_custom_scalar_is_ready_if_traits_say_so() -> None:
    """Without a trait it is serialized; with one, what fits is not."""
    scalar = GraphQLScalarType("Time")
    utc = Native(annotation=datetime, fits=lambda times: all(time.tzinfo is UTC for time in times))
    traits = Traits(natives={"Time": utc})
    now = datetime.now(UTC)
    assert not _ready(scalar, [now])
    assert _ready(scalar, [now, None], traits)
    assert _ready(scalar, [None], traits)
    for odd in (now.isoformat(), now.replace(tzinfo=None), date(2026, 1, 1)):
        assert not _ready(scalar, [odd], traits)


def test_conditions_reach_into_lists() -> None:
    """A column of lists is ready if all that is in them is."""
    check = checker(Native(annotation=int, fits=lambda numbers: max(numbers) < 5), (False, False, True))
    assert check([[[1], None], None, ((2, 3),)]) == [[[1], None], None, [[2, 3]]]
    assert check([[[1, 7]]]) is None
    bounded = checker(Native(annotation=Annotated[int, Meta(lt=5)]), (True, True))
    assert bounded([[1], [4]]) is not None
    assert bounded([[1], None]) is None


def test_a_serializer_that_returns_nothing_is_told_on() -> None:
    """A value may not become null by being serialized."""
    nothing = leaf(GraphQLScalarType("Nothing", serialize=lambda _value: None), Traits())
    with pytest.raises(TypeError, match="to return non-nullable value, returned: None"):
        nothing.serialized(1)
