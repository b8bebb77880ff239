"""`batched`: one function, two executors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import strawberry
from graphql import GraphQLField, GraphQLInt, GraphQLList, GraphQLObjectType, GraphQLSchema

from gateway.execution import batched
from tests.execution.alike import alike, data, plan
from tests.execution.toy import Animal, calls, schema


async def test_all_parents_are_asked_for_at_once() -> None:
    """A plan calls the function once for the parents of a level, graphql-core once for each."""
    animals = [Animal(age=age) for age in (1, None, 3)]
    calls.clear()
    result = await plan(schema, "{ cats { doubled(times: 3) } }").execute(None, root_value=animals)
    assert calls == [3]
    assert data(result) == {"cats": [{"doubled": 3}, {"doubled": None}, {"doubled": 9}]}
    assert [error.path for error in result.errors] == [["cats", 1, "doubled"]]
    calls.clear()
    await alike(schema, "{ cats { doubled(times: 3) shouted } }", root=animals)
    assert sorted(calls) == [1, 1, 1, 3]


async def test_an_error_raised_is_every_parents() -> None:
    """A function that fails as a whole fails each of its parents, awaited or not."""
    await alike(schema, "{ cat { doubled } }", root=[Animal(age="x" * 3), Animal(age={})])
    result = await alike(schema, "{ cats { doubled } }", root=[Animal(age={})])
    assert [error.path for error in result.errors] == [["cats", 0, "doubled"]]
    result = await alike(schema, "{ cat { shouted } }", root=[Animal(name=1)])
    assert result.data is not None


@pytest.mark.parametrize("wrong", [[], [1, 2], 7, None])
async def test_results_are_aligned_or_nothing(wrong: Any) -> None:
    """A function that returns anything but a value for each parent is in error, and says so."""

    @strawberry.type
    class Query:
        @strawberry.field(graphql_type=int | None)  # type: ignore[untyped-decorator]
        @staticmethod
        @batched
        def number(roots: strawberry.Parent[Sequence[Any]]) -> Any:
            return wrong

    result = await plan(strawberry.Schema(query=Query), "{ number }").execute(None)
    assert data(result) == {"number": None}
    assert result.errors[0].message.startswith("A batched field must return a list of 1 results")


async def test_a_schema_of_graphql_core_has_batched_fields_too() -> None:
    """Their functions are given parents and info by position, and arguments by name."""

    @batched
    def numbers(parents: Sequence[Any], info: Any, **_arguments: Any) -> Sequence[Any]:
        return [parent + info.context for parent in parents]

    item = GraphQLObjectType("Item", {"number": GraphQLField(GraphQLInt, resolve=numbers)})
    query = GraphQLObjectType("Query", {"items": GraphQLField(GraphQLList(item), resolve=lambda *_: [1, 2])})
    result = await alike(GraphQLSchema(query), "{ items { number } }", context=10)
    assert data(result) == {"items": [{"number": 11}, {"number": 12}]}
