"""What is asked for, and whether a task is it."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

from gateway.domain.errors import BadUserInput
from gateway.domain.records import Provider, Status, Task

DAY = 86_400
YEAR = 366 * DAY
"""Providers keep a year."""


class Criteria(Struct, frozen=True, kw_only=True):
    """A question about tasks, in its one spelling: lists are sorted and hold nothing twice.

    Attributes:
        providers: None for those that can answer without further ado.
        sources: Names of accounts; None for all there are.
        statuses: None for all.
        video_ids: None for all.
        template_id: None for all.
        created_after, created_before: From and including the one, up to and excluding the other, so that
            nights follow each other without a task in both or neither; None where the question leaves it
            open.
    """

    providers: tuple[Provider, ...] | None = None
    sources: tuple[str, ...] | None = None
    statuses: tuple[Status, ...] | None = None
    video_ids: tuple[str, ...] | None = None
    template_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None

    def digest(self) -> bytes:
        """Return a short name of the question, for a cursor to remember whose it is."""
        return sha256(msgspec.json.encode(self)).digest()[:8]

    def fits(self, task: Task) -> bool:
        """Whether a task is what is asked for, its time of creation aside."""
        return (
            (self.statuses is None or task.status in self.statuses)
            and (self.video_ids is None or task.video_id in self.video_ids)
            and (self.template_id is None or self.template_id in _templates(task))
        )


class Window(Struct, frozen=True, array_like=True):
    """Seconds of creation: from `start`, None for no limit, up to and excluding `end`."""

    start: int | None
    end: int


def window(criteria: Criteria, now: datetime, *, demanded: bool) -> Window:
    """Return the window of a question's first page; its cursors keep it.

    Args:
        criteria: The question.
        now: The time of day.
        demanded: Whether a provider that is asked lists only within a window; it is a day by default.

    Raises:
        BadUserInput: There can be nothing in the window, or more than providers keep.
    """
    after, before = criteria.created_after, criteria.created_before
    for name, time in (("createdAfter", after), ("createdBefore", before)):
        if time is not None and time.timestamp() < 0:
            raise BadUserInput(f"{name}: there was no transcoding before 1970.")
    if after is not None and after > now:
        raise BadUserInput("createdAfter: lies in the future.")
    # Whole minutes: clients that leave the end open and ask within the same minute share their pages.
    latest = _ceil(now.replace(second=0, microsecond=0)) + 60
    end = latest if before is None else _ceil(before)
    start = _ceil(after) if after else max(0, end - DAY) if demanded else None
    if start is not None and start > latest:
        raise BadUserInput("createdBefore: lies in the future, and so does the day before it.")
    if start is not None and end <= start:
        raise BadUserInput("createdBefore: must be later than createdAfter.")
    end = max(min(end, latest), 1 if start is None else start + 1)
    if start is not None and end - start > YEAR:
        raise BadUserInput("createdAfter: a window spans a year at most; providers keep no more.")
    return Window(start, end)


def _ceil(time: datetime) -> int:
    return -int(-time.timestamp() // 1)


def _templates(task: Task) -> set[str | None]:
    jobs = task.jobs if isinstance(task.jobs, tuple) else ()
    return {task.template_group_id, *(job.template.id for job in jobs if job.template)}
