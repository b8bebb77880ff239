"""Images: which selections have one, and what it holds objects to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from gateway.execution import Native, Traits, batched, from_parent, usually
from gateway.execution.images import Image
from tests.execution.alike import alike, data, plan
from tests.execution.test_selection import SCHEMA, TRAITS, Record, read
from tests.execution.toy import Animal, Tag, schema


def _image(query: str) -> Image | None:
    made = plan(SCHEMA, query, TRAITS)._variants[()]
    return made._fields[0].completion.routes.only.image  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("query", "has_one"),
    [
        ("{ items { number text } }", True),
        ("{ items { number inner { inners { text } } } }", True),
        ("{ items { a: number b: number } }", False),
        ("{ items { number __typename } }", False),
        ("{ items { number inner { __typename } } }", False),
        ("{ items { number @skip(if: true) } }", False),
    ],
)
def test_a_selection_of_attributes_has_an_image(query: str, *, has_one: bool) -> None:
    """Each attribute once, all the way down, or the longer way."""
    assert (_image(query) is not None) == has_one


@pytest.mark.parametrize("zone", [None, UTC])
async def test_conditions_hold_for_what_lies_below(zone: Any) -> None:
    """A value that does not fit, however deep, is serialized as graphql-core does."""
    traits = Traits(
        natives={
            "DateTime": Native(
                annotation=datetime, fits=lambda times: {one.tzinfo for one in times} == {None}
            )
        }
    )
    time = datetime(2026, 1, 1, tzinfo=zone)
    animals = [Animal(tag=Tag(made=time), tags=[Tag(made=None), None], strict=[Tag(made=time)]), Animal()]
    await alike(
        schema, "{ cats { tag { made } tags { made } strict { made text } } }", root=animals, traits=traits
    )


ASKED: list[str] = []
"""Fields whose functions were called."""


@strawberry.type
class Page:
    """A number and pages, which not every record has; records of other classes are none."""

    text: str | None

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Look at the class."""
        return type(value) is Record

    @strawberry.field(graphql_type=int | None)  # type: ignore[untyped-decorator]
    @staticmethod
    @batched
    @from_parent
    @usually("number")
    def number(records: strawberry.Parent[Sequence[Any]]) -> Any:
        """Return the number, or how long it would be."""
        ASKED.append("number")
        return [len(record.number) if type(record.number) is str else record.number for record in records]

    @strawberry.field(graphql_type=list["Page"] | None)  # type: ignore[untyped-decorator]
    @staticmethod
    @batched
    @from_parent
    @usually("inners", null=False)
    def inners(records: strawberry.Parent[Sequence[Any]]) -> Any:
        """Return the pages, of which there may be none."""
        ASKED.append("inners")
        return [() if record.inners is None else record.inners for record in records]


@strawberry.type
class Book:
    """The root."""

    @strawberry.field(graphql_type=list[Page | None])  # type: ignore[untyped-decorator]
    @staticmethod
    def pages(root: strawberry.Parent[Any]) -> Any:
        """Return the root."""
        return root


BOOK = strawberry.Schema(query=Book, config=StrawberryConfig(default_resolver=read))


@pytest.mark.parametrize(
    ("record", "asked"),
    [
        (Record(), False),
        (Record(number=None), False),
        (Record(inners=[Record(number=2), Record(inners=(Record(text=None),))]), False),
        (Record(number="some"), True),
        (Record(inners=None), True),
        (Record(inners=[Record(), Record(inners=None)]), True),
        (Record(inners=[Record(), None]), True),
        (Record(inners=[Record(number="some")]), True),
        (Record(inners=[Animal()]), True),
        (Record(text=None, broken=("text",)), True),
        (Record(inners=[Record(text=None, broken=("text",))]), True),
        (Record(number=2**40), True),
    ],
    ids=str,
)
async def test_what_usually_is_an_attribute_is_asked_for_where_it_is_not(
    record: Record, *, asked: bool
) -> None:
    """Parents are read at once, down to the leaves; their functions are called if that does not do."""
    query = "{ pages { text inners { number inners { text } } number } }"
    usual = Record(inners=[Record(inners=[Record()])])
    expected = await alike(BOOK, query, root=[record, usual], traits=TRAITS)
    made = plan(BOOK, query, TRAITS)
    for _ in range(2):
        await made.execute(None, root_value=[usual])
    ASKED.clear()
    result = await made.execute(None, root_value=[record, usual])
    assert data(result) == data(expected)
    assert [error.formatted for error in result.errors] == [error.formatted for error in expected.errors]
    assert bool(ASKED) == asked
