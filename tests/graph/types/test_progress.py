"""VideoProgress and TaskProgress."""

from __future__ import annotations

import pytest

from gateway.domain.errors import CircuitOpen
from gateway.graph.context import Context
from gateway.graph.documents import DocumentStore
from gateway.graph.schema import schema
from gateway.live.state import VideoState, trouble_of
from gateway.loaders import Loaders
from tests.graph.upstreams import Counting


async def test_trouble_is_told_as_errors_are() -> None:
    """With the same codes, and milliseconds."""
    trouble = trouble_of(CircuitOpen("left alone", retry_after=1.5), None)
    query = "subscription { videos(ids: []) { trouble { code retryable retryAfterMs provider message } } }"
    context = Context(loaders=Loaders(Counting()), request_id="")
    documents = DocumentStore(schema._schema)
    plan = documents.plan(documents.get(query), None)
    result = await plan.execute(context, {}, root_value=VideoState(id="a", trouble=trouble))
    assert not result.errors
    assert trouble.retry_after_ms == 1500


@pytest.mark.parametrize("type_", ["VideoProgress", "TaskProgress", "Trouble"])
def test_every_field_is_described(type_: str) -> None:
    """With the meaning of null."""
    fields = schema._schema.type_map[type_].fields  # type: ignore[attr-defined]
    assert all("ull" in field.description for field in fields.values())
