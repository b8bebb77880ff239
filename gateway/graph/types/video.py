"""Video: what frontends ask about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry
from msgspec import UNSET

from gateway.domain import records
from gateway.domain.identity import VideoRef
from gateway.execution import batched, from_parent, usually
from gateway.graph import filters
from gateway.graph.context import GatewayInfo
from gateway.graph.lists import Listed, task_page
from gateway.graph.types.connection import TaskConnection
from gateway.graph.types.enums import Status
from gateway.graph.types.node import Node
from gateway.graph.types.task import Task


@strawberry.type(description="A video in ApsaraVideo VOD and the transcoding work done on it.")
class Video(Node):
    """See `gateway.domain.records.Video`."""

    video_id: strawberry.ID = strawberry.field(description="VOD's VideoId. Never null.")
    source: str = strawberry.field(
        description="Which of VOD's accounts has it; `default` where there is one only. Never null."
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Tell the records behind Node apart."""
        return isinstance(value, records.Video)

    @strawberry.field(
        graphql_type=Task | None,
        description=(
            "The newest VOD transcoding, of the past year. Up to ten videos share one call of "
            "GetTranscodeSummary. Null where the video was never transcoded or VOD does not know it."
        ),
    )
    @staticmethod
    @batched
    @from_parent
    @usually("latest_task")
    def latest_task(roots: strawberry.Parent[Sequence[records.Video]], info: GatewayInfo) -> Any:
        tasks = [root.latest_task for root in roots]
        return _looked_up(roots, info) if UNSET in tasks else tasks

    @strawberry.field(
        graphql_type=TaskConnection | None,
        description=(
            "VOD's work on the video in the past year, newest first: a call of ListTranscodeTask, and more "
            "where there are over 50 tasks. Null only together with an error."
        ),
    )
    @staticmethod
    async def tasks(
        root: strawberry.Parent[records.Video],
        info: GatewayInfo,
        first: filters.First = filters.DEFAULT,
        after: filters.After = None,
        last: filters.Last = None,
        before: filters.Before = None,
        created_after: Annotated[
            datetime | None,
            strawberry.argument(name="createdAfter", description=filters.CREATED_AFTER + " Null: no limit."),
        ] = None,
        created_before: Annotated[
            datetime | None,
            strawberry.argument(name="createdBefore", description=filters.CREATED_BEFORE),
        ] = None,
        statuses: Annotated[list[Status] | None, strawberry.argument(description=filters.STATUSES)] = None,
        template_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                name="templateId", description="Tasks made with this TranscodeTemplateGroupId. Null: all."
            ),
        ] = None,
    ) -> Listed:
        size = filters.page_size(first, last, before)
        criteria = filters.criteria(
            providers=[records.Provider.VOD],
            sources=[root.source],
            video_ids=[root.video_id],
            statuses=statuses,
            created_after=created_after,
            created_before=created_before,
            template_id=template_id,
        )
        return await task_page(info.context, criteria, first=size, after=after, max_age=None)


async def _looked_up(roots: Sequence[records.Video], info: GatewayInfo) -> list[Any]:
    unknown = [
        VideoRef(video_id=root.video_id, source=root.source) for root in roots if root.latest_task is UNSET
    ]
    found = iter(await info.context.loaders.videos_of(unknown))
    tasks: list[Any] = []
    for root in roots:
        task: Any = root.latest_task
        if task is UNSET:
            video = next(found)
            task = video.latest_task if isinstance(video, records.Video) else video
        tasks.append(None if task is UNSET else task)
    return tasks
