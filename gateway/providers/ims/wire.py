"""What Intelligent Media Services sends, field for field, as documented and as observed.

Every field may be absent, any number may come as text and any text as a number, so scalars are declared
``object`` and judged by `gateway.providers.scalars`; whatever nests stays raw until it is read, so that one
bad part does not spoil its neighbours. Unknown keys are ignored.

Source: GetMediaConvertJob and ListMediaConvertJobs in the IMS API reference 2020-11-09, and the SDK's models
where the pages are silent.
"""

from __future__ import annotations

from msgspec import Raw, Struct, field

VERSION = "2020-11-09"
MAX_PAGE_SIZE = 100


class GetMediaConvertJob(Struct, rename="pascal"):
    """One job by its id."""

    job: Raw = Raw()


class ListMediaConvertJobs(Struct, rename="pascal"):
    """One page of jobs, without Percent and the details."""

    jobs: Raw = Raw()
    next_page_token: object = None


class MediaConvertJob(Struct, rename="pascal"):
    """A job in the provider's sense, which is our task; its RequestId is that of the call that made it."""

    job_id: object = None
    request_id: object = None
    client_token: object = None
    pipeline_id: object = None
    state: object = None
    percent: object = None
    create_time: object = None
    finish_time: object = None
    code: object = None
    message: object = None
    user_data: object = None
    config: Raw = Raw()
    output_details: Raw = Raw()
    output_group_details: Raw = Raw()


class Config(Struct, rename="pascal"):
    """What was asked for."""

    job_name: object = None
    inputs: Raw = Raw()
    outputs: Raw = Raw()
    output_groups: Raw = Raw()


class MediaObject(Struct, rename="pascal"):
    """An address; Url is in the samples only."""

    type: object = None
    media: object = None
    url: object = None


class ConfigInput(Struct, rename="pascal"):
    """MediaConvertInput."""

    name: object = None
    input_file: Raw = Raw()


class ConfigOutput(Struct, rename="pascal"):
    """MediaConvertOutput, and MediaConvertOutputGroupOutput with a file name instead of an address."""

    name: object = None
    template_id: object = None
    priority: object = None
    override_params: object = None
    features: object = None
    output_file: Raw = Raw()
    output_file_name: object = None


class ConfigGroup(Struct, rename="pascal"):
    """MediaConvertOutputGroup."""

    name: object = None
    group_config: Raw = Raw()
    outputs: Raw = Raw()


class GroupConfig(Struct, rename="pascal"):
    """How the group is packaged."""

    type: object = None
    manifest_name: object = None
    output_file_base: Raw = Raw()


class OutputDetail(Struct, rename="pascal"):
    """MediaConvertOutputDetail: what became of one output."""

    name: object = None
    task_id: object = None
    status: object = None
    create_time: object = None
    finish_time: object = None
    code: object = None
    message: object = None
    result: Raw = Raw()


class GroupDetail(Struct, rename="pascal"):
    """MediaConvertOutputGroupDetail: what became of one group and its outputs."""

    name: object = None
    task_id: object = None
    status: object = None
    create_time: object = None
    finish_time: object = None
    code: object = None
    message: object = None
    outputs: Raw = Raw()


class Result(Struct, rename="pascal"):
    """Where the file is and what is in it."""

    output_file: Raw = Raw()
    out_file_meta: Raw = Raw()


class OutFileMeta(Struct, rename="pascal"):
    """What is in the file."""

    file_basic_info: Raw = Raw()
    video_stream_info_list: Raw = Raw()
    audio_stream_info_list: Raw = Raw()


class FileBasicInfo(Struct, rename="pascal"):
    """The file as a whole; every leaf is declared text and sampled as a number."""

    file_name: object = None
    file_url: object = None
    file_status: object = None
    file_type: object = None
    format_name: object = None
    media_id: object = None
    region: object = None
    file_size: object = None
    duration: object = None
    bitrate: object = None
    width: object = None
    height: object = None


class VideoStream(Struct):
    """A video stream, whose keys mix two styles; attributes are named as in our record."""

    index: object = field(default=None, name="Index")
    codec_name: object = field(default=None, name="Codec_name")
    codec_long_name: object = field(default=None, name="Codec_long_name")
    codec_tag: object = field(default=None, name="Codec_tag")
    codec_tag_string: object = field(default=None, name="Codec_tag_string")
    codec_time_base: object = field(default=None, name="Codec_time_base")
    profile: object = field(default=None, name="Profile")
    level: object = field(default=None, name="Level")
    width: object = field(default=None, name="Width")
    height: object = field(default=None, name="Height")
    pixel_format: object = field(default=None, name="PixFmt")
    fps: object = field(default=None, name="Fps")
    average_fps: object = field(default=None, name="Avg_fps")
    bitrate: object = field(default=None, name="Bit_rate")
    duration: object = field(default=None, name="Duration")
    start_time: object = field(default=None, name="Start_time")
    time_base: object = field(default=None, name="Time_base")
    frame_count: object = field(default=None, name="NumFrames")
    b_frames: object = field(default=None, name="Has_b_frames")
    sample_aspect_ratio: object = field(default=None, name="Sar")
    display_aspect_ratio: object = field(default=None, name="Dar")
    rotation: object = field(default=None, name="Rotate")
    language: object = field(default=None, name="Lang")


class AudioStream(Struct, rename="pascal"):
    """An audio stream; attributes are named as in our record."""

    index: object = None
    codec_name: object = None
    codec_long_name: object = None
    codec_tag: object = None
    codec_tag_string: object = None
    codec_time_base: object = None
    bitrate: object = None
    sample_rate: object = None
    sample_format: object = field(default=None, name="SampleFmt")
    channels: object = None
    channel_layout: object = None
    duration: object = None
    start_time: object = None
    time_base: object = field(default=None, name="Timebase")
    language: object = field(default=None, name="Lang")
