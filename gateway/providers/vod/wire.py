"""What ApsaraVideo VOD sends, field for field, as documented and as observed.

Every field may be absent, any number may come as text and any text as a number, so scalars are declared
``object`` and judged by `gateway.providers.scalars`; whatever nests stays raw until it is read, so that one
bad part does not spoil its neighbours. Unknown keys are ignored.

Source: ListTranscodeTask, GetTranscodeSummary and GetTranscodeTask in the VOD API reference 2017-03-21.
"""

from __future__ import annotations

from msgspec import Raw, Struct, field

VERSION = "2017-03-21"
MAX_IDS = 10
MAX_PAGE_SIZE = 50


class GetTranscodeSummary(Struct, rename="pascal"):
    """The newest task of up to ten videos."""

    transcode_summary_list: Raw = Raw()
    non_exist_video_ids: Raw = Raw()


class GetTranscodeTask(Struct, rename="pascal"):
    """One task by its id, or up to ten jobs by theirs."""

    transcode_task: Raw = Raw()
    transcode_job_info_list: Raw = Raw()
    non_exist_job_ids: Raw = Raw()


class ListTranscodeTask(Struct, rename="pascal"):
    """One page of one video's tasks; no total, no token, no echo of the page."""

    transcode_task_list: Raw = Raw()


class TranscodeSummary(Struct, rename="pascal"):
    """A task without its id; older documents also list Trigger."""

    video_id: object = None
    transcode_status: object = None
    transcode_template_group_id: object = None
    creation_time: object = None
    complete_time: object = None
    trigger: object = None
    transcode_job_info_summary_list: Raw = Raw()


class TranscodeTask(Struct, rename="pascal"):
    """A task; the list of jobs only comes with GetTranscodeTask."""

    transcode_task_id: object = None
    video_id: object = None
    task_status: object = None
    transcode_template_group_id: object = None
    trigger: object = None
    creation_time: object = None
    complete_time: object = None
    transcode_job_info_list: Raw = Raw()


class File(Struct, rename="pascal"):
    """What every operation on jobs tells of a file; the table says FileSize, every sample Filesize."""

    format: object = None
    bitrate: object = None
    duration: object = None
    fps: object = None
    width: object = None
    height: object = None
    filesize: object = None
    file_size: object = None
    encryption: object = None
    watermark_id_list: Raw = Raw()


class OutputFile(File, rename="pascal"):
    """A job's file in detail."""

    output_file_url: object = None
    video_stream_list: Raw = Raw()
    audio_stream_list: Raw = Raw()
    subtitle_stream_list: Raw = Raw()


class TranscodeJobSummary(File, rename="pascal"):
    """A job with its file and without ids; Definition and Encryption are in the samples only."""

    transcode_template_id: object = None
    transcode_job_status: object = None
    transcode_progress: object = None
    creation_time: object = None
    complete_time: object = None
    finish_time: object = None
    error_code: object = None
    error_message: object = None
    definition: object = None


class TranscodeJob(Struct, rename="pascal"):
    """A job; the failed one in the documented sample has FinishTime instead of CompleteTime."""

    transcode_job_id: object = None
    transcode_template_id: object = None
    transcode_job_status: object = None
    transcode_progress: object = None
    creation_time: object = None
    complete_time: object = None
    finish_time: object = None
    error_code: object = None
    error_message: object = None
    definition: object = None
    priority: object = None
    input_file_url: object = None
    output_file: Raw = Raw()


class SubtitleStream(Struct, rename="pascal"):
    """One element of SubtitleStreamList, which is JSON in text; attributes are named as in our record."""

    index: object = None
    codec_name: object = None
    codec_long_name: object = None
    codec_tag: object = None
    codec_tag_string: object = None
    codec_time_base: object = None
    duration: object = None
    start_time: object = None
    time_base: object = field(default=None, name="Timebase")
    language: object = field(default=None, name="Lang")


class AudioStream(SubtitleStream, rename="pascal"):
    """One element of AudioStreamList."""

    bitrate: object = None
    sample_rate: object = field(default=None, name="Samplerate")
    sample_format: object = field(default=None, name="SampleFmt")
    channels: object = None
    channel_layout: object = None


class VideoStream(SubtitleStream, rename="pascal"):
    """One element of VideoStreamList."""

    profile: object = None
    level: object = None
    width: object = None
    height: object = None
    pixel_format: object = field(default=None, name="PixFmt")
    fps: object = None
    average_fps: object = field(default=None, name="AvgFPS")
    bitrate: object = None
    frame_count: object = field(default=None, name="NumFrames")
    b_frames: object = field(default=None, name="HasBFrames")
    sample_aspect_ratio: object = field(default=None, name="Sar")
    display_aspect_ratio: object = field(default=None, name="Dar")
    rotation: object = field(default=None, name="Rotate")
