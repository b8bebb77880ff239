"""Intelligent Media Services to records: every status, unit and oddity. Pure.

What IMS calls a job is our task; its outputs, alone or in groups, are our jobs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct

from gateway.domain.errors import GatewayError
from gateway.domain.identity import JobRef, TaskRef, encode
from gateway.domain.provider import WindowPage
from gateway.domain.records import (
    AudioStream,
    Input,
    Job,
    JobGroup,
    Location,
    Observation,
    Output,
    Problem,
    Provider,
    Status,
    Task,
    TaskPage,
    Template,
    VideoStream,
)
from gateway.providers.ims import wire
from gateway.providers.outcomes import decoded, garbled, not_found
from gateway.providers.scalars import Reader, twin

W = TypeVar("W", bound=Struct)
C = TypeVar("C", wire.ConfigOutput, wire.ConfigGroup)
D = TypeVar("D", wire.OutputDetail, wire.GroupDetail)

# Documents disagree on the two ends: Success and Failed in the page of December 2025, Complete and Error in
# the current SDK, Finished in one example.
TASK_STATUSES = {
    "Inited": Status.QUEUED,
    "Running": Status.RUNNING,
    "Success": Status.SUCCEEDED,
    "Complete": Status.SUCCEEDED,
    "Finished": Status.SUCCEEDED,
    "Failed": Status.FAILED,
    "Error": Status.FAILED,
    "Cancelled": Status.CANCELLED,
}
JOB_STATUSES = {
    "Init": Status.QUEUED,
    "Scheduled": Status.QUEUED,
    "Running": Status.RUNNING,
    "Success": Status.SUCCEEDED,
    "Failed": Status.FAILED,
    "Skipped": Status.SKIPPED,
}

_decode = partial(decoded, Provider.IMS)
_garbled = partial(garbled, Provider.IMS)
_not_found = partial(not_found, Provider.IMS)


def task_by_id(
    task_ids: Sequence[str], body: bytes, observation: Observation, *, video_id_path: str
) -> dict[str, Task | GatewayError]:
    """Read GetMediaConvertJob; an answer without a job knows no such job."""
    answer = _decode(body, wire.GetMediaConvertJob, observation)
    read = Reader()
    found = read.part("task", answer.job, wire.MediaConvertJob)
    if found is None:
        return {task_ids[0]: _garbled(observation) if read.misfits else _not_found()}
    task = _task(found, observation, video_id_path, detail=True)
    return {task_ids[0]: task or _garbled(observation)}


def tasks_in_window(
    pages: Sequence[WindowPage], body: bytes, observation: Observation, *, video_id_path: str
) -> dict[WindowPage, TaskPage | GatewayError]:
    """Read ListMediaConvertJobs; the token of the next page is passed on untouched."""
    [page] = pages
    answer = _decode(body, wire.ListMediaConvertJobs, observation)
    read = Reader()
    found = read.parts("tasks", answer.jobs, msgspec.Raw)
    if read.misfits:
        return {page: _garbled(observation)}
    parts = [read.part("tasks", raw, wire.MediaConvertJob) for raw in found]
    tasks = [_task(part, observation, video_id_path, detail=False) if part else None for part in parts]
    readable = tuple(task for task in tasks if task is not None)
    token = answer.next_page_token
    return {
        page: TaskPage(
            tasks=readable,
            garbled=len(tasks) - len(readable),
            next_page=token if isinstance(token, str) and token else None,
        )
    }


def _task(
    raw: wire.MediaConvertJob, observation: Observation, video_id_path: str, *, detail: bool
) -> Task | None:
    """Read a task of the list, or one in detail; None where it lacks what its identity is made of."""
    read = Reader()
    provider_id = read.text("provider_id", raw.job_id)
    if provider_id is None:
        return None
    ref = TaskRef(provider=Provider.IMS, provider_id=provider_id, source=observation.source)
    status = read.text("status", raw.state)
    config = read.part("inputs", raw.config, wire.Config)
    task = Task(
        id=encode(ref),
        provider=Provider.IMS,
        provider_id=provider_id,
        name=read.text("name", config.job_name) if config else None,
        status=TASK_STATUSES.get(status or "", Status.UNKNOWN),
        provider_status=status,
        trigger=None,
        video_id=_video_id(read, raw.user_data, video_id_path),
        inputs=_inputs(read, config or wire.Config()) if config or detail else UNSET,
        pipeline_id=read.text("pipeline_id", raw.pipeline_id),
        user_data=read.json_text("user_data", raw.user_data),
        client_token=read.text("client_token", raw.client_token),
        creation_request_id=read.text("creation_request_id", raw.request_id),
        created_at=read.time("created_at", raw.create_time),
        completed_at=read.time("completed_at", raw.finish_time),
        # Sent with State Success in the sample: kept, and the state believed.
        error=_problem(read, raw),
        observation=observation,
        misfits=read.misfits,
    )
    if not detail:
        return task
    jobs = _jobs(read, raw, config or wire.Config(), task, ref)
    ended = [job.completed_at for job in jobs if job.completed_at] if task.status.finished else []
    return msgspec.structs.replace(
        task,
        progress=read.percent("progress", raw.percent),
        created_at=task.created_at or min((job.created_at for job in jobs if job.created_at), default=None),
        completed_at=task.completed_at or max(ended, default=None),
        jobs=jobs,
        misfits=read.misfits,
    )


def _jobs(
    read: Reader, raw: wire.MediaConvertJob, config: wire.Config, task: Task, ref: TaskRef
) -> tuple[Job, ...]:
    """Read the outputs, then the groups' outputs, labelled by position in the configuration."""
    jobs = []
    outputs = read.parts("jobs", config.outputs, wire.ConfigOutput)
    details = read.parts("jobs", raw.output_details, wire.OutputDetail)
    for i, pair in enumerate(_pairs(outputs, details)):
        jobs.append(_job(pair, f"outputs/{i}", task, ref))
    groups = read.parts("jobs", config.output_groups, wire.ConfigGroup)
    group_details = read.parts("jobs", raw.output_group_details, wire.GroupDetail)
    for g, (group, group_detail) in enumerate(_pairs(groups, group_details)):
        outputs = read.parts("jobs", group.outputs, wire.ConfigOutput) if group else []
        details = read.parts("jobs", group_detail.outputs, wire.OutputDetail) if group_detail else []
        job_group = _group(group, group_detail)
        for i, pair in enumerate(_pairs(outputs, details)):
            jobs.append(_job(pair, f"groups/{g}/{i}", task, ref, job_group))
    return tuple(jobs)


def _pairs(asked: Sequence[C], became: Sequence[D]) -> list[tuple[C | None, D | None]]:
    """Pair what was asked for with what became of it: by a name unique on both sides, else by position."""
    names = Counter(_name(config) for config in asked), Counter(_name(detail) for detail in became)
    shared = {name for name in names[0] if name and names[0][name] == names[1][name] == 1}
    by_name = {_name(detail): detail for detail in became if _name(detail) in shared}
    by_position = [None if _name(detail) in shared else detail for detail in became]
    pairs: list[tuple[C | None, D | None]] = []
    left: list[tuple[C | None, D | None]] = []
    for config, detail in zip_longest(asked, by_position):
        partner = by_name.get(_name(config)) if config is not None else None
        if config is not None:
            pairs.append((config, partner or detail))
        if detail is not None and (config is None or partner is not None):
            left.append((None, detail))
    return pairs + left


def _name(part: wire.ConfigOutput | wire.ConfigGroup | wire.OutputDetail | wire.GroupDetail) -> str | None:
    return Reader().text("name", part.name)


def _group(config: wire.ConfigGroup | None, detail: wire.GroupDetail | None) -> JobGroup:
    read = Reader()
    config, detail = config or wire.ConfigGroup(), detail or wire.GroupDetail()
    packaging = read.part("type", config.group_config, wire.GroupConfig) or wire.GroupConfig()
    status = read.text("status", detail.status)
    return JobGroup(
        name=read.text("name", config.name) or read.text("name", detail.name),
        provider_id=read.text("provider_id", detail.task_id),
        status=JOB_STATUSES.get(status or "", Status.UNKNOWN),
        provider_status=status,
        created_at=read.time("created_at", detail.create_time),
        completed_at=read.time("completed_at", detail.finish_time),
        error=_problem(read, detail),
        type=read.text("type", packaging.type),
        manifest_name=read.text("manifest_name", packaging.manifest_name),
        location=_location(read, packaging.output_file_base),
        misfits=read.misfits,
    )


def _job(
    pair: tuple[wire.ConfigOutput | None, wire.OutputDetail | None],
    label: str,
    task: Task,
    ref: TaskRef,
    group: JobGroup | None = None,
) -> Job:
    read = Reader()
    config, detail = pair[0] or wire.ConfigOutput(), pair[1] or wire.OutputDetail()
    job_id = encode(JobRef(provider=Provider.IMS, task=ref, label=label, source=ref.source))
    status = read.text("status", detail.status)
    template_id = read.text("template", config.template_id)
    inputs = task.inputs or ()
    return Job(
        id=job_id,
        provider=Provider.IMS,
        provider_id=read.text("provider_id", detail.task_id),
        name=read.text("name", config.name) or read.text("name", detail.name),
        group=group,
        status=JOB_STATUSES.get(status or "", Status.UNKNOWN),
        provider_status=status,
        template=Template(id=template_id) if template_id else None,
        priority=read.integer("priority", config.priority),
        created_at=read.time("created_at", detail.create_time),
        completed_at=read.time("completed_at", detail.finish_time),
        error=_problem(read, detail),
        input=inputs[0] if len(inputs) == 1 else None,
        output=_output(config, read.part("output", detail.result, wire.Result), job_id),
        override_params=read.json_text("override_params", config.override_params),
        features=read.json_text("features", config.features),
        file_name=read.text("file_name", config.output_file_name),
        observation=task.observation,
        misfits=read.misfits,
    )


def _output(config: wire.ConfigOutput, result: wire.Result | None, job_id: str) -> Output | None:
    """Read a job's file; until there is one, only where it is going to be."""
    read = Reader()
    result = result or wire.Result()
    location = _location(read, result.output_file) or _location(read, config.output_file)
    meta = read.part("video_streams", result.out_file_meta, wire.OutFileMeta) or wire.OutFileMeta()
    info = read.part("file_name", meta.file_basic_info, wire.FileBasicInfo) or wire.FileBasicInfo()
    region = read.text("location", info.region)
    if region:
        location = msgspec.structs.replace(location or Location(), region=region)
    videos = read.parts("video_streams", meta.video_stream_info_list, wire.VideoStream)
    audios = read.parts("audio_streams", meta.audio_stream_info_list, wire.AudioStream)
    output = Output(
        job_id=job_id,
        format=read.text("format", info.format_name),
        url=read.text("url", info.file_url),
        location=location,
        width=read.integer("width", info.width),
        height=read.integer("height", info.height),
        bitrate=read.number("bitrate", info.bitrate),
        duration=read.number("duration", info.duration),
        file_size=read.big_integer("file_size", info.file_size),
        video_streams=tuple(twin(VideoStream, stream) for stream in videos),
        audio_streams=tuple(twin(AudioStream, stream) for stream in audios),
        subtitle_streams=None,
        media_id=read.text("media_id", info.media_id),
        file_name=read.text("file_name", info.file_name),
        file_status=read.text("file_status", info.file_status),
        file_type=read.text("file_type", info.file_type),
        misfits=read.misfits,
    )
    empty = Output(job_id=job_id, url=None, video_streams=(), audio_streams=(), subtitle_streams=None)
    return None if output == empty else output


def _inputs(read: Reader, config: wire.Config) -> tuple[Input, ...]:
    return tuple(_input(raw) for raw in read.parts("inputs", config.inputs, wire.ConfigInput))


def _input(raw: wire.ConfigInput) -> Input:
    read = Reader()
    return Input(
        name=read.text("name", raw.name),
        location=_location(read, raw.input_file),
        misfits=read.misfits,
    )


def _location(read: Reader, raw: msgspec.Raw) -> Location | None:
    found = read.part("location", raw, wire.MediaObject) or wire.MediaObject()
    location = Location(
        type=read.text("location", found.type),
        uri=read.text("location", found.media),
        url=read.text("location", found.url),
    )
    return None if location == Location() else location


def _problem(
    read: Reader, raw: wire.MediaConvertJob | wire.OutputDetail | wire.GroupDetail
) -> Problem | None:
    code, message = read.text("error", raw.code), read.text("error", raw.message)
    return Problem(code=code, message=message) if code or message else None


def _video_id(read: Reader, user_data: object, path: str) -> str | None:
    """Follow a dotted path into user data that is an object, or text that holds one."""
    found = user_data
    if isinstance(found, str):
        try:
            found = msgspec.json.decode(found)
        except (ValueError, RecursionError):
            return None  # user data may be any text
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return read.text("video_id", found)
