"""The root fields that go on: what of the watched a message tells.

Resolvers here answer one event, which is the root value. Where events come from is decided before, once for
all subscribers: see `gateway.graph.streams`.
"""

from __future__ import annotations

from typing import Annotated

import strawberry

from gateway.graph.types.progress import TaskProgress, VideoProgress
from gateway.live.state import TaskState, VideoState

_FLOW = (
    " First comes the present state of each, then a message for every change of one, and the end when all "
    "have finished. Whoever is slow misses states between, never the last. However many subscribe, the "
    "provider is asked once."
)


@strawberry.type(description="Everything that can be watched.")
class Subscription:
    """The root type."""

    @strawberry.field(
        graphql_type=VideoProgress, description="Videos and their latest tasks, as they move." + _FLOW
    )
    @staticmethod
    def videos(
        root: strawberry.Parent[VideoState],
        ids: Annotated[  # noqa: ARG004 - decides which events there are
            list[strawberry.ID],
            strawberry.argument(description="VOD's VideoIds, or global ids of Videos; 1 to 50."),
        ],
    ) -> VideoState:
        return root

    @strawberry.field(graphql_type=TaskProgress, description="Tasks of any provider, as they move." + _FLOW)
    @staticmethod
    def tasks(
        root: strawberry.Parent[TaskState],
        ids: Annotated[  # noqa: ARG004 - decides which events there are
            list[strawberry.ID],
            strawberry.argument(description="Global ids of Tasks, from fields `id`; 1 to 50."),
        ],
    ) -> TaskState:
        return root
