"""Plans: variants, refusals, events; and how the operations are executed that have none."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from gateway.execution import Compiler, NotCompilable
from gateway.execution.plan import _MAX_VARIANTS
from tests.execution.alike import alike, core, data, plan
from tests.execution.events import schema as events
from tests.execution.toy import Animal, schema

CONDITIONAL = "query($a: Boolean!, $b: Boolean = true) { cats { name @include(if: $a) age @skip(if: $b) } }"


@pytest.mark.parametrize("variables", [{"a": a, "b": b} for a in (True, False) for b in (True, False)])
async def test_conditions_select(variables: dict[str, Any]) -> None:
    """Every combination of the variables that decide selects as graphql-core does."""
    await alike(schema, CONDITIONAL, variables, root=[Animal()])


async def test_a_condition_without_a_value_is_left_to_graphql_core() -> None:
    """Where a condition is null, the answer is the one that graphql-core finds for that."""
    result = await alike(schema, CONDITIONAL, {"a": True, "b": None}, root=[Animal()])
    assert result.errors


async def test_variants_are_made_once_and_bounded() -> None:
    """A plan keeps a variant for each combination it was asked for, up to a limit."""
    names = [f"v{number}" for number in range(6)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: __typename @include(if: ${name})" for name in names)
    made = plan(schema, f"query({declared}) {{ {fields} }}")
    for number in range(64):
        result = await made.execute(None, {name: bool(number >> bit & 1) for bit, name in enumerate(names)})
        assert len(data(result)) == number.bit_count()
        assert len(made._variants) <= _MAX_VARIANTS
    first = next(iter(made._variants.values()))
    values = dict(zip(names, next(iter(made._variants)), strict=True))
    assert made._variant(values) is first


async def test_wrong_variables_are_refused_before_execution() -> None:
    """An operation whose variables do not fit is not executed."""
    result = await alike(schema, "query($n: Int!) { cat(number: $n) { name } }", {"n": "x"}, root=[])
    assert not result.executed
    assert result.data is None


async def test_several_root_fields_are_answered_together() -> None:
    """Root fields, asynchronous ones among them, each have their answer."""
    query = "{ a: creatures { name } b: creatures { age } cat { name } __typename }"
    result = await alike(schema, query, root=[Animal(), Animal(kind="Dog", name="Rex")])
    assert list(data(result)) == ["a", "b", "cat", "__typename"]


async def test_an_event_is_executed_by_a_plan() -> None:
    """The operation of a subscription has a plan for its events, whose root value is the event."""
    result = await alike(events, "subscription { animals { name } }", root=Animal(name="Rex"))
    assert data(result) == {"animals": {"name": "Rex"}}


async def test_what_has_no_plan_is_executed_all_the_same() -> None:
    """An operation that is not compilable is executed like one that is."""
    made = Compiler(core(schema)).compile(
        parse("query($n: Int!) { __schema { queryType { name } } cat(number: $n) { name } }")
    )
    assert isinstance(made, NotCompilable)
    result = await made.execute(None, {"n": 0}, root_value=[Animal()])
    assert result.executed
    assert data(result) == {"__schema": {"queryType": {"name": "Query"}}, "cat": {"name": "Tom"}}
    assert not (await made.execute(None, {}, root_value=[])).executed
