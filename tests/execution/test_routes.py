"""Routes: objects of interfaces part by their types and meet again."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema

from gateway.execution import Traits
from tests.execution.alike import alike, data, plan
from tests.execution.toy import Animal, schema

MIXED = """{ creatures {
    __typename name ... on Cat { legs later friends { name ... on Dog { mood } } } ... on Dog { mood }
} }"""


async def test_objects_of_an_interface_keep_their_places() -> None:
    """Each object goes through the selection for its type, and stands where it stood."""
    friends = [Animal(kind="Dog", name="Rex"), None, Animal(name="Kit")]
    animals = [
        Animal(friends=friends),
        Animal(kind="Dog", name="Bob"),
        Animal(age=0),
        Animal(kind="Dog", mood=None),
    ]
    result = await alike(schema, MIXED, root=animals, ordered=False)
    assert [one and one["__typename"] for one in data(result)["creatures"]] == ["Cat", "Dog", "Cat", None]
    assert [error.path for error in result.errors] == [["creatures", 2, "later"], ["creatures", 3, "mood"]]


async def test_an_object_of_no_type_is_an_error() -> None:
    """What none of the possible types claims fails in graphql-core's words, at its own place."""
    result = await alike(schema, MIXED, root=[Animal(kind="Fish"), Animal()])
    assert "must resolve to an Object type at runtime" in result.errors[0].message
    result = await alike(schema, "{ cat { name } }", root=[Animal(kind="Dog")])
    assert result.errors[0].message.startswith("Expected value of type 'Cat' but got")


@pytest.mark.parametrize("name", ["A", "B", "Int", "Query", "Nope", None, 7])
async def test_names_of_types_are_checked(name: Any) -> None:
    """Whatever ``resolve_type`` returns, graphql-core would say the same of it."""
    plain = build_schema("""
        type Query { items: [AorB] named: Named }
        union AorB = A | B
        interface Named { name: String }
        type A implements Named { name: String, a: Int }
        type B { name: String }
    """)
    for type_ in ("AorB", "Named"):
        plain.type_map[type_].resolve_type = (  # type: ignore[attr-defined]
            lambda value, _info, _type: value["type"]
        )
    root = {
        "items": [{"type": "A", "a": 1}, {"type": name, "name": "x"}],
        "named": {"type": name, "name": "y"},
    }
    await alike(plain, "{ items { ... on A { a } ... on B { name } } named { name } }", root=root)


async def test_a_class_may_tell_the_type() -> None:
    """Where traits say so, a class is looked at once; objects that were are taken as they are."""

    class Dog(Animal):
        """Its class tells."""

    asked: list[str] = []
    cat = schema._schema.type_map["Cat"]
    original = cat.is_type_of  # type: ignore[attr-defined]

    def is_type_of(value: Any, info: Any) -> bool:
        asked.append(type(value).__name__)
        return bool(original(value, info))

    cat.is_type_of = is_type_of  # type: ignore[attr-defined]
    try:
        made = plan(schema, MIXED, Traits(class_tells_type=True))
        animals = [Animal(), Dog(kind="Dog"), Animal(), Dog(kind="Dog")]
        first = await made.execute(None, root_value=animals)
        assert asked
        asked.clear()
        assert data(await made.execute(None, root_value=animals)) == data(first)
        assert asked == []
    finally:
        cat.is_type_of = original  # type: ignore[attr-defined]
