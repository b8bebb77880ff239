"""Puts the schema together."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from gateway.graph.attribute import attribute
from gateway.graph.queries import Query
from gateway.graph.scalars import SCALARS
from gateway.graph.subscriptions import Subscription
from gateway.graph.types.job import Job
from gateway.graph.types.task import Task
from gateway.graph.types.video import Video


def build(query: type = Query, scalars: dict[object, Any] | None = None) -> strawberry.Schema:
    """Return a schema.

    Args:
        query: Its root type: `Query`, or what adds to it.
        scalars: More of them.
    """
    return strawberry.Schema(
        query=query,
        subscription=Subscription,
        types=[Video, Task, Job],
        config=StrawberryConfig(default_resolver=attribute, scalar_map=SCALARS | (scalars or {})),
    )


schema = build()
"""The graph. Its printed form, ``schema.graphql``, is what people review."""
