"""Visionular to records: every status, unit and oddity. Pure.

One task has one template and makes one file, so it is read as a task with a single job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, TypeVar

import msgspec
from msgspec import Raw

from gateway.domain.errors import GatewayError
from gateway.domain.identity import TaskRef, encode_tasks
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
from gateway.providers.documented import Wire, nothing
from gateway.providers.kinds import ABSENT, Part
from gateway.providers.outcomes import garbled, not_found, unread
from gateway.providers.visionular import wire

T = TypeVar("T")

TASK_STATUSES: Mapping[str | None, Status] = {
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


class _QueryTask(Wire):
    """What comes in the envelope of query_task."""

    data: Annotated[Part[wire.Item], "task"] = ABSENT


class _ListTask(Wire):
    """What comes in the envelope of list_task."""

    data: Annotated[Part[wire.Listing], "tasks"] = ABSENT


def task_by_id(
    task_ids: Sequence[str], data: Raw, observation: Observation
) -> dict[str, Task | GatewayError]:
    """Read query_task; no data is no such task."""
    answer = unread(_QueryTask, data=data)
    found = answer.data
    if found is None:
        return {task_ids[0]: _garbled(observation) if answer.misfits else _not_found()}
    return {task_ids[0]: _task(found, observation) or _garbled(observation)}


def tasks_in_window(
    pages: Sequence[WindowPage], data: Raw, observation: Observation
) -> dict[WindowPage, TaskPage | GatewayError]:
    """Read list_task; the next page begins after the records of this one."""
    [page] = pages
    answer = unread(_ListTask, data=data)
    listing = answer.data or nothing(wire.Listing)
    found = listing.list
    if answer.misfits or listing.misfits:
        return {page: _garbled(observation)}
    tasks = [_task(part, observation) if part else None for part in found]
    readable = tuple(task for task in tasks if task is not None)
    total = listing.total
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
    provider_id = raw.task_id
    if provider_id is None:
        return None
    created_at = _first(raw.create_time, raw.created_time)
    completed_at = _first(raw.finish_time, raw.finished_time)
    if created_at and completed_at and completed_at < created_at:
        completed_at = None  # a placeholder of a task that is not finished
    ref = TaskRef(
        provider=Provider.VISIONULAR,
        provider_id=provider_id,
        created_at=created_at,
        source=observation.source,
    )
    [(task_id, [job_id])] = encode_tasks([(ref, ["0"])])
    status = TASK_STATUSES.get((raw.status or "").lower(), Status.UNKNOWN)
    task = Task(
        id=task_id,
        provider=Provider.VISIONULAR,
        provider_id=provider_id,
        status=status,
        provider_status=raw.status,
        progress=raw.progress,
        trigger=None,
        inputs=(_input(raw.apart()),),
        user_data=raw.custom_info,
        created_at=created_at,
        started_at=raw.started_time,
        completed_at=completed_at,
        error=_problem(raw, status),
        observation=observation,
        misfits=raw.misfits,
    )
    return msgspec.structs.replace(task, jobs=(_job(raw.apart(), job_id, task),))


def _job(raw: wire.Item, job_id: str, task: Task) -> Job:
    template = Template(id=raw.template_id, name=raw.template_name)
    return Job(
        id=job_id,
        provider=Provider.VISIONULAR,
        provider_id=None,
        status=task.status,
        provider_status=task.provider_status,
        progress=raw.progress,
        template=None if template == Template() else template,
        priority=None,
        created_at=task.created_at,
        completed_at=task.completed_at,
        error=task.error,
        input=_input(raw.apart()),
        output=_output(raw.apart(), job_id, made=task.status is Status.SUCCEEDED),
        observation=task.observation,
        misfits=raw.misfits,
    )


def _output(raw: wire.Item, job_id: str, *, made: bool) -> Output:
    """Read the task's file; the zeros of a file that is not made are placeholders."""
    bitrate, file_size = _first(raw.dst_bitrate, raw.output_bitrate), raw.output_size
    location = Location(
        type=raw.region_type, uri=raw.output, bucket=raw.bucket, object_key=raw.objkey, region=raw.region
    )
    return Output(
        job_id=job_id,
        format=raw.format,
        url=raw.output_url,
        location=None if location == Location() else location,
        bitrate=bitrate if made else bitrate or None,
        duration=raw.duration,
        file_size=file_size if made else file_size or None,
        video_streams=None,
        audio_streams=None,
        subtitle_streams=None,
        misfits=raw.misfits,
    )


def _input(raw: wire.Item) -> Input:
    uri = raw.input
    return Input(
        location=Location(uri=uri) if uri else None,
        url=raw.input_url,
        bitrate=_first(raw.src_bitrate, raw.source_bitrate),
        file_size=raw.source_size,
        misfits=raw.misfits,
    )


def _problem(raw: wire.Item, status: Status) -> Problem | None:
    """Read why a task failed: code 0 is success, and its message says so in several ways."""
    code = _first(raw.err_code, raw.code)
    message = _first(raw.err_message, raw.err_msg, raw.message)
    if code in {None, "0"} and status is not Status.FAILED:
        return None
    return Problem(code=None if code == "0" else code, message=message)


def _first(*spellings: T | None) -> T | None:
    """Return the value of a field that generations spell differently."""
    return next((value for value in spellings if value is not None), None)
