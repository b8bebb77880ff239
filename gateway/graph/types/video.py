"""Video: what frontends ask about."""

from __future__ import annotations

import strawberry
from msgspec import UNSET

from gateway.domain import records
from gateway.graph.context import GatewayInfo
from gateway.graph.types.node import Node
from gateway.graph.types.task import Task


@strawberry.type(description="A video in ApsaraVideo VOD and the transcoding work done on it.")
class Video(Node):
    """See `gateway.domain.records.Video`."""

    video_id: strawberry.ID = strawberry.field(description="VOD's VideoId. Never null.")

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
    async def latest_task(root: strawberry.Parent[records.Video], info: GatewayInfo) -> records.Task | None:
        if root.latest_task is not UNSET:
            return root.latest_task
        video = await info.context.loaders.video(root.video_id)
        return None if video is None or video.latest_task is UNSET else video.latest_task
