"""Selections: columns of attributes, and the short way for nothing but attributes."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest
import strawberry
from msgspec import Struct
from strawberry.schema.config import StrawberryConfig

from gateway.execution import Traits
from tests.execution.alike import alike, data


class Record(Struct, kw_only=True):
    """A record that keeps errors beside values that are None."""

    number: Any = 1
    text: Any = "text"
    inner: Any = None
    inners: Any = ()
    broken: tuple[str, ...] = ()

    @property
    def worked_out(self) -> int:
        """Fail for zero."""
        return int(10 / self.number)


def read(record: Any, name: str) -> Any:
    """Return an attribute, or raise the error kept in its place."""
    value = getattr(record, name)
    if value is None and name in getattr(record, "broken", ()):
        raise ValueError(f"{name} is broken")
    return value


@strawberry.type
class Item:
    """Nothing but attributes."""

    number: int | None
    text: str
    worked_out: int | None
    inner: Item | None
    inners: list[Item | None] | None


@strawberry.type
class Query:
    """The root."""

    @strawberry.field(graphql_type=list[Item | None])  # type: ignore[untyped-decorator]
    @staticmethod
    def items(root: strawberry.Parent[Any]) -> Any:
        """Return the root."""
        return root


SCHEMA = strawberry.Schema(query=Query, config=StrawberryConfig(default_resolver=read))
TRAITS = Traits(
    attribute=read, doubt=lambda kind: attrgetter("broken") if kind is Record else None, class_tells_type=True
)
QUERIES = [
    "{ items { number text } }",
    "{ items { n: number text inner { number inner { t: text } } inners { text inner { number } } } }",
    "{ items { a: number b: number text } }",
    "{ items { workedOut inner { workedOut } } }",
    "{ items { __typename text } }",
    "{ items { text inner { number @skip(if: true) } } }",
]
ITEMS: list[Any] = [
    Record(),
    Record(number=None),
    Record(number=None, broken=("number",)),
    Record(text=None, broken=("text",)),
    Record(number=0),
    Record(number="7"),
    Record(number=2**40),
    Record(text=7),
    Record(inner=Record(number=None, broken=("number",))),
    Record(inner=Record(inner=Record(text=None))),
    Record(inner=ValueError("no")),
    Record(inner={"number": 1, "text": "x", "inner": None}),
    Record(inners=[Record(), None, Record(text=None)]),
    Record(inners=[Record(inner=Record(number=None, broken=("number",)))]),
    Record(inners=[ValueError("no"), Record()]),
    Record(inners=7),
    Record(inners={Record().text: 1}),
    ValueError("no"),
    None,
    object(),
]


@pytest.mark.parametrize("query", QUERIES)
async def test_attributes_are_read_alike(query: str) -> None:
    """Errors kept beside attributes, wrong values, properties that raise: each is told where it is."""
    for traits in (TRAITS, Traits()):
        for item in ITEMS:
            await alike(SCHEMA, query, root=[Record(), item, Record()], traits=traits)
        await alike(SCHEMA, query, root=ITEMS, traits=traits)


async def test_aliases_and_awkward_keys_are_written_as_asked() -> None:
    """Response keys may be any name, Python's own words among them."""
    query = "{ items { class: number _: text __x: text self: number f0: text def: inner { from: text } } }"
    await alike(SCHEMA, query, root=[Record(inner=Record())], traits=TRAITS)


async def test_a_selection_may_turn_out_empty() -> None:
    """Where everything is skipped, objects are there and have no fields."""
    result = await alike(SCHEMA, "{ items { text @skip(if: true) } }", root=[Record(), None, Record()])
    assert data(result) == {"items": [{}, None, {}]}
