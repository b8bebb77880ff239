"""Task → Job → Output: the records every provider's answers are translated into.

Two kinds of nothing, and the difference costs calls:

- ``None``: the provider was asked, and has no value.
- ``UNSET``: the operation that was asked does not report this field; another, costlier one does.
  The graph makes that second call only when a client selects such a field.

A third case, a value that does not fit its documented type, is a `Misfit` kept beside a ``None``, so that
the graph can report an error for exactly that field.

Records are immutable and shared by all requests; times are UTC; units are in the docstrings. Being made of
their parts, they cannot be part of themselves: the garbage collector need not look for circles in them, of
which there would be some hundred for each call. Videos and pages it sees all the same, for they may be
referred to weakly: they are large, and looked at as a whole.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType

DEFAULT = "default"
"""The name of a provider's first account; see `gateway.domain.sources`."""


class Provider(StrEnum):
    """Who does the transcoding."""

    VOD = "VOD"
    IMS = "IMS"
    VISIONULAR = "VISIONULAR"


class Status(StrEnum):
    """One vocabulary for the states of tasks, jobs and groups; the provider's own word stays beside it."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"
    UNKNOWN = "UNKNOWN"

    @property
    def finished(self) -> bool:
        """Whether the provider will not move this on; an unknown word is not taken for an end."""
        return self not in _UNFINISHED


# No set: the hash of an enumeration's member is computed anew each time, in Python.
_UNFINISHED = (Status.QUEUED, Status.RUNNING, Status.UNKNOWN)


class Trigger(StrEnum):
    """What started a task."""

    AUTO = "AUTO"
    MANUAL = "MANUAL"
    UNKNOWN = "UNKNOWN"


class Misfit(Struct, frozen=True, kw_only=True, gc=False):
    """A value that does not fit its documented type; its field is None.

    Attributes:
        field: Name of the record's attribute, e.g. ``width``.
        reason: What was expected, e.g. ``an integer``; never the value itself.
        provider, operation, request_id: The call whose answer held the value.
    """

    field: str
    reason: str
    provider: Provider
    operation: str
    request_id: str | None = None


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """What all records share: the fields whose values did not fit."""

    misfits: tuple[Misfit, ...] = ()


class Observation(Struct, frozen=True, kw_only=True, gc=False):
    """The provider call, or the notification, that a task was read from.

    Attributes:
        at: When the answer arrived here.
        operation: The provider's name of the operation, or of the notification.
        request_id: The provider's id of that call.
        source: The account it was made with.
    """

    at: datetime
    operation: str
    request_id: str | None = None
    source: str = DEFAULT


class Problem(Struct, frozen=True, kw_only=True, gc=False):
    """Why a task, group or job failed, in the provider's words."""

    code: str | None = None
    message: str | None = None


class Template(Struct, frozen=True, kw_only=True, gc=False):
    """The transcoding settings a job was made with."""

    id: str | None = None
    name: str | None = None


class Location(Struct, frozen=True, kw_only=True, gc=False):
    """Where a file is kept.

    Attributes:
        type: Kind of storage in the provider's words: OSS, Media, s3, oss, obs.
        uri: Address or media id as given to the provider.
        url: Second address that some providers send beside it.
        bucket, object_key, region: Parts of the address where the provider tells them.
    """

    type: str | None = None
    uri: str | None = None
    url: str | None = None
    bucket: str | None = None
    object_key: str | None = None
    region: str | None = None


class Input(Record, frozen=True, kw_only=True, gc=False):
    """A source file.

    Attributes:
        url: Downloadable address; may be pre-signed and expire.
        bitrate: kbit/s.
        file_size: Bytes.
    """

    name: str | None = None
    location: Location | None = None
    url: str | None = None
    bitrate: float | None = None
    file_size: int | None = None


class VideoStream(Record, frozen=True, kw_only=True, gc=False):
    """One video stream; bitrate in kbit/s, times in seconds."""

    index: int | None = None
    codec_name: str | None = None
    codec_long_name: str | None = None
    codec_tag: str | None = None
    codec_tag_string: str | None = None
    codec_time_base: str | None = None
    profile: str | None = None
    level: str | None = None
    width: int | None = None
    height: int | None = None
    pixel_format: str | None = None
    fps: float | None = None
    average_fps: float | None = None
    bitrate: float | None = None
    duration: float | None = None
    start_time: float | None = None
    time_base: str | None = None
    frame_count: int | None = None
    b_frames: int | None = None
    sample_aspect_ratio: str | None = None
    display_aspect_ratio: str | None = None
    rotation: int | None = None
    language: str | None = None


class AudioStream(Record, frozen=True, kw_only=True, gc=False):
    """One audio stream; bitrate in kbit/s, times in seconds, sample rate in Hz."""

    index: int | None = None
    codec_name: str | None = None
    codec_long_name: str | None = None
    codec_tag: str | None = None
    codec_tag_string: str | None = None
    codec_time_base: str | None = None
    bitrate: float | None = None
    sample_rate: int | None = None
    sample_format: str | None = None
    channels: int | None = None
    channel_layout: str | None = None
    duration: float | None = None
    start_time: float | None = None
    time_base: str | None = None
    language: str | None = None


class SubtitleStream(Record, frozen=True, kw_only=True, gc=False):
    """One subtitle stream; times in seconds."""

    index: int | None = None
    codec_name: str | None = None
    codec_long_name: str | None = None
    codec_tag: str | None = None
    codec_tag_string: str | None = None
    codec_time_base: str | None = None
    duration: float | None = None
    start_time: float | None = None
    time_base: str | None = None
    language: str | None = None


class Output(Record, frozen=True, kw_only=True, gc=False):
    """The file a job makes.

    Attributes:
        job_id: Global id of the job, the way back to the operation that knows more.
        url: Downloadable address; may be pre-signed and expire.
        bitrate: kbit/s, average.
        duration: Seconds.
        file_size: Bytes.
        encryption: JSON text.
    """

    job_id: str
    format: str | None = None
    url: str | UnsetType | None = UNSET
    location: Location | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bitrate: float | None = None
    duration: float | None = None
    file_size: int | None = None
    definition: str | None = None
    encryption: str | None = None
    watermark_ids: tuple[str, ...] = ()
    video_streams: tuple[VideoStream, ...] | UnsetType | None = UNSET
    audio_streams: tuple[AudioStream, ...] | UnsetType | None = UNSET
    subtitle_streams: tuple[SubtitleStream, ...] | UnsetType | None = UNSET
    media_id: str | None = None
    file_name: str | None = None
    file_status: str | None = None
    file_type: str | None = None


class JobGroup(Record, frozen=True, kw_only=True, gc=False):
    """Jobs that are packaged together, e.g. the renditions of one HLS playlist.

    Attributes:
        type: Packaging: File, Hls, Dash.
        manifest_name: File name of the playlist.
        location: Base address of the group's files.
    """

    name: str | None = None
    provider_id: str | None = None
    status: Status = Status.UNKNOWN
    provider_status: str | None = None
    created_at: datetime | None = None
    completed_at: datetime | None = None
    error: Problem | None = None
    type: str | None = None
    manifest_name: str | None = None
    location: Location | None = None


class Job(Record, frozen=True, kw_only=True, gc=False):
    """One rendition: a template applied to the task's input.

    Attributes:
        id: Global id, see `gateway.domain.identity`.
        progress: Percent, 0 to 100.
        priority: 1 to 10, higher goes first.
        override_params, features: JSON text.
        file_name: Name given to the output within its group.
    """

    id: str
    provider: Provider
    provider_id: str | UnsetType | None = UNSET
    name: str | None = None
    group: JobGroup | None = None
    status: Status = Status.UNKNOWN
    provider_status: str | None = None
    progress: int | None = None
    template: Template | None = None
    priority: int | UnsetType | None = UNSET
    created_at: datetime | None = None
    completed_at: datetime | None = None
    error: Problem | None = None
    input: Input | UnsetType | None = UNSET
    output: Output | None = None
    override_params: str | None = None
    features: str | None = None
    file_name: str | None = None
    observation: Observation

    @property
    def observed_at(self) -> datetime:
        """When this was last seen at the provider."""
        return self.observation.at

    @property
    def source(self) -> str:
        """The account that it belongs to."""
        return self.observation.source


class Task(Record, frozen=True, kw_only=True, gc=False):
    """One piece of work a provider was given: an input and the jobs it became.

    Attributes:
        id: Global id, see `gateway.domain.identity`.
        progress: Percent, 0 to 100: the provider's figure, else the mean of its jobs'.
        video_id: The provider's id of the video the task belongs to.
        user_data: Text that came with the request for the task; JSON where it was an object.
        creation_request_id: The provider's id of the request that created the task.
        client_token: Idempotency key of that request.
    """

    id: str
    provider: Provider
    provider_id: str | UnsetType | None = UNSET
    name: str | None = None
    status: Status = Status.UNKNOWN
    provider_status: str | None = None
    progress: int | UnsetType | None = UNSET
    trigger: Trigger | UnsetType | None = UNSET
    video_id: str | None = None
    template_group_id: str | None = None
    inputs: tuple[Input, ...] | UnsetType = UNSET
    pipeline_id: str | None = None
    user_data: str | None = None
    client_token: str | None = None
    creation_request_id: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error: Problem | None = None
    jobs: tuple[Job, ...] | UnsetType = UNSET
    observation: Observation

    @property
    def observed_at(self) -> datetime:
        """When this was last seen at the provider."""
        return self.observation.at

    @property
    def source(self) -> str:
        """The account that it belongs to."""
        return self.observation.source


class Video(Struct, frozen=True, kw_only=True, weakref=True):
    """A video and the newest work done on it.

    Attributes:
        id: Global id, see `gateway.domain.identity`.
        video_id: The provider's id.
        source: The account that it belongs to.
        latest_task: None where the provider knows the video and has never transcoded it.
    """

    id: str
    video_id: str
    source: str = DEFAULT
    latest_task: Task | UnsetType | None = UNSET


class TaskPage(Struct, frozen=True, kw_only=True, weakref=True):
    """One page of a provider's own listing.

    Attributes:
        tasks: In the provider's order; a record that could not be read is left out and counted in garbled.
        garbled: How many records of the page could not be read.
        next_page: What to ask for to get the page after this one; None at the end.
        total_count: How many tasks match in all; None where the provider does not tell.
    """

    tasks: tuple[Task, ...]
    garbled: int = 0
    next_page: str | None = None
    total_count: int | None = None
