"""Variables: the same values, and the same complaints, as graphql-core's."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, build_schema, parse
from graphql.execution.values import get_variable_values
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.execution.variables import Complaints, Variables

SCHEMA = build_schema("""
    type Query { a: Int }
    enum Mood { CALM WILD }
    input Filter { name: String!, moods: [Mood!] = [CALM], inner: Filter }
    scalar Anything
""")
TYPES = ["Int", "Float", "String", "Boolean", "ID", "Mood", "Anything", "Filter"]
TYPES += [f"{name}!" for name in TYPES] + [f"[{name}]" for name in TYPES]
TYPES += [f"[{name}!]!" for name in TYPES[:8]] + ["[[Int]]", "[[Filter!]]!"]
VALUES: list[Any] = [
    None,
    0,
    1,
    -(2**31),
    2**31,
    2**60,
    1.0,
    1.5,
    float("nan"),
    float("inf"),
    True,
    "",
    "x",
    "CALM",
]
VALUES += [
    [],
    [None],
    [1, 2**31],
    ["a", "b"],
    ["a", 1],
    [[1]],
    (1, 2),
    {"name": "x"},
    {"name": 1},
    {"nope": 1},
]
VALUES += [{"name": "x", "moods": ["WILD"], "inner": {"name": "y"}}, [{"name": "x"}], [True, None], [0.5, 1]]


def _both(declaration: str, inputs: dict[str, Any], max_errors: int = 50) -> Any:
    [operation] = parse(f"query({declaration}) {{ a }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    definitions = operation.variable_definitions or ()
    ours = Variables(SCHEMA, definitions, Complaints(most=max_errors)).coerce(inputs)
    theirs = get_variable_values(SCHEMA, definitions, inputs, max_errors=max_errors)
    if isinstance(theirs, list):
        assert isinstance(ours, list)
        assert [error.formatted for error in ours] == [error.formatted for error in theirs]
    else:
        assert not isinstance(ours, list)
        assert repr(ours.coerced) == repr(theirs.coerced)  # nan is not itself, and 1 is not 1.0
        assert {name: one.value for name, one in ours.sources.items()} == {
            name: one.value for name, one in theirs.sources.items()
        }
    return ours


@pytest.mark.parametrize("type_", TYPES)
def test_values_are_coerced_alike(type_: str) -> None:
    """Every kind of value is coerced, or refused in the same words, for every kind of type."""
    for value in VALUES:
        if value != value:  # noqa: PLR0124 - not a number, which the sources cannot be compared with
            continue
        _both(f"$v: {type_}", {"v": value, "unknown": 1})
    _both(f"$v: {type_}", {})


@pytest.mark.parametrize(
    "default", ["Int = 3", "Int! = 3", '[String] = ["a"]', "Mood = WILD", 'Filter = {name: "x"}']
)
def test_defaults_stand_in_for_what_is_missing(default: str) -> None:
    """A missing variable has its default, an explicit null has none."""
    _both(f"$v: {default}", {})
    _both(f"$v: {default}", {"v": None})


def test_a_lists_default_is_nobodys_else() -> None:
    """What one run does to its values no other run sees."""
    [operation] = parse('query($v: [String] = ["a"]) { a }').definitions
    assert isinstance(operation, OperationDefinitionNode)
    variables = Variables(SCHEMA, operation.variable_definitions or (), Complaints(most=50))
    first = variables.coerce({})
    assert not isinstance(first, list)
    first.coerced["v"].append("b")
    second = variables.coerce({})
    assert not isinstance(second, list)
    assert second.coerced == {"v": ["a"]}


def test_complaints_are_limited() -> None:
    """No more of them than the limit, and one that says so."""
    errors = _both("$a: Int!, $b: Int!, $c: Int!", {}, max_errors=2)
    assert len(errors) == 3


def test_a_type_that_is_no_input_is_refused() -> None:
    """Validation would have; execution does too."""
    errors = _both("$a: Query", {"a": 1})
    assert isinstance(errors[0], GraphQLError)


@settings(max_examples=200, deadline=None)
@given(
    variables=st.lists(
        st.tuples(st.sampled_from(TYPES), st.sampled_from(VALUES[:8] + VALUES[10:])), max_size=4
    )
)
def test_several_variables_are_coerced_alike(variables: list[tuple[str, Any]]) -> None:
    """Values and complaints of several variables are those of graphql-core, in its order."""
    if variables:
        declared = ", ".join(f"$v{number}: {type_}" for number, (type_, _) in enumerate(variables))
        _both(declared, {f"v{number}": value for number, (_, value) in enumerate(variables)})
