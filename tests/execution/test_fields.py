"""Fields: what their types say of null."""

from __future__ import annotations

import pytest
from graphql import GraphQLField, build_schema

from gateway.execution.fields import nonnull_of


@pytest.mark.parametrize(
    ("type_", "nonnull"),
    [
        ("Int", (False,)),
        ("Int!", (True,)),
        ("[Int]", (False, False)),
        ("[Int!]!", (True, True)),
        ("[[Int!]]!", (True, False, True)),
    ],
)
def test_every_level_of_lists_allows_null_or_not(type_: str, nonnull: tuple[bool, ...]) -> None:
    """The first is the value's own, the last that of what lies in the innermost list."""
    query = build_schema(f"type Query {{ field: {type_} }}").query_type
    assert query is not None
    field: GraphQLField = query.fields["field"]
    assert nonnull_of(field.type) == nonnull
