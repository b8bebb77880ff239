"""ApsaraVideo VOD to records: every status, unit and oddity. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from gateway.domain.errors import GatewayError
from gateway.domain.identity import JobRef, TaskRef, VideoRef, encode
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

N = TypeVar("N", int, float)
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
            outcomes[job_id] = _job(found[job_id], ref, observation)
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
    task = Task(
        id=encode(ref),
        provider=Provider.VOD,
        provider_id=provider_id,
        status=TASK_STATUSES.get(word or "", Status.UNKNOWN),
        provider_status=word,
        trigger=trigger,
        video_id=video_id,
        template_group_id=ref.template_group_id,
        created_at=ref.created_at,
        completed_at=read.time("completed_at", raw.complete_time),
        observation=observation,
        misfits=read.misfits,
    )
    return _with_jobs(task, raw, ref, read) if jobs else task


def _with_jobs(
    task: Task, raw: wire.TranscodeTask | wire.TranscodeSummary, ref: TaskRef, read: Reader
) -> Task:
    if isinstance(raw, wire.TranscodeSummary):
        found = read.parts("jobs", raw.transcode_job_info_summary_list, wire.TranscodeJobSummary)
        jobs = _jobs(found, ref, task.observation)
        inputs: tuple[Input, ...] | UnsetType = UNSET
    else:
        jobs = _jobs(
            read.parts("jobs", raw.transcode_job_info_list, wire.TranscodeJob), ref, task.observation
        )
        inputs = tuple(dict.fromkeys(job.input for job in jobs if isinstance(job.input, Input)))
    return msgspec.structs.replace(
        task,
        progress=floor_mean(job.progress for job in jobs),
        inputs=inputs,
        jobs=jobs,
        misfits=read.misfits,
    )


def _jobs(
    raws: Iterable[wire.TranscodeJob | wire.TranscodeJobSummary], ref: TaskRef, observation: Observation
) -> tuple[Job, ...]:
    """Read a task's jobs, labelled by template and number among equal templates."""
    seen = Counter[str]()
    jobs = []
    for raw in raws:
        template_id = Reader().text("template", raw.transcode_template_id) or ""
        label = f"{template_id}/{seen[template_id]}"
        seen[template_id] += 1
        jobs.append(
            _job(raw, JobRef(provider=Provider.VOD, task=ref, label=label, source=ref.source), observation)
        )
    return tuple(jobs)


def _job(raw: wire.TranscodeJob | wire.TranscodeJobSummary, ref: JobRef, observation: Observation) -> Job:
    read = Reader()
    job_id = encode(ref)
    word = read.text("status", raw.transcode_job_status)
    status = JOB_STATUSES.get(word or "", Status.UNKNOWN)
    template_id = read.text("template", raw.transcode_template_id)
    code, message = read.text("error", raw.error_code), read.text("error", raw.error_message)
    job = Job(
        id=job_id,
        provider=Provider.VOD,
        status=status,
        provider_status=word,
        progress=read.percent("progress", raw.transcode_progress),
        template=Template(id=template_id) if template_id else None,
        created_at=read.time("created_at", raw.creation_time),
        completed_at=read.time("completed_at", raw.complete_time or raw.finish_time),
        error=Problem(code=code, message=message) if code or message else None,
        observation=observation,
    )
    made = status is Status.SUCCEEDED
    if isinstance(raw, wire.TranscodeJobSummary):
        output = _output(raw, job_id, raw.definition, made=made)
        return msgspec.structs.replace(job, output=output, misfits=read.misfits)
    url = read.text("input", raw.input_file_url)
    file = read.part("output", raw.output_file, wire.OutputFile)
    known = file is not None or raw.definition is not None
    return msgspec.structs.replace(
        job,
        provider_id=read.text("provider_id", raw.transcode_job_id),
        priority=read.integer("priority", raw.priority),
        input=Input(url=url) if url else None,
        output=_output(file or wire.OutputFile(), job_id, raw.definition, made=made) if known else None,
        misfits=read.misfits,
    )


def _output(raw: wire.File, job_id: str, definition: object, *, made: bool) -> Output:
    """Read a job's file; the zeros of a file that is not made are placeholders."""
    read = Reader()

    def real(number: N | None) -> N | None:
        return number if made else number or None

    output = Output(
        job_id=job_id,
        format=read.text("format", raw.format),
        width=real(read.integer("width", raw.width)),
        height=real(read.integer("height", raw.height)),
        fps=real(read.number("fps", raw.fps)),
        bitrate=real(read.number("bitrate", raw.bitrate)),
        duration=real(read.number("duration", raw.duration)),
        file_size=real(
            read.big_integer("file_size", raw.file_size if raw.filesize is None else raw.filesize)
        ),
        definition=read.text("definition", definition),
        encryption=read.json_text("encryption", raw.encryption),
        watermark_ids=read.texts("watermark_ids", raw.watermark_id_list),
    )
    if not isinstance(raw, wire.OutputFile):
        return msgspec.structs.replace(output, misfits=read.misfits)
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
