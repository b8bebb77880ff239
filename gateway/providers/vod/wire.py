"""What ApsaraVideo VOD sends, field for field, as documented and as observed.

Every field may be absent, any number may come as text and any text as a number: what is declared here is what
a value is read as, by `gateway.providers.documented`, and where that is no attribute of the same name, which
field of our record lacks a value that does not fit. Unknown keys are ignored.

Source: ListTranscodeTask, GetTranscodeSummary and GetTranscodeTask in the VOD API reference 2017-03-21.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from gateway.providers.documented import Wire
from gateway.providers.kinds import (
    ABSENT,
    BigInteger,
    Integer,
    JsonText,
    Number,
    Packed,
    Page,
    Part,
    Parts,
    Percent,
    Text,
    Texts,
    Time,
)

VERSION = "2017-03-21"
MAX_IDS = 10
MAX_PAGE_SIZE = 50


class GetTranscodeSummary(Wire, rename="pascal"):
    """The newest task of up to ten videos."""

    transcode_summary_list: Annotated[Parts[TranscodeSummary], "summaries"] = ABSENT
    non_exist_video_ids: Annotated[Texts, "unknown"] = ABSENT


class GetTranscodeTask(Wire, rename="pascal"):
    """One task by its id, or up to ten jobs by theirs."""

    transcode_task: Annotated[Part[TranscodeTask], "task"] = ABSENT
    transcode_job_info_list: Annotated[Parts[TranscodeJob], "jobs"] = ABSENT
    non_exist_job_ids: Annotated[Texts, "unknown"] = ABSENT


class ListTranscodeTask(Wire, rename="pascal"):
    """One page of one video's tasks; no total, no token, no echo of the page."""

    transcode_task_list: Annotated[Page[TranscodeTask], "tasks"] = ABSENT


class TranscodeSummary(Wire, rename="pascal"):
    """A task without its id; older documents also list Trigger."""

    video_id: Text = None
    transcode_status: Annotated[Text, "status"] = None
    transcode_template_group_id: Annotated[Text, "template_group_id"] = None
    creation_time: Annotated[Time, "created_at"] = None
    complete_time: Annotated[Time, "completed_at"] = None
    trigger: Text = None
    transcode_job_info_summary_list: Annotated[Parts[TranscodeJobSummary], "jobs"] = ABSENT


class TranscodeTask(Wire, rename="pascal"):
    """A task; the list of jobs only comes with GetTranscodeTask."""

    transcode_task_id: Annotated[Text, "provider_id"] = None
    video_id: Text = None
    task_status: Annotated[Text, "status"] = None
    transcode_template_group_id: Annotated[Text, "template_group_id"] = None
    trigger: Text = None
    creation_time: Annotated[Time, "created_at"] = None
    complete_time: Annotated[Time, "completed_at"] = None
    transcode_job_info_list: Annotated[Parts[TranscodeJob], "jobs"] = ABSENT


class File(Wire, rename="pascal"):
    """What every operation on jobs tells of a file; the table says FileSize, every sample Filesize."""

    format: Text = None
    bitrate: Number = None
    duration: Number = None
    fps: Number = None
    width: Integer = None
    height: Integer = None
    filesize: Annotated[BigInteger, "file_size"] = None
    file_size: BigInteger = None
    encryption: JsonText = None
    watermark_id_list: Annotated[Texts, "watermark_ids"] = ABSENT


class OutputFile(File, rename="pascal"):
    """A job's file in detail."""

    output_file_url: Annotated[Text, "url"] = None
    video_stream_list: Annotated[Packed[VideoStream], "video_streams"] = ABSENT
    audio_stream_list: Annotated[Packed[AudioStream], "audio_streams"] = ABSENT
    subtitle_stream_list: Annotated[Packed[SubtitleStream], "subtitle_streams"] = ABSENT


class TranscodeJobSummary(File, rename="pascal"):
    """A job with its file and without ids; Definition and Encryption are in the samples only."""

    transcode_template_id: Annotated[Text, "template"] = None
    transcode_job_status: Annotated[Text, "status"] = None
    transcode_progress: Annotated[Percent, "progress"] = None
    creation_time: Annotated[Time, "created_at"] = None
    complete_time: Annotated[Time, "completed_at"] = None
    finish_time: Annotated[Time, "completed_at"] = None
    error_code: Annotated[Text, "error"] = None
    error_message: Annotated[Text, "error"] = None
    definition: Text = None


class TranscodeJob(Wire, rename="pascal"):
    """A job; the failed one in the documented sample has FinishTime instead of CompleteTime."""

    transcode_job_id: Annotated[Text, "provider_id"] = None
    transcode_template_id: Annotated[Text, "template"] = None
    transcode_job_status: Annotated[Text, "status"] = None
    transcode_progress: Annotated[Percent, "progress"] = None
    creation_time: Annotated[Time, "created_at"] = None
    complete_time: Annotated[Time, "completed_at"] = None
    finish_time: Annotated[Time, "completed_at"] = None
    error_code: Annotated[Text, "error"] = None
    error_message: Annotated[Text, "error"] = None
    definition: Text = None
    priority: Integer = None
    input_file_url: Annotated[Text, "input"] = None
    output_file: Annotated[Part[OutputFile], "output"] = ABSENT


class SubtitleStream(Wire, rename="pascal"):
    """One element of SubtitleStreamList, which is JSON in text; attributes are named as in our record."""

    index: Integer = None
    codec_name: Text = None
    codec_long_name: Text = None
    codec_tag: Text = None
    codec_tag_string: Text = None
    codec_time_base: Text = None
    duration: Number = None
    start_time: Number = None
    time_base: Text = field(default=None, name="Timebase")
    language: Text = field(default=None, name="Lang")


class AudioStream(SubtitleStream, rename="pascal"):
    """One element of AudioStreamList."""

    bitrate: Number = None
    sample_rate: Integer = field(default=None, name="Samplerate")
    sample_format: Text = field(default=None, name="SampleFmt")
    channels: Integer = None
    channel_layout: Text = None


class VideoStream(SubtitleStream, rename="pascal"):
    """One element of VideoStreamList."""

    profile: Text = None
    level: Text = None
    width: Integer = None
    height: Integer = None
    pixel_format: Text = field(default=None, name="PixFmt")
    fps: Number = None
    average_fps: Number = field(default=None, name="AvgFPS")
    bitrate: Number = None
    frame_count: Integer = field(default=None, name="NumFrames")
    b_frames: Integer = field(default=None, name="HasBFrames")
    sample_aspect_ratio: Text = field(default=None, name="Sar")
    display_aspect_ratio: Text = field(default=None, name="Dar")
    rotation: Integer = field(default=None, name="Rotate")
