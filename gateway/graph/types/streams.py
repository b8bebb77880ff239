"""What is inside an output: its video, audio and subtitle streams (VOD and IMS)."""

from __future__ import annotations

import strawberry

_NULL = " Null where the provider does not tell."


@strawberry.type(description="One video stream of an output (VOD, IMS).")
class VideoStream:
    """See `gateway.domain.records.VideoStream`."""

    index: int | None = strawberry.field(description="Number of the stream within the file, from 0." + _NULL)
    codec_name: str | None = strawberry.field(description="Codec's short name, e.g. h264." + _NULL)
    codec_long_name: str | None = strawberry.field(description="Codec's full name." + _NULL)
    codec_tag: str | None = strawberry.field(description="Codec tag in hexadecimal, e.g. 0x001b." + _NULL)
    codec_tag_string: str | None = strawberry.field(description="Codec tag as text." + _NULL)
    codec_time_base: str | None = strawberry.field(description="Codec time base in seconds, a ratio." + _NULL)
    profile: str | None = strawberry.field(description="Encoding profile, e.g. High." + _NULL)
    level: str | None = strawberry.field(description="Encoding level, e.g. 31." + _NULL)
    width: int | None = strawberry.field(description="Width in pixels." + _NULL)
    height: int | None = strawberry.field(description="Height in pixels." + _NULL)
    pixel_format: str | None = strawberry.field(description="Pixel format, e.g. yuv420p." + _NULL)
    fps: float | None = strawberry.field(description="Frames per second." + _NULL)
    average_fps: float | None = strawberry.field(description="Average frames per second (IMS)." + _NULL)
    bitrate: float | None = strawberry.field(description="Bitrate in kbit/s." + _NULL)
    duration: float | None = strawberry.field(description="Length in seconds." + _NULL)
    start_time: float | None = strawberry.field(description="Start within the file in seconds." + _NULL)
    time_base: str | None = strawberry.field(description="Time base in seconds, a ratio." + _NULL)
    frame_count: int | None = strawberry.field(description="Number of frames." + _NULL)
    b_frames: int | None = strawberry.field(description="Number of consecutive B-frames; 0 for none." + _NULL)
    sample_aspect_ratio: str | None = strawberry.field(description="Shape of a pixel, e.g. 1:1." + _NULL)
    display_aspect_ratio: str | None = strawberry.field(
        description="Shape of the picture, e.g. 16:9." + _NULL
    )
    rotation: int | None = strawberry.field(description="Rotation in degrees." + _NULL)
    language: str | None = strawberry.field(description="Language code." + _NULL)


@strawberry.type(description="One audio stream of an output (VOD, IMS).")
class AudioStream:
    """See `gateway.domain.records.AudioStream`."""

    index: int | None = strawberry.field(description="Number of the stream within the file, from 0." + _NULL)
    codec_name: str | None = strawberry.field(description="Codec's short name, e.g. aac." + _NULL)
    codec_long_name: str | None = strawberry.field(description="Codec's full name." + _NULL)
    codec_tag: str | None = strawberry.field(description="Codec tag in hexadecimal, e.g. 0x000f." + _NULL)
    codec_tag_string: str | None = strawberry.field(description="Codec tag as text." + _NULL)
    codec_time_base: str | None = strawberry.field(description="Codec time base in seconds, a ratio." + _NULL)
    bitrate: float | None = strawberry.field(description="Bitrate in kbit/s." + _NULL)
    sample_rate: int | None = strawberry.field(description="Sample rate in Hz." + _NULL)
    sample_format: str | None = strawberry.field(description="Sample format, e.g. fltp." + _NULL)
    channels: int | None = strawberry.field(description="Number of channels." + _NULL)
    channel_layout: str | None = strawberry.field(description="Arrangement of channels, e.g. stereo." + _NULL)
    duration: float | None = strawberry.field(description="Length in seconds." + _NULL)
    start_time: float | None = strawberry.field(description="Start within the file in seconds." + _NULL)
    time_base: str | None = strawberry.field(description="Time base in seconds, a ratio." + _NULL)
    language: str | None = strawberry.field(description="Language code." + _NULL)


@strawberry.type(description="One subtitle stream of an output (VOD).")
class SubtitleStream:
    """See `gateway.domain.records.SubtitleStream`."""

    index: int | None = strawberry.field(description="Number of the stream within the file, from 0." + _NULL)
    codec_name: str | None = strawberry.field(description="Format's short name." + _NULL)
    codec_long_name: str | None = strawberry.field(description="Format's full name." + _NULL)
    codec_tag: str | None = strawberry.field(description="Codec tag in hexadecimal." + _NULL)
    codec_tag_string: str | None = strawberry.field(description="Codec tag as text." + _NULL)
    codec_time_base: str | None = strawberry.field(description="Codec time base in seconds, a ratio." + _NULL)
    duration: float | None = strawberry.field(description="Length in seconds." + _NULL)
    start_time: float | None = strawberry.field(description="Start within the file in seconds." + _NULL)
    time_base: str | None = strawberry.field(description="Time base in seconds, a ratio." + _NULL)
    language: str | None = strawberry.field(description="Language code." + _NULL)
