"""Arguments: what resolvers are called with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.execution.alike import alike, data, plan
from tests.execution.toy import schema

VARIABLES = (
    "$t: String, $n: Int, $s: Float = 0.25, $m: Mood! = WILD, $z: Size, $i: [ID!], $j: ID! = 5, "
    "$f: Filter, $a: [Int!], $w: DateTime, $e: Even"
)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        '(text: "a", theNumber: null, share: 3, mood: WILD, size: LARGE, ids: ["a", 1])',
        '(ids: "one", filter: {name: "x"}, at: "2026-01-01T00:00:00Z", even: 4)',
        "(text: $t, theNumber: $n, share: $s, mood: $m, size: $z, ids: $i, filter: $f, at: $w, even: $e)",
        "(ids: [$j], filter: {ages: $a})",
        '(ids: ["a", $j], filter: {name: "x", ages: [1, 2]})',
    ],
)
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"t": None, "n": None, "z": None, "i": None, "f": None},
        {"t": "x", "n": 1, "s": 2, "m": "CALM", "z": "SMALL", "i": ["a", 7], "f": {"ages": [3]}, "j": "q"},
        {"w": "2026-02-02T00:00:00+01:00", "e": 8, "a": [1]},
        {"e": 7},
    ],
)
async def test_arguments_are_given_alike(arguments: str, variables: dict[str, Any]) -> None:
    """Literals, variables, defaults and input objects reach the resolver as the same Python values."""
    used = {name for name in "tnszmijfawe" if f"${name}" in arguments}
    declared = ", ".join(one for one in VARIABLES.split(", ") if one[1] in used)
    query = f"query{f'({declared})' if declared else ''} {{ echo{arguments} }}"
    await alike(schema, query, {name: value for name, value in variables.items() if name in used})


async def test_a_variable_that_is_null_where_it_may_not_be_fails_the_field() -> None:
    """A default lets a nullable variable stand for what is not; its null is the field's error."""
    result = await alike(schema, "query($m: Mood = CALM) { echo(mood: $m) }", {"m": None})
    assert result.errors[0].path == ["echo"]


async def test_a_resolver_cannot_change_the_plan() -> None:
    """Lists in literals are made anew for every run."""
    made = plan(schema, '{ echo(ids: ["a"]) }')
    first, second = await made.execute(None), await made.execute(None)
    assert data(first) == data(second)
