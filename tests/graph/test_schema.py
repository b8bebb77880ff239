"""The schema and its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    find_breaking_changes,
    is_introspection_type,
    is_specified_scalar_type,
)

from gateway.graph.schema import schema

FILE = Path(__file__).parents[2] / "schema.graphql"


def test_the_file_is_the_schema() -> None:
    """What people review is what is served."""
    assert FILE.read_text("utf-8") == schema.as_str() + "\n", "`gateway schema` rewrites schema.graphql"


def test_clients_of_the_last_release_are_safe() -> None:
    """Nothing they may use is gone or different."""
    released = build_schema((FILE.parent / "schema.released.graphql").read_text("utf-8"))
    assert [change.description for change in find_breaking_changes(released, schema._schema)] == []


def _says_nothing(described: Any) -> bool:
    return len((described.description or "").split()) <= 1


def _undescribed() -> Iterator[str]:
    for name, type_ in schema._schema.type_map.items():
        if is_introspection_type(type_) or is_specified_scalar_type(type_):
            continue
        if _says_nothing(type_):
            yield name
        if isinstance(type_, GraphQLEnumType):
            yield from (f"{name}.{key}" for key, value in type_.values.items() if _says_nothing(value))
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in type_.fields.items():
                if _says_nothing(field):
                    yield f"{name}.{field_name}"
                for argument_name, argument in getattr(field, "args", {}).items():
                    if _says_nothing(argument):
                        yield f"{name}.{field_name}({argument_name})"


def test_everything_is_described() -> None:
    """Every type, field, argument and enum value has a text for the people who use it."""
    assert list(_undescribed()) == []


def test_every_nullable_field_says_what_null_means() -> None:
    """A frontend never has to guess why there is no value."""
    silent = []
    for name, type_ in schema._schema.type_map.items():
        if is_introspection_type(type_) or not isinstance(type_, GraphQLObjectType):
            continue
        for field_name, field in type_.fields.items():
            nullable = not str(field.type).endswith("!")
            if nullable and "null" not in (field.description or "").lower():
                silent.append(f"{name}.{field_name}")
    assert silent == []
