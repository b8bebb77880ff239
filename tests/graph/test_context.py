"""The context of resolvers."""

from __future__ import annotations

import pytest

from gateway.graph.context import Context


def test_a_context_cannot_be_changed_by_a_resolver() -> None:
    """What one resolver is given is what the next one is given."""
    context = Context(loaders=None, request_id="r")  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        context.request_id = "s"  # type: ignore[misc]
