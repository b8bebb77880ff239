"""Strawberry: which functions are called without it, and which are left to it."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from strawberry import relay
from strawberry.extensions import FieldExtension
from strawberry.types import Info

from gateway.execution.strawberry_fields import attribute_of, signature_of
from tests.execution.alike import alike, core


class Extension(FieldExtension):
    """Does nothing, but might."""

    def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        """Go on."""
        return next_(source, info, **kwargs)


@strawberry.input
class Where:
    """An input object."""

    a: int = 1


@strawberry.type
class Query:
    """Fields of every kind."""

    plain: int | None = None
    wrapped: int = strawberry.field(default=1, extensions=[Extension()])

    @strawberry.field
    @staticmethod
    def direct(info: Info[Any, None], some_ids: list[strawberry.ID], *, deep: bool = True) -> str:
        """Need no conversion."""
        some_ids.append(strawberry.ID("mine"))
        return f"{some_ids} {deep}"

    @strawberry.field
    def method(self) -> str:
        """Be bound to a parent."""
        return "method"

    @strawberry.field
    @staticmethod
    def where(where: Where | None = None, maybe: strawberry.Maybe[int] = None) -> str:
        """Take an input object, and a value that may be absent."""
        return f"{where} {maybe}"

    @strawberry.field
    @staticmethod
    def known(id: relay.GlobalID) -> str:  # noqa: A002 - clients say id
        """Take an id that is decoded."""
        return id.type_name

    @strawberry.field(extensions=[Extension()])  # type: ignore[untyped-decorator]
    @staticmethod
    def extended() -> str:
        """Have an extension."""
        return "extended"


SCHEMA = strawberry.Schema(query=Query)


@pytest.mark.parametrize(
    ("name", "attribute", "direct"),
    [
        ("plain", True, False),
        ("wrapped", False, False),
        ("direct", False, True),
        ("method", False, False),
        ("where", False, False),
        ("known", False, False),
        ("extended", False, False),
    ],
)
def test_only_plain_fields_bypass_strawberry(name: str, *, attribute: bool, direct: bool) -> None:
    """Extensions, methods, and arguments that are converted are left to Strawberry's ``resolve``."""
    query = core(SCHEMA).query_type
    assert query is not None
    definition = query.fields[name]
    assert (attribute_of(core(SCHEMA), definition) is not None) == attribute
    assert (signature_of(core(SCHEMA), definition) is not None) == direct


async def test_all_kinds_of_fields_answer_alike() -> None:
    """Whoever calls the function, it is called with the same."""
    query = """query($ids: [ID!]!, $w: Where) {
        plain wrapped method extended a: direct(someIds: $ids, deep: false) b: direct(someIds: ["x"])
        where(where: $w, maybe: 3) c: where d: known(id: "QTox") e: known(id: "x")
    }"""
    for _ in range(2):
        await alike(SCHEMA, query, {"ids": ["a"], "w": {"a": 2}}, root=Query())
