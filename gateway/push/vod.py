"""ApsaraVideo VOD's event notifications about transcoding.

TranscodeComplete comes when all streams of a video are transcoded. It names the video and not the task, so it
is taken for the video's newest task only if that is moving, is not younger than the event, and has the very
streams that the event lists. StreamTranscodeComplete comes for each single one, and only has the record
looked at: what it means for the task as a whole it does not say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET, Struct

from gateway.domain.provider import Verb
from gateway.domain.records import Job, Observation, Output, Problem, Provider, Status, Video
from gateway.providers.scalars import Reader, floor_mean, reading
from gateway.push.notice import Notice, Unreadable, event, moving_task, told, unchanged
from gateway.upstream.freshness import Answer

ALL_STREAMS, ONE_STREAM = "TranscodeComplete", "StreamTranscodeComplete"
_STATUSES = {"success": Status.SUCCEEDED, "fail": Status.FAILED}
_Label = tuple[str | None, str | None]


class Stream(Struct, frozen=True, rename="pascal"):
    """One stream, as documented; everything may be missing."""

    status: object = None
    definition: object = None
    format: object = None
    bitrate: object = None
    duration: object = None
    fps: object = None
    height: object = None
    width: object = None
    size: object = None
    job_id: object = None
    error_code: object = None
    error_message: object = None
    finish_time: object = None


class Event(Stream, frozen=True, rename="pascal"):
    """The body: for a single stream, that stream's fields besides its own."""

    event_type: str = ""
    event_time: object = None
    video_id: object = None
    stream_infos: list[Stream] = []


_decoder = msgspec.json.Decoder(Event)


class Part(Struct, frozen=True):
    """What an event tells of one stream."""

    label: _Label
    job_id: str | None
    status: Status
    word: str | None
    error: Problem | None
    ended: datetime | None
    output: Output


def notices(body: bytes) -> list[Notice]:
    """Read a notification; one about anything but transcoding concerns no record.

    Raises:
        Unreadable: It does not fit what VOD documents.
    """
    sent = told(body, _decoder)
    if sent.event_type not in {ALL_STREAMS, ONE_STREAM}:
        return []
    seen = event(sent.event_type)
    with reading(Provider.VOD, seen):
        read = Reader()
        video_id = read.text("video_id", sent.video_id)
        if video_id is None:
            raise Unreadable
        happened = read.time("completed_at", sent.event_time)
        parts = [_part(stream) for stream in sent.stream_infos]
        single = read.text("job_id", sent.job_id)
    jobs = {part.job_id for part in parts} | {single}

    def ended(answer: Answer) -> Answer | None:
        return _ended(answer, parts, happened, seen)

    change = ended if sent.event_type == ALL_STREAMS and parts else unchanged
    video = Notice(verb=Verb.LATEST_BY_VIDEO, key=video_id, change=change)
    return [video, *(Notice(verb=Verb.JOBS_BY_ID, key=job, change=unchanged) for job in jobs if job)]


def _part(stream: Stream) -> Part:
    read = Reader()
    word = read.text("status", stream.status)
    status = _STATUSES.get(word or "", Status.UNKNOWN)
    error = Problem(
        code=read.text("code", stream.error_code), message=read.text("message", stream.error_message)
    )
    made = status is Status.SUCCEEDED
    output = Output(
        job_id="",
        format=read.text("format", stream.format) if made else None,
        width=read.integer("width", stream.width) if made else None,
        height=read.integer("height", stream.height) if made else None,
        fps=read.number("fps", stream.fps) if made else None,
        bitrate=read.number("bitrate", stream.bitrate) if made else None,
        duration=read.number("duration", stream.duration) if made else None,
        file_size=read.big_integer("file_size", stream.size) if made else None,
    )
    return Part(
        label=_label(read.text("definition", stream.definition), read.text("format", stream.format)),
        job_id=read.text("job_id", stream.job_id),
        status=status,
        word=word,
        error=error if error.code or error.message else None,
        ended=read.time("finish_time", stream.finish_time),
        output=output,
    )


def _label(definition: str | None, format: str | None) -> _Label:  # noqa: A002 - what VOD calls it
    # Events append the kind of template, HD-MP4; summaries do not.
    return (definition and definition.partition("-")[0].upper(), format and format.lower())


def _ended(
    answer: Answer, parts: Sequence[Part], happened: datetime | None, seen: Observation
) -> Answer | None:
    """Return the video whose newest task has ended as its streams did; None where that is not certain."""
    task = moving_task(answer, happened)
    if task is None or task.jobs is UNSET or not isinstance(answer, Video):
        return None
    jobs = _paired(task.jobs, parts, seen)
    if jobs is None:
        return None
    good = sum(job.status is Status.SUCCEEDED for job in jobs)
    ended = msgspec.structs.replace(
        task,
        status=Status.PARTIAL if 0 < good < len(jobs) else Status.SUCCEEDED if good else Status.FAILED,
        provider_status=ALL_STREAMS,
        progress=floor_mean([job.progress for job in jobs]),
        completed_at=max((part.ended for part in parts if part.ended), default=happened),
        jobs=jobs,
        observation=seen,
    )
    return msgspec.structs.replace(answer, latest_task=ended)


def _paired(jobs: Sequence[Job], parts: Sequence[Part], seen: Observation) -> tuple[Job, ...] | None:
    """Return the jobs as their streams ended; None unless the two are the same things beyond doubt."""
    by_label: dict[_Label, list[Part]] = defaultdict(list)
    for part in parts:
        by_label[part.label].append(part)
    labels = [_label_of(job) for job in jobs]
    ended = []
    for job, label in zip(jobs, labels, strict=True):
        twins = by_label.get(label, [])
        words = {part.word for part in twins}
        if len(twins) != labels.count(label) or len(words) != 1 or twins[0].status is Status.UNKNOWN:
            return None
        ended.append(_ended_job(job, twins[0], seen, alone=len(twins) == 1))
    return tuple(ended) if len(parts) == len(jobs) else None


def _label_of(job: Job) -> _Label:
    return _label(job.output.definition, job.output.format) if job.output else (None, None)


def _ended_job(job: Job, part: Part, seen: Observation, *, alone: bool) -> Job:
    """Return a job as its stream ended; of two that cannot be told apart only the state is certain."""
    known = job.output or Output(job_id=job.id)
    sent = part.output if alone else Output(job_id=job.id, format=known.format)
    output = msgspec.structs.replace(
        known,
        format=sent.format or known.format,
        width=sent.width,
        height=sent.height,
        fps=sent.fps,
        bitrate=sent.bitrate,
        duration=sent.duration,
        file_size=sent.file_size,
        misfits=(),
    )
    return msgspec.structs.replace(
        job,
        status=part.status,
        provider_status=part.word,
        progress=100 if part.status is Status.SUCCEEDED else None,
        completed_at=part.ended if alone else None,
        error=part.error if alone else None,
        output=output,
        observation=seen,
        misfits=(),
    )
