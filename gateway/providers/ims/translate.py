"""Intelligent Media Services to records: every status, unit and oddity. Pure.

What IMS calls a job is our task; its outputs, alone or in groups, are our jobs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import Annotated, TypeVar

import msgspec
from msgspec import UNSET

from gateway.domain.errors import GatewayError
from gateway.domain.identity import TaskRef, encode, encode_tasks
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
from gateway.providers.documented import Wire, nothing
from gateway.providers.ims import wire
from gateway.providers.kinds import Text
from gateway.providers.outcomes import decoded, garbled, misfits_of, not_found, twin, unread

C = TypeVar("C", wire.ConfigOutput, wire.ConfigGroup)
D = TypeVar("D", wire.OutputDetail, wire.GroupDetail)
Pairs = list[tuple[C | None, D | None]]
Pair = tuple[wire.ConfigOutput | None, wire.OutputDetail | None]

# Documents disagree on the two ends: Success and Failed in the page of December 2025, Complete and Error in
# the current SDK, Finished in one example.
TASK_STATUSES: Mapping[str | None, Status] = {
    "Inited": Status.QUEUED,
    "Running": Status.RUNNING,
    "Success": Status.SUCCEEDED,
    "Complete": Status.SUCCEEDED,
    "Finished": Status.SUCCEEDED,
    "Failed": Status.FAILED,
    "Error": Status.FAILED,
    "Cancelled": Status.CANCELLED,
}
JOB_STATUSES: Mapping[str | None, Status] = {
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
    found = answer.job
    if found is None:
        return {task_ids[0]: _garbled(observation) if answer.misfits else _not_found()}
    task = _task(found, observation, video_id_path, detail=True)
    return {task_ids[0]: task or _garbled(observation)}


def tasks_in_window(
    pages: Sequence[WindowPage], body: bytes, observation: Observation, *, video_id_path: str
) -> dict[WindowPage, TaskPage | GatewayError]:
    """Read ListMediaConvertJobs; the token of the next page is passed on untouched."""
    [page] = pages
    answer = _decode(body, wire.ListMediaConvertJobs, observation)
    found = answer.jobs
    if answer.misfits:
        return {page: _garbled(observation)}
    tasks = [_task(part, observation, video_id_path, detail=False) if part else None for part in found]
    readable = tuple(task for task in tasks if task is not None)
    return {
        page: TaskPage(
            tasks=readable,
            garbled=len(tasks) - len(readable),
            next_page=answer.next_page_token,
        )
    }


def _task(
    raw: wire.MediaConvertJob, observation: Observation, video_id_path: str, *, detail: bool
) -> Task | None:
    """Read a task of the list, or one in detail; None where it lacks what its identity is made of."""
    provider_id = raw.job_id
    if provider_id is None:
        return None
    ref = TaskRef(provider=Provider.IMS, provider_id=provider_id, source=observation.source)
    sent = raw.config
    config = sent or nothing(wire.Config)
    video_id = _video_id(raw.user_data, video_id_path)
    task = Task(
        id=encode(ref),
        provider=Provider.IMS,
        provider_id=provider_id,
        name=config.job_name,
        status=TASK_STATUSES.get(raw.state, Status.UNKNOWN),
        provider_status=raw.state,
        trigger=None,
        video_id=video_id.text,
        inputs=tuple(map(_input, config.inputs)) if sent or detail else UNSET,
        pipeline_id=raw.pipeline_id,
        user_data=raw.user_data,
        client_token=raw.client_token,
        creation_request_id=raw.request_id,
        created_at=raw.create_time,
        completed_at=raw.finish_time,
        # Sent with State Success in the sample: kept, and the state believed.
        error=_problem(raw),
        observation=observation,
        misfits=misfits_of(raw, config, video_id),
    )
    if not detail:
        return task
    groups = _pairs(config.output_groups, raw.output_group_details)
    jobs = _jobs(_pairs(config.outputs, raw.output_details), groups, task, ref)
    ended = [job.completed_at for job in jobs if job.completed_at] if task.status.finished else []
    return msgspec.structs.replace(
        task,
        progress=raw.percent,
        created_at=task.created_at or min((job.created_at for job in jobs if job.created_at), default=None),
        completed_at=task.completed_at or max(ended, default=None),
        jobs=jobs,
        misfits=misfits_of(raw, config, video_id, *[part for pair in groups for part in pair if part]),
    )


def _jobs(
    outputs: Pairs[wire.ConfigOutput, wire.OutputDetail],
    groups: Pairs[wire.ConfigGroup, wire.GroupDetail],
    task: Task,
    ref: TaskRef,
) -> tuple[Job, ...]:
    """Read the outputs, then the groups' outputs, labelled by position in the configuration."""
    labelled: dict[str, tuple[Pair, JobGroup | None]] = {
        f"outputs/{i}": (pair, None) for i, pair in enumerate(outputs)
    }
    for g, (group, group_detail) in enumerate(groups):
        grouped = _pairs(group.outputs if group else (), group_detail.outputs if group_detail else ())
        job_group = _group(group, group_detail)
        labelled |= {f"groups/{g}/{i}": (pair, job_group) for i, pair in enumerate(grouped)}
    [(_, job_ids)] = encode_tasks([(ref, list(labelled))])
    return tuple(
        [
            _job(pair, job_id, task, group)
            for job_id, (pair, group) in zip(job_ids, labelled.values(), strict=True)
        ]
    )


def _pairs(asked: Sequence[C], became: Sequence[D]) -> Pairs[C, D]:
    """Pair what was asked for with what became of it: by a name unique on both sides, else by position."""
    names = Counter(_name(config) for config in asked), Counter(_name(detail) for detail in became)
    shared = {name for name in names[0] if name and names[0][name] == names[1][name] == 1}
    by_name = {_name(detail): detail for detail in became if _name(detail) in shared}
    by_position = [None if _name(detail) in shared else detail for detail in became]
    pairs: Pairs[C, D] = []
    left: Pairs[C, D] = []
    for config, detail in zip_longest(asked, by_position):
        partner = by_name.get(_name(config)) if config is not None else None
        if config is not None:
            pairs.append((config, partner or detail))
        if detail is not None and (config is None or partner is not None):
            left.append((None, detail))
    return pairs + left


def _name(part: wire.ConfigOutput | wire.ConfigGroup | wire.OutputDetail | wire.GroupDetail) -> str | None:
    return part.apart().name


def _group(asked: wire.ConfigGroup | None, became: wire.GroupDetail | None) -> JobGroup:
    config = asked.apart() if asked else nothing(wire.ConfigGroup)
    detail = became.apart() if became else nothing(wire.GroupDetail)
    packaging = config.group_config or nothing(wire.GroupConfig)
    base = packaging.output_file_base or nothing(wire.MediaObject)
    return JobGroup(
        name=config.name or detail.name,
        provider_id=detail.task_id,
        status=JOB_STATUSES.get(detail.status, Status.UNKNOWN),
        provider_status=detail.status,
        created_at=detail.create_time,
        completed_at=detail.finish_time,
        error=_problem(detail),
        type=packaging.type,
        manifest_name=packaging.manifest_name,
        location=_location(base),
        misfits=misfits_of(config, detail, packaging, base),
    )


def _job(pair: Pair, job_id: str, task: Task, group: JobGroup | None) -> Job:
    config, detail = pair[0] or nothing(wire.ConfigOutput), pair[1] or nothing(wire.OutputDetail)
    template_id = config.template_id
    inputs = task.inputs or ()
    return Job(
        id=job_id,
        provider=Provider.IMS,
        provider_id=detail.task_id,
        name=config.name or detail.name,
        group=group,
        status=JOB_STATUSES.get(detail.status, Status.UNKNOWN),
        provider_status=detail.status,
        template=Template(id=template_id) if template_id else None,
        priority=config.priority,
        created_at=detail.create_time,
        completed_at=detail.finish_time,
        error=_problem(detail),
        input=inputs[0] if len(inputs) == 1 else None,
        output=_output(config.apart(), detail.result or nothing(wire.Result), job_id),
        override_params=config.override_params,
        features=config.features,
        file_name=config.output_file_name,
        observation=task.observation,
        misfits=misfits_of(config, detail),
    )


def _output(config: wire.ConfigOutput, result: wire.Result, job_id: str) -> Output | None:
    """Read a job's file; until there is one, only where it is going to be."""
    file = result.output_file or nothing(wire.MediaObject)
    location = _location(file)
    if location is None:
        planned = config.output_file or nothing(wire.MediaObject)
        location = _location(planned)
    else:
        planned = file
    meta = result.out_file_meta or nothing(wire.OutFileMeta)
    info = meta.file_basic_info or nothing(wire.FileBasicInfo)
    region = info.region
    if region:
        location = msgspec.structs.replace(location or Location(), region=region)
    output = Output(
        job_id=job_id,
        format=info.format_name,
        url=info.file_url,
        location=location,
        width=info.width,
        height=info.height,
        bitrate=info.bitrate,
        duration=info.duration,
        file_size=info.file_size,
        video_streams=tuple(twin(VideoStream, stream) for stream in meta.video_stream_info_list),
        audio_streams=tuple(twin(AudioStream, stream) for stream in meta.audio_stream_info_list),
        subtitle_streams=None,
        media_id=info.media_id,
        file_name=info.file_name,
        file_status=info.file_status,
        file_type=info.file_type,
        misfits=misfits_of(config, result, file, planned, meta, info),
    )
    empty = Output(job_id=job_id, url=None, video_streams=(), audio_streams=(), subtitle_streams=None)
    return None if output == empty else output


def _input(raw: wire.ConfigInput) -> Input:
    file = raw.input_file or nothing(wire.MediaObject)
    return Input(name=raw.name, location=_location(file), misfits=misfits_of(raw, file))


def _location(raw: wire.MediaObject) -> Location | None:
    location = Location(type=raw.type, uri=raw.media, url=raw.url)
    return None if location == Location() else location


def _problem(raw: wire.MediaConvertJob | wire.OutputDetail | wire.GroupDetail) -> Problem | None:
    code, message = raw.code, raw.message
    return Problem(code=code, message=message) if code or message else None


class _VideoId(Wire):
    """What a path in user data leads to."""

    text: Annotated[Text, "video_id"] = None


def _video_id(user_data: str | None, path: str) -> _VideoId:
    """Follow a dotted path into user data that is an object, or text that holds one."""
    try:
        found = msgspec.json.decode(user_data or "null")
    except (ValueError, RecursionError):
        found = None  # user data may be any text
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return unread(_VideoId, text=found)
