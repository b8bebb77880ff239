"""Task: one piece of work that a provider was given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gateway.domain import identity, records
from gateway.execution import batched, from_parent, usually
from gateway.graph.attribute import told
from gateway.graph.context import GatewayInfo
from gateway.graph.types.enums import Provider, Status, Trigger
from gateway.graph.types.file import Input
from gateway.graph.types.job import Job, Problem
from gateway.graph.types.node import Node
from gateway.graph.types.observation import Observation

if TYPE_CHECKING:
    from gateway.graph.types.video import Video

_ONE_MORE_CALL = " For VOD tasks seen in a summary, selecting this costs a call of ListTranscodeTask."
_SECOND_CALL = (
    " For VOD tasks seen in a listing, selecting this costs a call of GetTranscodeTask; for IMS tasks "
    "seen in "
    "a listing, one of GetMediaConvertJob."
)


@strawberry.type(description="One piece of work that a provider was given: an input, and the jobs it became.")
class Task(Node):
    """See `gateway.domain.records.Task`."""

    provider: Provider = strawberry.field(description="Who does the work. Never null.")
    source: str = strawberry.field(
        description=(
            "Which of the provider's accounts has it, by the name this gateway gives it; `default` where "
            "there is one only. Never null."
        )
    )
    name: str | None = strawberry.field(
        description="Name given at creation (IMS JobName). Null for other providers and where none was given."
    )
    status: Status = strawberry.field(description="State; UNKNOWN where the provider's word is not known.")
    provider_status: str | None = strawberry.field(
        description="The provider's own word for the state, untouched. Null where it tells none."
    )
    video_id: strawberry.ID | None = strawberry.field(
        description=(
            "The video the work belongs to: VOD's VideoId, or what IMS userData carries at the "
            "configured path. "
            "Null where no video is known, and for Visionular."
        )
    )
    template_group_id: strawberry.ID | None = strawberry.field(
        description="The group of templates applied (VOD). Null for other providers."
    )
    pipeline_id: strawberry.ID | None = strawberry.field(
        description="The queue the work went through (IMS). Null for other providers."
    )
    user_data: str | None = strawberry.field(
        description=(
            "Text that came with the request for the task, JSON where it was an object (IMS; later "
            "Visionular "
            "generations). Null where there was none, and for VOD."
        )
    )
    client_token: str | None = strawberry.field(
        description="Idempotency key of the request that made the task (IMS). Null for other providers."
    )
    creation_request_id: str | None = strawberry.field(
        description="The provider's id of the request that made the task (IMS). Null for other providers."
    )
    created_at: datetime | None = strawberry.field(description="When the task was made. Null where not told.")
    started_at: datetime | None = strawberry.field(
        description="When work began (later Visionular generations). Null for other providers."
    )
    completed_at: datetime | None = strawberry.field(
        description=(
            "When the provider says the task ended. VOD may send a time for a task still moving: "
            "trust status. "
            "Null before the end and where not told."
        )
    )
    error: Problem | None = strawberry.field(
        description=(
            "Code and message as the provider sends them (IMS, Visionular); IMS may do so for a "
            "success too, so "
            "trust status. Null without any, and for VOD, whose errors belong to jobs."
        )
    )
    observed_at: datetime = strawberry.field(
        description=(
            "When the gateway last saw the task at the provider: the honest age of its data. Never null."
        )
    )
    observation: Observation = strawberry.field(description="The provider call the task was read from.")

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Tell the records behind Node apart."""
        return isinstance(value, records.Task)

    @strawberry.field(
        graphql_type=strawberry.ID | None,
        description=(
            "The provider's own id: VOD TranscodeTaskId, IMS JobId, Visionular task_id. Null where it tells "
            "none." + _ONE_MORE_CALL
        ),
    )
    @staticmethod
    @batched
    @from_parent
    @usually("provider_id")
    def provider_id(roots: strawberry.Parent[Sequence[records.Task]], info: GatewayInfo) -> Any:
        return told(roots, "provider_id", info.context.loaders.task_listed)

    @strawberry.field(
        graphql_type=Trigger | None,
        description="What started the task (VOD). Null where not told, and for other providers."
        + _ONE_MORE_CALL,
    )
    @staticmethod
    @batched
    @from_parent
    @usually("trigger")
    def trigger(roots: strawberry.Parent[Sequence[records.Task]], info: GatewayInfo) -> Any:
        return told(roots, "trigger", info.context.loaders.task_listed)

    @strawberry.field(
        graphql_type=int | None,
        description=(
            "Percent, 0 to 100: the provider's figure where it tells one (IMS, later Visionular "
            "generations), "
            "else the mean of the jobs'. Null while unknown." + _SECOND_CALL
        ),
    )
    @staticmethod
    @batched
    @from_parent
    @usually("progress")
    def progress(roots: strawberry.Parent[Sequence[records.Task]], info: GatewayInfo) -> Any:
        return told(roots, "progress", info.context.loaders.task_in_full)

    @strawberry.field(
        graphql_type=list[Input],
        description=(
            "The source files. Empty where the provider tells none. For VOD tasks seen in a summary, "
            "selecting "
            "this costs calls of ListTranscodeTask and GetTranscodeTask."
        ),
    )
    @staticmethod
    @batched
    @from_parent
    @usually("inputs", null=False)
    def inputs(roots: strawberry.Parent[Sequence[records.Task]], info: GatewayInfo) -> Any:
        return told(roots, "inputs", info.context.loaders.task_in_full, absent=())

    @strawberry.field(
        graphql_type=list[Job] | None,
        description=(
            "The renditions. Empty where none was begun; null only together with an error." + _SECOND_CALL
        ),
    )
    @staticmethod
    @batched
    @from_parent
    @usually("jobs", null=False)
    def jobs(roots: strawberry.Parent[Sequence[records.Task]], info: GatewayInfo) -> Any:
        return told(roots, "jobs", info.context.loaders.task_in_full, absent=())

    @strawberry.field(
        graphql_type=Annotated["Video", strawberry.lazy("gateway.graph.types.video")] | None,
        description="The video the work belongs to, with its latest VOD task. Null where videoId is.",
    )
    @staticmethod
    @from_parent
    def video(root: strawberry.Parent[records.Task]) -> records.Video | None:
        if root.video_id is None:
            return None
        video_id = identity.encode(identity.VideoRef(video_id=root.video_id, source=root.source))
        return records.Video(id=video_id, video_id=root.video_id, source=root.source)
