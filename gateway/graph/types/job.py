"""Job: one rendition of a task's input, and the group it is packaged in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import strawberry

from gateway.domain import records
from gateway.execution import batched, from_parent, usually
from gateway.graph.attribute import told
from gateway.graph.context import GatewayInfo
from gateway.graph.types.enums import Provider, Status
from gateway.graph.types.file import Input, Location
from gateway.graph.types.node import Node
from gateway.graph.types.observation import Observation
from gateway.graph.types.output import Output

_SECOND_CALL = (
    " For VOD tasks seen in a summary, selecting this costs calls of ListTranscodeTask and GetTranscodeTask."
)


def _full(info: GatewayInfo) -> Callable[[records.Job], Awaitable[records.Job]]:
    return lambda job: info.context.loaders.job_in_full(job.id)


@strawberry.type(description="Why a task, group or job failed, in the provider's words.")
class Problem:
    """See `gateway.domain.records.Problem`."""

    code: str | None = strawberry.field(
        description=(
            "The provider's code, e.g. InvalidParameter.ResourceContentBad or 2003. Null where none came."
        )
    )
    message: str | None = strawberry.field(
        description="The provider's explanation, for people. Null where none came."
    )


@strawberry.type(description="The transcoding settings a job was made with.")
class Template:
    """See `gateway.domain.records.Template`."""

    id: strawberry.ID | None = strawberry.field(
        description="The provider's id of the template, not a Node id. Null where the provider tells none."
    )
    name: str | None = strawberry.field(
        description="Name of the template (Visionular). Null for other providers."
    )


@strawberry.type(
    description=(
        "Jobs that are packaged together (IMS output groups), e.g. the renditions of one HLS playlist."
    )
)
class JobGroup:
    """See `gateway.domain.records.JobGroup`."""

    name: str | None = strawberry.field(description="Name of the group. Null where IMS tells none.")
    provider_id: str | None = strawberry.field(
        description="IMS's TaskId of the group. Null while IMS tells none."
    )
    status: Status = strawberry.field(description="State of the group; UNKNOWN while IMS tells none.")
    provider_status: str | None = strawberry.field(
        description=(
            "IMS's word for the state: Init, Running, Success, Failed, Skipped. Null while it tells none."
        )
    )
    created_at: datetime | None = strawberry.field(description="When it was made. Null while unknown.")
    completed_at: datetime | None = strawberry.field(description="When it ended. Null before that.")
    error: Problem | None = strawberry.field(
        description="Code and message as IMS sends them, which it may do for a success too. Null without any."
    )
    type: str | None = strawberry.field(description="Packaging: File, Hls or Dash. Null where not told.")
    manifest_name: str | None = strawberry.field(
        description="File name of the playlist, without suffix. Null where there is none."
    )
    location: Location | None = strawberry.field(
        description="Base address of the group's files. Null where not told."
    )


@strawberry.type(description="One rendition: a template applied to the task's input.")
class Job(Node):
    """See `gateway.domain.records.Job`."""

    provider: Provider = strawberry.field(description="Who does the work. Never null.")
    source: str = strawberry.field(
        description="Which of the provider's accounts has it; `default` where there is one only. Never null."
    )
    name: str | None = strawberry.field(
        description="Name in the task's configuration (IMS). Null for other providers."
    )
    group: JobGroup | None = strawberry.field(
        description="The group the job is packaged in (IMS). Null outside a group and for other providers."
    )
    status: Status = strawberry.field(description="State; UNKNOWN while the provider tells none.")
    provider_status: str | None = strawberry.field(
        description="The provider's own word for the state. Null while it tells none."
    )
    progress: int | None = strawberry.field(
        description=(
            "Percent, 0 to 100 (VOD); a failed job may stop anywhere. Null for IMS, which tells progress of "
            "the task only, and for Visionular generations that tell none."
        )
    )
    template: Template | None = strawberry.field(
        description="The settings used. Null where the provider tells none."
    )
    created_at: datetime | None = strawberry.field(description="When the job was made. Null while unknown.")
    completed_at: datetime | None = strawberry.field(
        description="When the job ended, well or badly. Null before that and where not told."
    )
    error: Problem | None = strawberry.field(
        description=(
            "Code and message as the provider sends them; IMS may do so for a success too, so trust status. "
            "Null without any."
        )
    )
    output: Output | None = strawberry.field(
        description="The file made. Null where nothing is known of it yet."
    )
    override_params: str | None = strawberry.field(
        description="What the configuration overrides in the template, JSON text (IMS). Null where nothing."
    )
    features: str | None = strawberry.field(
        description="Extra processing that was configured, JSON text (IMS). Null where none."
    )
    file_name: str | None = strawberry.field(
        description="Name given to the output within its group (IMS). Null outside a group."
    )
    observed_at: datetime = strawberry.field(
        description=(
            "When the gateway last saw the job at the provider: the honest age of its data. Never null."
        )
    )
    observation: Observation = strawberry.field(description="The provider call the job was read from.")

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Tell the records behind Node apart."""
        return isinstance(value, records.Job)

    @strawberry.field(
        graphql_type=str | None,
        description=(
            "The provider's id of the job: VOD TranscodeJobId, IMS TaskId of the output. Null while there is "
            "none, and for Visionular, whose tasks have one job." + _SECOND_CALL
        ),
    )
    @staticmethod
    @batched
    @from_parent
    @usually("provider_id")
    def provider_id(roots: strawberry.Parent[Sequence[records.Job]], info: GatewayInfo) -> Any:
        return told(roots, "provider_id", _full(info))

    @strawberry.field(
        graphql_type=int | None,
        description=(
            "1 to 10, higher goes first (VOD, IMS). Null where the provider tells none, and for Visionular."
            + _SECOND_CALL
        ),
    )
    @staticmethod
    @batched
    @from_parent
    @usually("priority")
    def priority(roots: strawberry.Parent[Sequence[records.Job]], info: GatewayInfo) -> Any:
        return told(roots, "priority", _full(info))

    @strawberry.field(
        graphql_type=Input | None,
        description=(
            "The file this job reads (VOD, Visionular). Null for IMS, whose inputs belong to the task."
            + _SECOND_CALL
        ),
    )
    @staticmethod
    @batched
    @from_parent
    @usually("input")
    def input(roots: strawberry.Parent[Sequence[records.Job]], info: GatewayInfo) -> Any:
        return told(roots, "input", _full(info))
