"""Where at its provider a task is seen: by which verb and key, and how it is found in the answer."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta

from msgspec import Struct

from gateway.domain import identity
from gateway.domain.identity import TaskRef
from gateway.domain.provider import Verb, WindowPage
from gateway.domain.records import Task, TaskPage, Video
from gateway.domain.sources import Whom
from gateway.upstream.freshness import Answer

# Whether providers count the ends of a window in is not documented.
_MARGIN = timedelta(seconds=1)
_PAGE = 50


class Place(Struct, frozen=True):
    """Where to look."""

    source: Whom
    verb: Verb
    key: Hashable


def places(ref: TaskRef) -> list[Place]:
    """Return where a task can be seen, the best first; not every deployment offers every verb.

    A VOD task is its video's latest more often than not, and ten videos share a look at the summary.
    """
    if ref.provider_id is None:
        return [Place(ref.whom, Verb.LATEST_BY_VIDEO, ref.video_id)]
    found = [Place(ref.whom, Verb.TASK_BY_ID, ref.provider_id)]
    if ref.created_at is not None:
        window = WindowPage(
            created_from=ref.created_at - _MARGIN, created_to=ref.created_at + _MARGIN, size=_PAGE
        )
        found.append(Place(ref.whom, Verb.TASKS_IN_WINDOW, window))
    return found


def pick(ref: TaskRef, answer: Answer | None) -> Task | None:
    """Return the task within an answer; None where it is not there."""
    task_id = identity.encode(ref)
    match answer:
        case Task():
            return answer
        case Video(latest_task=Task() as task) if task.id == task_id:
            return task
        case TaskPage():
            return next((task for task in answer.tasks if task.id == task_id), None)
        case _:
            return None


def superseded(ref: TaskRef, answer: Answer | None) -> bool:
    """Return whether a video's latest task is another one, so that this one has to be seen elsewhere."""
    match answer:
        case Video(latest_task=Task() as task):
            return task.id != identity.encode(ref)
        case _:
            return False
