"""Output: the file a job makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import strawberry
from msgspec import UNSET

from gateway.domain import records
from gateway.graph.attribute import attribute
from gateway.graph.context import GatewayInfo
from gateway.graph.scalars import BigInt
from gateway.graph.types.file import Location
from gateway.graph.types.streams import AudioStream, SubtitleStream, VideoStream

_SECOND_CALL = (
    " For VOD tasks seen in a summary, selecting this costs calls of ListTranscodeTask and GetTranscodeTask."
)


async def _in_full(output: records.Output, info: GatewayInfo) -> records.Output:
    job = await info.context.loaders.job_in_full(output.job_id)
    return job.output or output


def _told(output: records.Output, name: str) -> Any:
    """Return an attribute of an output read in full; what even that does not tell is null."""
    value = attribute(output, name)
    return None if value is UNSET else value


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
        description=(
            "Downloadable address. May be pre-signed and expire: do not store or log it. Null while there is "
            "no file." + _SECOND_CALL
        )
    )
    @staticmethod
    async def url(root: strawberry.Parent[records.Output], info: GatewayInfo) -> str | None:
        return _told(await _in_full(root, info) if root.url is UNSET else root, "url")

    @strawberry.field(
        graphql_type=list[VideoStream] | None,
        description="Video streams (VOD, IMS). Null while unknown, and for Visionular." + _SECOND_CALL,
    )
    @staticmethod
    async def video_streams(
        root: strawberry.Parent[records.Output], info: GatewayInfo
    ) -> Sequence[records.VideoStream] | None:
        return _told(await _in_full(root, info) if root.video_streams is UNSET else root, "video_streams")

    @strawberry.field(
        graphql_type=list[AudioStream] | None,
        description="Audio streams (VOD, IMS). Null while unknown, and for Visionular." + _SECOND_CALL,
    )
    @staticmethod
    async def audio_streams(
        root: strawberry.Parent[records.Output], info: GatewayInfo
    ) -> Sequence[records.AudioStream] | None:
        return _told(await _in_full(root, info) if root.audio_streams is UNSET else root, "audio_streams")

    @strawberry.field(
        graphql_type=list[SubtitleStream] | None,
        description="Subtitle streams (VOD). Null while unknown, and for other providers." + _SECOND_CALL,
    )
    @staticmethod
    async def subtitle_streams(
        root: strawberry.Parent[records.Output], info: GatewayInfo
    ) -> Sequence[records.SubtitleStream] | None:
        return _told(
            await _in_full(root, info) if root.subtitle_streams is UNSET else root, "subtitle_streams"
        )
