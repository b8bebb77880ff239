"""What Intelligent Media Services sends, field for field, as documented and as observed.

Every field may be absent, any number may come as text and any text as a number: what is declared here is what
a value is read as, by `gateway.providers.documented`, and where that is no attribute of the same name, which
field of our record lacks a value that does not fit. Unknown keys are ignored.

Source: GetMediaConvertJob and ListMediaConvertJobs in the IMS API reference 2020-11-09, and the SDK's models
where the pages are silent.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from gateway.providers.documented import Wire
from gateway.providers.kinds import (
    ABSENT,
    BigInteger,
    Code,
    Integer,
    JsonText,
    Number,
    Page,
    Part,
    Parts,
    Percent,
    Rate,
    Text,
    Time,
    Token,
)

VERSION = "2020-11-09"
MAX_PAGE_SIZE = 100


class GetMediaConvertJob(Wire, rename="pascal"):
    """One job by its id."""

    job: Annotated[Part[MediaConvertJob], "task"] = ABSENT


class ListMediaConvertJobs(Wire, rename="pascal"):
    """One page of jobs, without Percent and the details."""

    jobs: Annotated[Page[MediaConvertJob], "tasks"] = ABSENT
    next_page_token: Token = None


class MediaConvertJob(Wire, rename="pascal"):
    """A job in the provider's sense, which is our task; its RequestId is that of the call that made it."""

    job_id: Annotated[Text, "provider_id"] = None
    request_id: Annotated[Text, "creation_request_id"] = None
    client_token: Text = None
    pipeline_id: Text = None
    state: Annotated[Text, "status"] = None
    percent: Annotated[Percent, "progress"] = None
    create_time: Annotated[Time, "created_at"] = None
    finish_time: Annotated[Time, "completed_at"] = None
    code: Annotated[Text, "error"] = None
    message: Annotated[Text, "error"] = None
    user_data: JsonText = None
    config: Annotated[Part[Config], "inputs"] = ABSENT
    output_details: Annotated[Parts[OutputDetail], "jobs"] = ABSENT
    output_group_details: Annotated[Parts[GroupDetail], "jobs"] = ABSENT


class Config(Wire, rename="pascal"):
    """What was asked for."""

    job_name: Annotated[Text, "name"] = None
    inputs: Parts[ConfigInput] = ABSENT
    outputs: Annotated[Parts[ConfigOutput], "jobs"] = ABSENT
    output_groups: Annotated[Parts[ConfigGroup], "jobs"] = ABSENT


class MediaObject(Wire, rename="pascal"):
    """An address; Url is in the samples only."""

    type: Annotated[Text, "location"] = None
    media: Annotated[Text, "location"] = None
    url: Annotated[Text, "location"] = None


class ConfigInput(Wire, rename="pascal"):
    """MediaConvertInput."""

    name: Text = None
    input_file: Annotated[Part[MediaObject], "location"] = ABSENT


class ConfigOutput(Wire, rename="pascal"):
    """MediaConvertOutput, and MediaConvertOutputGroupOutput with a file name instead of an address."""

    name: Text = None
    template_id: Annotated[Text, "template"] = None
    priority: Integer = None
    override_params: JsonText = None
    features: JsonText = None
    output_file: Annotated[Part[MediaObject], "location"] = ABSENT
    output_file_name: Annotated[Text, "file_name"] = None


class ConfigGroup(Wire, rename="pascal"):
    """MediaConvertOutputGroup."""

    name: Text = None
    group_config: Annotated[Part[GroupConfig], "type"] = ABSENT
    outputs: Annotated[Parts[ConfigOutput], "jobs"] = ABSENT


class GroupConfig(Wire, rename="pascal"):
    """How the group is packaged."""

    type: Text = None
    manifest_name: Text = None
    output_file_base: Annotated[Part[MediaObject], "location"] = ABSENT


class OutputDetail(Wire, rename="pascal"):
    """MediaConvertOutputDetail: what became of one output."""

    name: Text = None
    task_id: Annotated[Text, "provider_id"] = None
    status: Text = None
    create_time: Annotated[Time, "created_at"] = None
    finish_time: Annotated[Time, "completed_at"] = None
    code: Annotated[Text, "error"] = None
    message: Annotated[Text, "error"] = None
    result: Annotated[Part[Result], "output"] = ABSENT


class GroupDetail(Wire, rename="pascal"):
    """MediaConvertOutputGroupDetail: what became of one group and its outputs."""

    name: Text = None
    task_id: Annotated[Text, "provider_id"] = None
    status: Text = None
    create_time: Annotated[Time, "created_at"] = None
    finish_time: Annotated[Time, "completed_at"] = None
    code: Annotated[Text, "error"] = None
    message: Annotated[Text, "error"] = None
    outputs: Annotated[Parts[OutputDetail], "jobs"] = ABSENT


class Result(Wire, rename="pascal"):
    """Where the file is and what is in it."""

    output_file: Annotated[Part[MediaObject], "location"] = ABSENT
    out_file_meta: Annotated[Part[OutFileMeta], "video_streams"] = ABSENT


class OutFileMeta(Wire, rename="pascal"):
    """What is in the file."""

    file_basic_info: Annotated[Part[FileBasicInfo], "file_name"] = ABSENT
    video_stream_info_list: Annotated[Parts[VideoStream], "video_streams"] = ABSENT
    audio_stream_info_list: Annotated[Parts[AudioStream], "audio_streams"] = ABSENT


class FileBasicInfo(Wire, rename="pascal"):
    """The file as a whole; every leaf is declared text and sampled as a number."""

    file_name: Text = None
    file_url: Annotated[Text, "url"] = None
    file_status: Text = None
    file_type: Text = None
    format_name: Annotated[Text, "format"] = None
    media_id: Text = None
    region: Annotated[Text, "location"] = None
    file_size: BigInteger = None
    duration: Number = None
    bitrate: Rate = None
    width: Integer = None
    height: Integer = None


class VideoStream(Wire):
    """A video stream, whose keys mix two styles; attributes are named as in our record."""

    index: Integer = field(default=None, name="Index")
    codec_name: Text = field(default=None, name="Codec_name")
    codec_long_name: Text = field(default=None, name="Codec_long_name")
    codec_tag: Text = field(default=None, name="Codec_tag")
    codec_tag_string: Text = field(default=None, name="Codec_tag_string")
    codec_time_base: Text = field(default=None, name="Codec_time_base")
    profile: Text = field(default=None, name="Profile")
    level: Code = field(default=None, name="Level")
    width: Integer = field(default=None, name="Width")
    height: Integer = field(default=None, name="Height")
    pixel_format: Text = field(default=None, name="PixFmt")
    fps: Number = field(default=None, name="Fps")
    average_fps: Number = field(default=None, name="Avg_fps")
    bitrate: Rate = field(default=None, name="Bit_rate")
    duration: Number = field(default=None, name="Duration")
    start_time: Number = field(default=None, name="Start_time")
    time_base: Text = field(default=None, name="Time_base")
    frame_count: Integer = field(default=None, name="NumFrames")
    b_frames: Integer = field(default=None, name="Has_b_frames")
    sample_aspect_ratio: Text = field(default=None, name="Sar")
    display_aspect_ratio: Text = field(default=None, name="Dar")
    rotation: Integer = field(default=None, name="Rotate")
    language: Text = field(default=None, name="Lang")


class AudioStream(Wire, rename="pascal"):
    """An audio stream; attributes are named as in our record."""

    index: Integer = None
    codec_name: Text = None
    codec_long_name: Text = None
    codec_tag: Text = None
    codec_tag_string: Text = None
    codec_time_base: Text = None
    bitrate: Rate = None
    sample_rate: Integer = None
    sample_format: Text = field(default=None, name="SampleFmt")
    channels: Integer = None
    channel_layout: Text = None
    duration: Number = None
    start_time: Number = None
    time_base: Text = field(default=None, name="Timebase")
    language: Text = field(default=None, name="Lang")
