"""Visionular's webhook: results of tasks, one or several in a body.

Body and field names are documented; a signature is not, nor when a failed delivery is repeated. What is asked
of the sender instead is in `gateway.push.proof`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from gateway.domain.provider import Verb
from gateway.domain.records import Job, Observation, Problem, Provider, Status, Task
from gateway.providers.scalars import Reader, reading
from gateway.providers.visionular.translate import TASK_STATUSES
from gateway.push.notice import Notice, Unreadable, event, full, moving_task, told, unchanged
from gateway.upstream.freshness import Answer

WEBHOOK = "webhook"
"""What the observation is called: Visionular gives its notification no name."""

_MOST = 1000
"""Results in one body that are read; more do not fit into what a body may have."""


class Item(Struct, frozen=True):
    """One task's result, as documented."""

    task_id: object = None
    status: object = None
    error_code: object = None
    error_msg: object = None


class Body(Struct, frozen=True):
    """The whole."""

    data: list[Item]


_decoder = msgspec.json.Decoder(Body)


def notices(body: bytes) -> list[Notice]:
    """Read a notification.

    Raises:
        Unreadable: It does not fit what Visionular documents.
    """
    items = told(body, _decoder).data
    seen = event(WEBHOOK)
    with reading(Provider.VISIONULAR, seen):
        return [_notice(item, seen) for item in items[:_MOST]]


def _notice(item: Item, seen: Observation) -> Notice:
    read = Reader()
    task_id = read.text("task_id", item.task_id)
    if task_id is None:
        raise Unreadable
    word = read.text("status", item.status)
    status = TASK_STATUSES.get(word or "", Status.UNKNOWN)
    error = Problem(code=read.text("code", item.error_code), message=read.text("message", item.error_msg))
    # When the end was, this notification does not tell.
    end = {
        "status": status,
        "provider_status": word,
        "completed_at": None,
        "error": error if error.code or error.message else None,
        "observation": seen,
    }

    def ended(answer: Answer) -> Answer | None:
        return _ended(answer, end)

    return Notice(verb=Verb.TASK_BY_ID, key=task_id, change=ended if status.finished else unchanged)


def _ended(answer: Answer, end: Mapping[str, Any]) -> Task | None:
    """Return the task and its one job as they ended."""
    task = moving_task(answer, None)
    if task is None:
        return None
    jobs = task.jobs
    if jobs is not UNSET:
        jobs = tuple(msgspec.structs.replace(job, **end, progress=_progress(job, end)) for job in jobs)
    return msgspec.structs.replace(task, **end, progress=_progress(task, end), jobs=jobs)


def _progress(record: Job | Task, end: Mapping[str, Any]) -> int | None:
    return full(record) if end["status"] is Status.SUCCEEDED else None
