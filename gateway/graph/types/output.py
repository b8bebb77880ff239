"""Output: the file a job makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import strawberry

from gateway.access.scopes import Scope
from gateway.domain import records
from gateway.execution import batched, from_parent, usually
from gateway.graph.attribute import told
from gateway.graph.context import GatewayInfo
from gateway.graph.scalars import BigInt
from gateway.graph.types.file import Location
from gateway.graph.types.streams import AudioStream, SubtitleStream, VideoStream

_SECOND_CALL = (
    " For VOD tasks seen in a summary, selecting this costs calls of ListTranscodeTask and GetTranscodeTask."
)


def _full(info: GatewayInfo) -> Callable[[records.Output], Awaitable[records.Output]]:
    async def full(output: records.Output) -> records.Output:
        job = await info.context.loaders.job_in_full(output.job_id)
        return job.output or output

    return full


@strawberry.type(description="The file that a job makes. Its figures describe the result, not the template.")
class Output:
    """See `gateway.domain.records.Output`."""

    format: str | None = strawberry.field(
        description=(
            "Container format, e.g. mp4, m3u8. Null while unknown, and for Visionular, which never tells."
        )
    )
    location: Location | None = strawberry.field(
        description="Where the file is kept (IMS, Visionular). Null for VOD, which tells only its url."
    )
    width: int | None = strawberry.field(
        description="Width in pixels (VOD, IMS). Null while unknown or for audio."
    )
    height: int | None = strawberry.field(
        description="Height in pixels (VOD, IMS). Null while unknown or for audio."
    )
    fps: float | None = strawberry.field(description="Frames per second (VOD). Null while unknown.")
    bitrate: float | None = strawberry.field(description="Average bitrate in kbit/s. Null while unknown.")
    duration: float | None = strawberry.field(description="Length in seconds (VOD, IMS). Null while unknown.")
    file_size: BigInt | None = strawberry.field(description="Size in bytes (VOD, IMS). Null while unknown.")
    definition: str | None = strawberry.field(
        description=(
            "Quality label (VOD): LD, SD, HD, FHD, OD, 2K, 4K, SQ, HQ, AUTO. Null for other providers and "
            "where VOD leaves it out."
        )
    )
    encryption: str | None = strawberry.field(
        description=(
            "How the file is encrypted, JSON text (VOD). Null where it is not, and for other providers."
        )
    )
    watermark_ids: list[str] = strawberry.field(
        description="Ids of the watermarks applied (VOD). Empty where there are none."
    )
    media_id: str | None = strawberry.field(
        description="Id of the file in the media library (IMS). Null for other providers and while unknown."
    )
    file_name: str | None = strawberry.field(
        description="Name of the file (IMS). Null for other providers and while unknown."
    )
    file_status: str | None = strawberry.field(
        description=(
            "State of the file in IMS's words, e.g. Normal. Null for other providers and while unknown."
        )
    )
    file_type: str | None = strawberry.field(
        description="source_file or transcode_file (IMS). Null for other providers and while unknown."
    )

    @strawberry.field(
        graphql_type=str | None,
        description=(
            "Downloadable address. May be pre-signed and expire: do not store or log it. Null while there is "
            "no file; an error with code FORBIDDEN without the scope urls." + _SECOND_CALL
        ),
    )
    @staticmethod
    @batched
    @from_parent
    def url(roots: strawberry.Parent[Sequence[records.Output]], info: GatewayInfo) -> Any:
        info.context.principal.need(Scope.URLS)
        return told(roots, "url", _full(info))

    @strawberry.field(
        graphql_type=list[VideoStream] | None,
        description="Video streams (VOD, IMS). Null while unknown, and for Visionular." + _SECOND_CALL,
    )
    @staticmethod
    @batched
    @from_parent
    @usually("video_streams")
    def video_streams(roots: strawberry.Parent[Sequence[records.Output]], info: GatewayInfo) -> Any:
        return told(roots, "video_streams", _full(info))

    @strawberry.field(
        graphql_type=list[AudioStream] | None,
        description="Audio streams (VOD, IMS). Null while unknown, and for Visionular." + _SECOND_CALL,
    )
    @staticmethod
    @batched
    @from_parent
    @usually("audio_streams")
    def audio_streams(roots: strawberry.Parent[Sequence[records.Output]], info: GatewayInfo) -> Any:
        return told(roots, "audio_streams", _full(info))

    @strawberry.field(
        graphql_type=list[SubtitleStream] | None,
        description="Subtitle streams (VOD). Null while unknown, and for other providers." + _SECOND_CALL,
    )
    @staticmethod
    @batched
    @from_parent
    @usually("subtitle_streams")
    def subtitle_streams(roots: strawberry.Parent[Sequence[records.Output]], info: GatewayInfo) -> Any:
        return told(roots, "subtitle_streams", _full(info))
