"""Whether two answers of a provider say the same: every look has a time and a request id of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import UNSET
from msgspec.structs import replace

from gateway.domain.errors import NotFound
from gateway.domain.records import Job, Observation, Task, TaskPage, Video
from gateway.upstream.freshness import Answer

_ANY = Observation(at=datetime.fromtimestamp(0, UTC), operation="")


def same(one: Answer | None, other: Answer | None) -> bool:
    """Return whether two answers differ in nothing that moves."""
    return one is other or _timeless(one) == _timeless(other)


def _timeless(answer: Answer | None) -> object:
    match answer:
        case Video(latest_task=Task() as task):
            return replace(answer, latest_task=_task(task))
        case Task():
            return _task(answer)
        case Job():
            return replace(answer, observation=_ANY, misfits=())
        case TaskPage():
            return [_task(task) for task in answer.tasks]
        case NotFound():
            return NotFound
        case _:
            return answer


def _task(task: Task) -> Task:
    jobs = task.jobs
    if jobs is not UNSET:
        jobs = tuple(replace(job, observation=_ANY, misfits=()) for job in jobs)
    return replace(task, observation=_ANY, misfits=(), jobs=jobs)
