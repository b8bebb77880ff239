"""Visionular to records: every status, unit and oddity. Pure.

One task has one template and makes one file, so it is read as a task with a single job.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from msgspec import Raw

from gateway.domain.errors import GatewayError
from gateway.domain.identity import JobRef, TaskRef, encode
from gateway.domain.provider import WindowPage
from gateway.domain.records import (
    Input,
    Job,
    Location,
    Observation,
    Output,
    Problem,
    Provider,
    Status,
    Task,
    TaskPage,
    Template,
)
from gateway.providers.outcomes import garbled, not_found
from gateway.providers.scalars import Reader
from gateway.providers.visionular import wire

TASK_STATUSES = {
    "pending": Status.QUEUED,
    "downloading": Status.RUNNING,
    "running": Status.RUNNING,
    "uploading": Status.RUNNING,
    "success": Status.SUCCEEDED,
    "succeeded": Status.SUCCEEDED,  # /vodencoding/v1
    "fail": Status.FAILED,
    "failed": Status.FAILED,  # /vodencoding/v1
}

_garbled = partial(garbled, Provider.VISIONULAR)
_not_found = partial(not_found, Provider.VISIONULAR)


def task_by_id(
    task_ids: Sequence[str], data: Raw, observation: Observation
) -> dict[str, Task | GatewayError]:
    """Read query_task; no data is no such task."""
    read = Reader()
    found = read.part("task", data, wire.Item)
    if found is None:
        return {task_ids[0]: _garbled(observation) if read.misfits else _not_found()}
    return {task_ids[0]: _task(found, observation) or _garbled(observation)}


def tasks_in_window(
    pages: Sequence[WindowPage], data: Raw, observation: Observation
) -> dict[WindowPage, TaskPage | GatewayError]:
    """Read list_task; the next page begins after the records of this one."""
    [page] = pages
    read = Reader()
    listing = read.part("tasks", data, wire.Listing) or wire.Listing()
    found = read.parts("tasks", listing.list, Raw)
    if read.misfits:
        return {page: _garbled(observation)}
    parts = [read.part("tasks", raw, wire.Item) for raw in found]
    tasks = [_task(part, observation) if part else None for part in parts]
    readable = tuple(task for task in tasks if task is not None)
    total = read.integer("total_count", listing.total)
    end = int(page.page or 0) + len(tasks)
    more = len(tasks) >= page.size if total is None else end < total
    return {
        page: TaskPage(
            tasks=readable,
            garbled=len(tasks) - len(readable),
            next_page=str(end) if tasks and more else None,
            total_count=total,
        )
    }


def _task(raw: wire.Item, observation: Observation) -> Task | None:
    """Read a task; None where it lacks what its identity is made of."""
    read = Reader()
    provider_id = read.text("provider_id", raw.task_id)
    if provider_id is None:
        return None
    created_at = read.time("created_at", _first(raw.create_time, raw.created_time))
    completed_at = read.time("completed_at", _first(raw.finish_time, raw.finished_time))
    if created_at and completed_at and completed_at < created_at:
        completed_at = None  # a placeholder of a task that is not finished
    ref = TaskRef(
        provider=Provider.VISIONULAR,
        provider_id=provider_id,
        created_at=created_at,
        source=observation.source,
    )
    word = read.text("status", raw.status)
    status = TASK_STATUSES.get((word or "").lower(), Status.UNKNOWN)
    task = Task(
        id=encode(ref),
        provider=Provider.VISIONULAR,
        provider_id=provider_id,
        status=status,
        provider_status=word,
        progress=read.percent("progress", raw.progress),
        trigger=None,
        inputs=(_input(raw),),
        user_data=read.json_text("user_data", raw.custom_info),
        created_at=created_at,
        started_at=read.time("started_at", raw.started_time),
        completed_at=completed_at,
        error=_problem(read, raw, status),
        observation=observation,
        misfits=read.misfits,
    )
    return msgspec.structs.replace(task, jobs=(_job(raw, ref, task),))


def _job(raw: wire.Item, ref: TaskRef, task: Task) -> Job:
    read = Reader()
    job_id = encode(JobRef(provider=Provider.VISIONULAR, task=ref, label="0", source=ref.source))
    template = Template(
        id=read.text("template", raw.template_id), name=read.text("template", raw.template_name)
    )
    return Job(
        id=job_id,
        provider=Provider.VISIONULAR,
        provider_id=None,
        status=task.status,
        provider_status=task.provider_status,
        progress=read.percent("progress", raw.progress),
        template=None if template == Template() else template,
        priority=None,
        created_at=task.created_at,
        completed_at=task.completed_at,
        error=task.error,
        input=_input(raw),
        output=_output(raw, job_id, made=task.status is Status.SUCCEEDED),
        observation=task.observation,
        misfits=read.misfits,
    )


def _output(raw: wire.Item, job_id: str, *, made: bool) -> Output:
    """Read the task's file; the zeros of a file that is not made are placeholders."""
    read = Reader()
    bitrate = read.number("bitrate", _first(raw.dst_bitrate, raw.output_bitrate))
    file_size = read.big_integer("file_size", raw.output_size)
    location = Location(
        type=read.text("location", raw.region_type),
        uri=read.text("location", raw.output),
        bucket=read.text("location", raw.bucket),
        object_key=read.text("location", raw.objkey),
        region=read.text("location", raw.region),
    )
    return Output(
        job_id=job_id,
        format=read.text("format", raw.format),
        url=read.text("url", raw.output_url),
        location=None if location == Location() else location,
        bitrate=bitrate if made else bitrate or None,
        duration=read.number("duration", raw.duration),
        file_size=file_size if made else file_size or None,
        video_streams=None,
        audio_streams=None,
        subtitle_streams=None,
        misfits=read.misfits,
    )


def _input(raw: wire.Item) -> Input:
    read = Reader()
    uri = read.text("location", raw.input)
    return Input(
        location=Location(uri=uri) if uri else None,
        url=read.text("url", raw.input_url),
        bitrate=read.number("bitrate", _first(raw.src_bitrate, raw.source_bitrate)),
        file_size=read.big_integer("file_size", raw.source_size),
        misfits=read.misfits,
    )


def _problem(read: Reader, raw: wire.Item, status: Status) -> Problem | None:
    """Read why a task failed: code 0 is success, and its message says so in several ways."""
    code = read.text("error", _first(raw.err_code, raw.code))
    message = read.text("error", _first(raw.err_message, raw.err_msg, raw.message))
    if code in {None, "0"} and status is not Status.FAILED:
        return None
    return Problem(code=None if code == "0" else code, message=message)


def _first(*spellings: object) -> object:
    """Return the value of a field that generations spell differently."""
    return next((value for value in spellings if value is not None), None)
