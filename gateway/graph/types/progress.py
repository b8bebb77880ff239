"""VideoProgress and TaskProgress: what subscribers are told."""

from __future__ import annotations

from datetime import datetime

import strawberry

from gateway.graph.types.enums import Provider
from gateway.graph.types.task import Task
from gateway.graph.types.video import Video

_ID = "The id as it was asked for: tells the watched apart. Never null."
_TROUBLE = "Why there is no news at present. Null while the provider answers."


@strawberry.type(
    description="Why there is no news at present. The subscription goes on, and tells when it is over."
)
class Trouble:
    """See `gateway.live.state.Trouble`."""

    code: str = strawberry.field(
        description="As extensions.code of an error, e.g. UPSTREAM_UNAVAILABLE. Never null."
    )
    message: str = strawberry.field(description="One sentence for people. Never null.")
    provider: Provider | None = strawberry.field(
        description="Whose trouble it is. Null where it is the gateway's own."
    )
    retryable: bool = strawberry.field(
        description="Whether it may pass by itself; where not, somebody has to do something. Never null."
    )
    retry_after_ms: int | None = strawberry.field(
        description="Milliseconds after which news may come. Null where unknown."
    )
    since: datetime = strawberry.field(description="When the gateway met it first. Never null.")


@strawberry.type(description="A watched video at one moment.")
class VideoProgress:
    """See `gateway.live.state.VideoState`."""

    id: strawberry.ID = strawberry.field(description=_ID)
    video: Video | None = strawberry.field(
        description=(
            "The video with its latest task. Null where VOD knows no such video, and while nothing is known "
            "yet, as observedAt tells."
        )
    )
    observed_at: datetime | None = strawberry.field(
        description="When VOD was first seen to say so; unchanged since. Null while nothing is known."
    )
    trouble: Trouble | None = strawberry.field(description=_TROUBLE)
    finished: bool = strawberry.field(
        description="Whether the latest task has ended: no message about this video follows. Never null."
    )


@strawberry.type(description="A watched task at one moment.")
class TaskProgress:
    """See `gateway.live.state.TaskState`."""

    id: strawberry.ID = strawberry.field(description=_ID)
    task: Task | None = strawberry.field(
        description=(
            "The task. Null where its provider knows no such task, and while nothing is known yet, as "
            "observedAt tells."
        )
    )
    observed_at: datetime | None = strawberry.field(
        description=(
            "When its provider was first seen to say so; unchanged since. Null while nothing is known."
        )
    )
    trouble: Trouble | None = strawberry.field(description=_TROUBLE)
    finished: bool = strawberry.field(
        description="Whether the task has ended: no message about it follows. Never null."
    )
