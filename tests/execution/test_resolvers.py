"""Resolvers: where values come from, and what resolvers are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import strawberry
from graphql import build_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from gateway.execution import Traits
from tests.execution.alike import alike, data, plan
from tests.execution.toy import Animal, schema


async def test_functions_of_one_parent_are_called_for_each() -> None:
    """Synchronous or not, with their own errors at their own places."""
    animals = [Animal(name="Tom", age=0), Animal(name=None, age=2), Animal(age="x")]
    result = await alike(schema, "{ creatures { ... on Cat { greeting(loud: true) later } } }", root=animals)
    assert data(result)["creatures"][0] == {"greeting": "GREETING FROM TOM", "later": None}
    assert [error.path for error in result.errors] == [["creatures", 0, "later"], ["creatures", 2, "later"]]


async def test_asynchronous_resolvers_wait_together() -> None:
    """All parents of a level, and fields beside each other, wait at the same time."""
    waiting = 0
    most = 0

    @strawberry.type
    class Item:
        @strawberry.field
        async def slow(self) -> int:
            nonlocal waiting, most
            waiting += 1
            most = max(most, waiting)
            await asyncio.sleep(0.001)
            waiting -= 1
            return 1

    @strawberry.type
    class Query:
        @strawberry.field(graphql_type=list[Item])  # type: ignore[untyped-decorator]
        def items(self) -> list[Any]:
            return [Item() for _ in range(3)]

    made = strawberry.Schema(query=Query)
    await alike(made, "{ a: items { x: slow y: slow } b: items { slow } }")
    assert most == 9


async def test_items_of_lists_may_be_awaitable() -> None:
    """Items still to come, and lists that come item by item, are waited for, each with its own error."""

    async def item(number: int) -> int:
        await asyncio.sleep(0)
        if number == 2:
            raise ValueError("two")
        return number

    async def items(count: int) -> AsyncGenerator[Any, None]:
        for number in range(count):
            yield item(number)
            if number == 3:
                raise ValueError("three")

    @strawberry.type
    class Query:
        @strawberry.field(graphql_type=list[int | None])  # type: ignore[untyped-decorator]
        def listed(self) -> Any:
            return [item(1), item(2), 3]

        @strawberry.field(graphql_type=list[list[int]] | None)  # type: ignore[untyped-decorator]
        async def nested(self) -> Any:
            return [[item(1)], (item(2), 3)]

        @strawberry.field(graphql_type=list[int | None] | None)  # type: ignore[untyped-decorator]
        def streamed(self, count: int) -> Any:
            return items(count)

    await alike(strawberry.Schema(query=Query), "{ listed nested a: streamed(count: 3) }", ordered=False)
    await alike(strawberry.Schema(query=Query), "{ streamed(count: 5) }")


async def test_a_quick_branch_does_not_wait_for_a_slow_one() -> None:
    """What a field's objects select is resolved as soon as they are there, whatever goes on beside them."""
    order: list[str] = []
    released = asyncio.Event()

    @strawberry.type
    class Item:
        name: strawberry.Private[str]

        @strawberry.field
        async def told(self) -> str:
            order.append(self.name)
            released.set()
            return self.name

    @strawberry.type
    class Query:
        @strawberry.field(graphql_type=Item)  # type: ignore[untyped-decorator]
        async def slow(self) -> Any:
            await released.wait()
            return Item(name="slow")

        @strawberry.field(graphql_type=Item)  # type: ignore[untyped-decorator]
        async def quick(self) -> Any:
            return Item(name="quick")

    result = await plan(strawberry.Schema(query=Query), "{ slow { told } quick { told } }").execute(None)
    assert data(result) == {"slow": {"told": "slow"}, "quick": {"told": "quick"}}
    assert order == ["quick", "slow"]


async def test_cancellation_ends_what_is_waited_for() -> None:
    """An operation that is cancelled cancels its resolvers."""
    ended: list[str] = []

    @strawberry.type
    class Query:
        @strawberry.field
        async def slow(self, name: str) -> int:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(name)
            return 1

    made = plan(strawberry.Schema(query=Query), '{ a: slow(name: "a") b: slow(name: "b") }')
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await made.execute(None)
    assert sorted(ended) == ["a", "b"]


async def test_info_tells_what_graphql_core_tells() -> None:
    """The info of a resolver knows its field, its variables, the schema and the application's context."""

    @strawberry.type
    class Query:
        @strawberry.field
        def told(self, info: Info[Any, Any], number: int) -> str:
            selected = [getattr(one, "name", None) for one in info.selected_fields]
            return (
                f"{info.field_name} {info.python_name} {info.context} {info.root_value} {number}"
                f" {info.variable_values} {info.path.as_list()} {selected} {info.return_type}"
            )

        @strawberry.field
        @staticmethod
        def also(info: Info[Any, Any], number: int) -> str:
            return f"{info.field_name} {info.context} {info.variable_values} {info.path.as_list()} {number}"

    made = strawberry.Schema(query=Query)
    query = "query($n: Int! = 4) { x: told(number: $n) y: also(number: $n) }"
    await alike(made, query, {"n": 5}, context="context", root=7)
    await alike(made, query, context="context")


async def test_a_default_resolver_of_its_own_is_asked() -> None:
    """A schema whose attributes are not what `getattr` finds needs no traits to be right."""

    def read(parent: Any, name: str) -> Any:
        if name == "broken":
            raise ValueError("broken")
        return parent[name]

    @strawberry.type
    class Item:
        whole: int
        broken: int | None

    @strawberry.type
    class Query:
        @strawberry.field(graphql_type=list[Item])  # type: ignore[untyped-decorator]
        @staticmethod
        def items() -> Any:
            return [{"whole": 1}, {"whole": 2}]

    made = strawberry.Schema(query=Query, config=StrawberryConfig(default_resolver=read))
    result = await alike(made, "{ items { whole broken } }")
    assert data(result)["items"][1] == {"whole": 2, "broken": None}
    await alike(made, "{ items { whole broken } }", traits=Traits(attribute=read))


async def test_resolvers_of_graphql_core_know_their_paths() -> None:
    """A resolver that Strawberry did not make is told the path with its indices."""
    plain = build_schema("type Query { items: [Item!]! } type Item { path: String }")
    plain.type_map["Item"].fields["path"].resolve = (  # type: ignore[attr-defined]
        lambda _parent, info: repr(info.path.as_list())
    )
    result = await alike(plain, "{ x: items { path } }", root={"items": [1, 2]})
    assert data(result)["x"][1] == {"path": "['x', 1, 'path']"}
