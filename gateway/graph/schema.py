"""Puts the schema together."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from gateway.graph.attribute import attribute
from gateway.graph.queries import Query
from gateway.graph.scalars import SCALARS
from gateway.graph.types.job import Job
from gateway.graph.types.task import Task
from gateway.graph.types.video import Video

schema = strawberry.Schema(
    query=Query,
    types=[Video, Task, Job],
    config=StrawberryConfig(default_resolver=attribute, scalar_map=SCALARS),
)
"""The graph. Its printed form, ``schema.graphql``, is what people review."""
