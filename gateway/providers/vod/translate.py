"""ApsaraVideo VOD to records: every status, unit and oddity. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from gateway.domain.errors import GatewayError
from gateway.domain.identity import JobRef, TaskRef, encode, encode_videos, encode_with_jobs
from gateway.domain.provider import VideoPage
from gateway.domain.records import (
    AudioStream,
    Input,
    Job,
    Observation,
    Output,
    Problem,
    Provider,
    Status,
    SubtitleStream,
    Task,
    TaskPage,
    Template,
    Trigger,
    Video,
    VideoStream,
)
from gateway.providers.documented import nothing
from gateway.providers.outcomes import decoded, garbled, not_found, twin
from gateway.providers.scalars import floor_mean
from gateway.providers.vod import wire

J = TypeVar("J", wire.TranscodeJob, wire.TranscodeJobSummary)

TASK_STATUSES: Mapping[str | None, Status] = {
    "Processing": Status.RUNNING,
    "Partial": Status.RUNNING,  # some of its jobs are done
    "CompleteAllSucc": Status.SUCCEEDED,
    "CompeleteAllSucc": Status.SUCCEEDED,  # as the sample has spelled it since 2019
    "CompletePartialSucc": Status.PARTIAL,
    "CompleteAllFail": Status.FAILED,
}
JOB_STATUSES: Mapping[str | None, Status] = {
    "Transcoding": Status.RUNNING,
    "TranscodeSuccess": Status.SUCCEEDED,
    "TranscodeFail": Status.FAILED,
}
# An enumeration looks for a member each time it is named, which is some hundred times an answer.
_VOD, _UNKNOWN, _SUCCEEDED = Provider.VOD, Status.UNKNOWN, Status.SUCCEEDED
_TRIGGERS = {"Auto": Trigger.AUTO, "Manual": Trigger.MANUAL}
# What a failed job's address holds instead of the digest of a file that was never made.
_NEVER_MADE = "{DestMd5}"

_decode = partial(decoded, Provider.VOD)
_garbled = partial(garbled, Provider.VOD)
_not_found = partial(not_found, Provider.VOD)


def latest_by_video(
    video_ids: Sequence[str], body: bytes, observation: Observation
) -> dict[str, Video | GatewayError]:
    """Read GetTranscodeSummary; a video that is neither listed nor unknown has never been transcoded."""
    answer = _decode(body, wire.GetTranscodeSummary, observation)
    unknown = answer.non_exist_video_ids
    found: dict[str | None, wire.TranscodeSummary] = {}
    for summary in answer.transcode_summary_list:
        found.setdefault(summary.video_id, summary)
    # A record that does not say whose it is may be that of any video without one.
    strays = bool(answer.misfits) or None in found
    source = observation.source
    outcomes: dict[str, Video | GatewayError] = {}
    for video_id, global_id in zip(video_ids, encode_videos(video_ids, source), strict=True):
        told = found.get(video_id)
        if told is None and video_id in unknown:
            outcomes[video_id] = _not_found()
        elif told is None and strays:
            outcomes[video_id] = _garbled(observation)
        else:
            latest = None if told is None else _task(told, observation, jobs=True)
            outcomes[video_id] = Video(id=global_id, video_id=video_id, source=source, latest_task=latest)
    return outcomes


def task_by_id(
    task_ids: Sequence[str], body: bytes, observation: Observation
) -> dict[str, Task | GatewayError]:
    """Read GetTranscodeTask, asked by TranscodeTaskId."""
    answer = _decode(body, wire.GetTranscodeTask, observation)
    found = answer.transcode_task
    if found is None:
        return {task_ids[0]: _garbled(observation) if answer.misfits else _not_found()}
    return {task_ids[0]: _task(found, observation, jobs=True) or _garbled(observation)}


def jobs_by_id(
    job_ids: Sequence[str], body: bytes, observation: Observation
) -> dict[str, Job | GatewayError]:
    """Read GetTranscodeTask, asked by JobIds."""
    answer = _decode(body, wire.GetTranscodeTask, observation)
    found: dict[str | None, wire.TranscodeJob] = {}
    for job in answer.transcode_job_info_list:
        found.setdefault(job.transcode_job_id, job)
    strays = bool(answer.misfits) or None in found
    unknown = answer.non_exist_job_ids
    outcomes: dict[str, Job | GatewayError] = {}
    for job_id in job_ids:
        if job_id in found:
            ref = JobRef(provider=_VOD, provider_id=job_id, source=observation.source)
            outcomes[job_id] = _job_in_detail(found[job_id], encode(ref), observation)
        else:
            stray = strays and job_id not in unknown
            outcomes[job_id] = _garbled(observation) if stray else _not_found()
    return outcomes


def tasks_of_video(
    pages: Sequence[VideoPage], body: bytes, observation: Observation
) -> dict[VideoPage, TaskPage | GatewayError]:
    """Read ListTranscodeTask; the page that is not full is the last."""
    [page] = pages
    answer = _decode(body, wire.ListTranscodeTask, observation)
    found = answer.transcode_task_list
    if answer.misfits:
        return {page: _garbled(observation)}
    tasks = [_task(part, observation, jobs=False) if part else None for part in found]
    readable = tuple(task for task in tasks if task is not None)
    return {
        page: TaskPage(
            tasks=readable,
            garbled=len(tasks) - len(readable),
            next_page=str(int(page.page or 1) + 1)
            if len(tasks) >= min(page.size, wire.MAX_PAGE_SIZE)
            else None,
        )
    }


def _task(
    raw: wire.TranscodeTask | wire.TranscodeSummary, observation: Observation, *, jobs: bool
) -> Task | None:
    """Read a task, with its jobs where they are reported; None where it lacks what identity is made of."""
    video_id = raw.video_id
    if video_id is None:
        return None
    ref = TaskRef(
        provider=_VOD,
        video_id=video_id,
        template_group_id=raw.transcode_template_group_id,
        created_at=raw.creation_time,
        source=observation.source,
    )
    provider_id: str | UnsetType | None = UNSET
    trigger: Trigger | UnsetType | None = UNSET
    inputs: tuple[Input, ...] | UnsetType = UNSET
    made: tuple[Job, ...] | UnsetType = UNSET
    if isinstance(raw, wire.TranscodeSummary):
        word = raw.transcode_status
        if raw.trigger is not None:
            trigger = _trigger(raw.trigger)
        task_id, made = _with_jobs(ref, raw.transcode_job_info_summary_list, _job_in_summary, observation)
    else:
        word = raw.task_status
        provider_id = raw.transcode_task_id
        trigger = _trigger(raw.trigger)
        if jobs:
            task_id, made = _with_jobs(ref, raw.transcode_job_info_list, _job_in_detail, observation)
            inputs = _inputs(made)
        else:
            task_id = encode(ref)
    return Task(
        id=task_id,
        provider=_VOD,
        provider_id=provider_id,
        status=TASK_STATUSES.get(word, _UNKNOWN),
        provider_status=word,
        progress=UNSET if made is UNSET else floor_mean([job.progress for job in made]),
        trigger=trigger,
        video_id=video_id,
        template_group_id=ref.template_group_id,
        inputs=inputs,
        created_at=ref.created_at,
        completed_at=raw.complete_time,
        jobs=made,
        observation=observation,
        misfits=raw.misfits,
    )


def _with_jobs(
    ref: TaskRef, raws: Sequence[J], read: Callable[[J, str, Observation], Job], observation: Observation
) -> tuple[str, tuple[Job, ...]]:
    """Return a task's global id, and its jobs."""
    task_id, job_ids = encode_with_jobs(ref, _labels(raws))
    return task_id, tuple([read(raw, job_id, observation) for raw, job_id in zip(raws, job_ids, strict=True)])


def _inputs(jobs: Iterable[Job]) -> tuple[Input, ...]:
    return tuple(dict.fromkeys(job.input for job in jobs if isinstance(job.input, Input)))


def _labels(jobs: Iterable[wire.TranscodeJob | wire.TranscodeJobSummary]) -> list[str]:
    """Label each job by its template and its number among those with the same template."""
    seen: dict[str, int] = {}
    labels = []
    for job in jobs:
        template_id = job.transcode_template_id or ""
        number = seen[template_id] = seen.get(template_id, -1) + 1
        labels.append(f"{template_id}/{number}")
    return labels


def _job(
    raw: wire.TranscodeJob | wire.TranscodeJobSummary,
    file: wire.TranscodeJobSummary | None,
    job_id: str,
    observation: Observation,
) -> Job:
    """Read what every operation tells of a job, and its file where that comes with it."""
    word = raw.transcode_job_status
    status = JOB_STATUSES.get(word, _UNKNOWN)
    template_id = raw.transcode_template_id
    code, message = raw.error_code, raw.error_message
    return Job(
        id=job_id,
        provider=_VOD,
        status=status,
        provider_status=word,
        progress=raw.transcode_progress,
        template=Template(id=template_id) if template_id else None,
        created_at=raw.creation_time,
        completed_at=raw.complete_time or raw.finish_time,
        error=Problem(code=code, message=message) if code or message else None,
        output=None if file is None else _output(file, file, job_id, made=status is _SUCCEEDED),
        observation=observation,
        misfits=raw.misfits,
    )


def _job_in_summary(raw: wire.TranscodeJobSummary, job_id: str, observation: Observation) -> Job:
    """Read a job that comes with its file."""
    return _job(raw, raw.apart(), job_id, observation)


def _job_in_detail(raw: wire.TranscodeJob, job_id: str, observation: Observation) -> Job:
    """Read a job with what only the costlier operation tells of it."""
    job = _job(raw, None, job_id, observation)
    url = raw.input_file_url
    return msgspec.structs.replace(
        job,
        provider_id=raw.transcode_job_id,
        priority=raw.priority,
        input=Input(url=url) if url else None,
        output=_in_detail(raw.output_file, raw.apart(), job_id, made=job.status is _SUCCEEDED),
        misfits=raw.misfits,
    )


def _output(
    raw: wire.File, job: wire.TranscodeJob | wire.TranscodeJobSummary, job_id: str, *, made: bool
) -> Output:
    """Read a job's file."""
    file_size = raw.filesize
    output = Output(
        job_id=job_id,
        format=raw.format,
        width=raw.width,
        height=raw.height,
        fps=raw.fps,
        bitrate=raw.bitrate,
        duration=raw.duration,
        file_size=raw.file_size if file_size is None else file_size,
        definition=job.definition,
        encryption=raw.encryption,
        watermark_ids=raw.watermark_id_list,
        misfits=raw.misfits,
    )
    return output if made else _planned(output)


def _planned(output: Output) -> Output:
    """Leave out the zeros of a file that is not made: they are placeholders."""
    return msgspec.structs.replace(
        output,
        width=output.width or None,
        height=output.height or None,
        fps=output.fps or None,
        bitrate=output.bitrate or None,
        duration=output.duration or None,
        file_size=output.file_size or None,
    )


def _in_detail(
    raw: wire.OutputFile | None, job: wire.TranscodeJob, job_id: str, *, made: bool
) -> Output | None:
    """Read a job's file with what only the costlier operation tells of it; None where nothing is told."""
    definition = job.definition
    if raw is None:
        if definition is None and not job.misfits:
            return None
        raw = nothing(wire.OutputFile)
    output = _output(raw, job, job_id, made=made)
    url = raw.output_file_url
    return msgspec.structs.replace(
        output,
        url=None if url is None or _NEVER_MADE in url else url,
        video_streams=tuple(twin(VideoStream, stream) for stream in raw.video_stream_list),
        audio_streams=tuple(twin(AudioStream, stream) for stream in raw.audio_stream_list),
        subtitle_streams=tuple(twin(SubtitleStream, stream) for stream in raw.subtitle_stream_list),
        misfits=raw.misfits + job.misfits,
    )


def _trigger(word: str | None) -> Trigger | None:
    return None if word is None else _TRIGGERS.get(word, Trigger.UNKNOWN)
