"""ApsaraVideo VOD to records: every status, unit and oddity. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from gateway.domain.errors import GatewayError
from gateway.domain.identity import JobRef, TaskRef, VideoRef, encode, encode_jobs
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
from gateway.providers.outcomes import decoded, garbled, not_found
from gateway.providers.scalars import Reader, floor_mean, twin
from gateway.providers.vod import wire

W = TypeVar("W", bound=Struct)

TASK_STATUSES = {
    "Processing": Status.RUNNING,
    "Partial": Status.RUNNING,  # some of its jobs are done
    "CompleteAllSucc": Status.SUCCEEDED,
    "CompeleteAllSucc": Status.SUCCEEDED,  # as the sample has spelled it since 2019
    "CompletePartialSucc": Status.PARTIAL,
    "CompleteAllFail": Status.FAILED,
}
JOB_STATUSES = {
    "Transcoding": Status.RUNNING,
    "TranscodeSuccess": Status.SUCCEEDED,
    "TranscodeFail": Status.FAILED,
}
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
    read = Reader()
    unknown = read.texts("unknown", answer.non_exist_video_ids)
    found: dict[str | None, wire.TranscodeSummary] = {}
    for summary in read.parts("summaries", answer.transcode_summary_list, wire.TranscodeSummary):
        found.setdefault(read.text("video_id", summary.video_id), summary)
    # A record that does not say whose it is may be that of any video without one.
    strays = bool(read.misfits) or None in found
    outcomes: dict[str, Video | GatewayError] = {}
    for video_id in video_ids:
        if video_id in found:
            outcomes[video_id] = _video(
                video_id, _task(found[video_id], observation, jobs=True), observation.source
            )
        elif video_id in unknown:
            outcomes[video_id] = _not_found()
        else:
            outcomes[video_id] = (
                _garbled(observation) if strays else _video(video_id, None, observation.source)
            )
    return outcomes


def task_by_id(
    task_ids: Sequence[str], body: bytes, observation: Observation
) -> dict[str, Task | GatewayError]:
    """Read GetTranscodeTask, asked by TranscodeTaskId."""
    answer = _decode(body, wire.GetTranscodeTask, observation)
    read = Reader()
    found = read.part("task", answer.transcode_task, wire.TranscodeTask)
    if found is None:
        return {task_ids[0]: _garbled(observation) if read.misfits else _not_found()}
    return {task_ids[0]: _task(found, observation, jobs=True) or _garbled(observation)}


def jobs_by_id(
    job_ids: Sequence[str], body: bytes, observation: Observation
) -> dict[str, Job | GatewayError]:
    """Read GetTranscodeTask, asked by JobIds."""
    answer = _decode(body, wire.GetTranscodeTask, observation)
    read = Reader()
    found: dict[str | None, wire.TranscodeJob] = {}
    for job in read.parts("jobs", answer.transcode_job_info_list, wire.TranscodeJob):
        found.setdefault(read.text("job_id", job.transcode_job_id), job)
    strays = bool(read.misfits) or None in found
    unknown = read.texts("unknown", answer.non_exist_job_ids)
    outcomes: dict[str, Job | GatewayError] = {}
    for job_id in job_ids:
        if job_id in found:
            ref = JobRef(provider=Provider.VOD, provider_id=job_id, source=observation.source)
            outcomes[job_id] = _job(found[job_id], encode(ref), observation)
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
    read = Reader()
    found = read.parts("tasks", answer.transcode_task_list, msgspec.Raw)
    if read.misfits:
        return {page: _garbled(observation)}
    parts = [read.part("tasks", raw, wire.TranscodeTask) for raw in found]
    tasks = [_task(part, observation, jobs=False) if part else None for part in parts]
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


def _video(video_id: str, latest: Task | None, source: str) -> Video:
    ref = VideoRef(video_id=video_id, source=source)
    return Video(id=encode(ref), video_id=video_id, source=source, latest_task=latest)


def _task(
    raw: wire.TranscodeTask | wire.TranscodeSummary, observation: Observation, *, jobs: bool
) -> Task | None:
    """Read a task, with its jobs where they are reported; None where it lacks what identity is made of."""
    read = Reader()
    video_id = read.text("video_id", raw.video_id)
    if video_id is None:
        return None
    ref = TaskRef(
        provider=Provider.VOD,
        video_id=video_id,
        template_group_id=read.text("template_group_id", raw.transcode_template_group_id),
        created_at=read.time("created_at", raw.creation_time),
        source=observation.source,
    )
    if isinstance(raw, wire.TranscodeSummary):
        word = read.text("status", raw.transcode_status)
        provider_id: str | UnsetType | None = UNSET
        trigger = UNSET if raw.trigger is None else _trigger(read, raw.trigger)
    else:
        word = read.text("status", raw.task_status)
        provider_id = read.text("provider_id", raw.transcode_task_id)
        trigger = _trigger(read, raw.trigger)
    completed_at = read.time("completed_at", raw.complete_time)
    made = _jobs(raw, ref, observation, read) if jobs else UNSET
    return Task(
        id=encode(ref),
        provider=Provider.VOD,
        provider_id=provider_id,
        status=TASK_STATUSES.get(word or "", Status.UNKNOWN),
        provider_status=word,
        progress=UNSET if made is UNSET else floor_mean(job.progress for job in made),
        trigger=trigger,
        video_id=video_id,
        template_group_id=ref.template_group_id,
        inputs=UNSET if made is UNSET or isinstance(raw, wire.TranscodeSummary) else _inputs(made),
        created_at=ref.created_at,
        completed_at=completed_at,
        jobs=made,
        observation=observation,
        misfits=read.misfits,
    )


def _inputs(jobs: Iterable[Job]) -> tuple[Input, ...]:
    return tuple(dict.fromkeys(job.input for job in jobs if isinstance(job.input, Input)))


def _jobs(
    raw: wire.TranscodeTask | wire.TranscodeSummary, ref: TaskRef, observation: Observation, read: Reader
) -> tuple[Job, ...]:
    """Read a task's jobs, labelled by template and number among equal templates."""
    raws: Sequence[wire.TranscodeJob | wire.TranscodeJobSummary]
    if isinstance(raw, wire.TranscodeSummary):
        raws = read.parts("jobs", raw.transcode_job_info_summary_list, wire.TranscodeJobSummary)
    else:
        raws = read.parts("jobs", raw.transcode_job_info_list, wire.TranscodeJob)
    seen: dict[str, int] = {}
    labels = []
    for job in raws:
        template_id = Reader().text("template", job.transcode_template_id) or ""
        number = seen[template_id] = seen.get(template_id, -1) + 1
        labels.append(f"{template_id}/{number}")
    return tuple(
        _job(job, job_id, observation) for job, job_id in zip(raws, encode_jobs(ref, labels), strict=True)
    )


def _job(raw: wire.TranscodeJob | wire.TranscodeJobSummary, job_id: str, observation: Observation) -> Job:
    read = Reader()
    word = read.text("status", raw.transcode_job_status)
    status = JOB_STATUSES.get(word or "", Status.UNKNOWN)
    template_id = read.text("template", raw.transcode_template_id)
    code, message = read.text("error", raw.error_code), read.text("error", raw.error_message)
    progress = read.percent("progress", raw.transcode_progress)
    created_at = read.time("created_at", raw.creation_time)
    completed_at = read.time("completed_at", raw.complete_time or raw.finish_time)
    made = status is Status.SUCCEEDED
    provider_id: str | UnsetType | None = UNSET
    priority: int | UnsetType | None = UNSET
    source: Input | UnsetType | None = UNSET
    output: Output | None
    if isinstance(raw, wire.TranscodeJobSummary):
        output = _output(raw, job_id, raw.definition, made=made)
    else:
        url = read.text("input", raw.input_file_url)
        source = Input(url=url) if url else None
        file = read.part("output", raw.output_file, wire.OutputFile)
        known = file is not None or raw.definition is not None
        output = _output(file or wire.OutputFile(), job_id, raw.definition, made=made) if known else None
        provider_id = read.text("provider_id", raw.transcode_job_id)
        priority = read.integer("priority", raw.priority)
    return Job(
        id=job_id,
        provider=Provider.VOD,
        provider_id=provider_id,
        status=status,
        provider_status=word,
        progress=progress,
        template=Template(id=template_id) if template_id else None,
        priority=priority,
        created_at=created_at,
        completed_at=completed_at,
        error=Problem(code=code, message=message) if code or message else None,
        input=source,
        output=output,
        observation=observation,
        misfits=read.misfits,
    )


def _output(raw: wire.File, job_id: str, definition: object, *, made: bool) -> Output:
    """Read a job's file; the zeros of a file that is not made are placeholders."""
    read = Reader()

    width, height = read.integer("width", raw.width), read.integer("height", raw.height)
    fps, bitrate = read.number("fps", raw.fps), read.number("bitrate", raw.bitrate)
    duration = read.number("duration", raw.duration)
    file_size = read.big_integer("file_size", raw.file_size if raw.filesize is None else raw.filesize)
    output = Output(
        job_id=job_id,
        format=read.text("format", raw.format),
        width=width if made else width or None,
        height=height if made else height or None,
        fps=fps if made else fps or None,
        bitrate=bitrate if made else bitrate or None,
        duration=duration if made else duration or None,
        file_size=file_size if made else file_size or None,
        definition=read.text("definition", definition),
        encryption=read.json_text("encryption", raw.encryption),
        watermark_ids=read.texts("watermark_ids", raw.watermark_id_list),
        misfits=read.misfits,
    )
    return _in_detail(output, raw, read) if isinstance(raw, wire.OutputFile) else output


def _in_detail(output: Output, raw: wire.OutputFile, read: Reader) -> Output:
    """Add what only the costlier operation tells of a file."""
    url = read.text("url", raw.output_file_url)
    videos = read.parts("video_streams", raw.video_stream_list, wire.VideoStream)
    audios = read.parts("audio_streams", raw.audio_stream_list, wire.AudioStream)
    subtitles = read.parts("subtitle_streams", raw.subtitle_stream_list, wire.SubtitleStream)
    return msgspec.structs.replace(
        output,
        url=None if url is None or _NEVER_MADE in url else url,
        video_streams=tuple(twin(VideoStream, stream) for stream in videos),
        audio_streams=tuple(twin(AudioStream, stream) for stream in audios),
        subtitle_streams=tuple(twin(SubtitleStream, stream) for stream in subtitles),
        misfits=read.misfits,
    )


def _trigger(read: Reader, value: object) -> Trigger | None:
    word = read.text("trigger", value)
    return None if word is None else _TRIGGERS.get(word, Trigger.UNKNOWN)
