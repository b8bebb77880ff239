"""Enumerations are the domain's."""

from __future__ import annotations

import pytest

from gateway.graph.schema import schema
from gateway.graph.types.enums import Provider, Status, Trigger


@pytest.mark.parametrize("enum", [Provider, Status, Trigger])
def test_every_value_is_described(enum: type) -> None:
    """A client reads what each value means at each provider."""
    definition = schema.get_type_by_name(enum.__name__)
    assert definition is not None
    assert all(value.description for value in definition.values)  # type: ignore[union-attr]
