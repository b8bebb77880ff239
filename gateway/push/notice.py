"""What a notification amounts to: which record it is about, and what it makes of it.

A notification seldom carries a whole record. It changes what it tells, on top of what was known; whatever
else could have changed meanwhile and is not told becomes None, never a leftover with a newer date. A call
follows that reads the whole record.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from msgspec import Struct

from gateway.domain.provider import Verb
from gateway.domain.records import Job, Observation, Task, Video
from gateway.upstream.flight import Change
from gateway.upstream.freshness import Answer

B = TypeVar("B")


class Unreadable(Exception):
    """The body does not fit what the provider documents."""


class Notice(Struct, frozen=True, kw_only=True):
    """One record that a notification is about.

    Attributes:
        verb, key: How the record is asked for.
        change: What the notification makes of it.
    """

    verb: Verb
    key: str
    change: Change


def told(body: bytes, decoder: msgspec.json.Decoder[B]) -> B:
    """Return what a body says.

    Raises:
        Unreadable: It does not fit what the provider documents.
    """
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unreadable from None


def event(name: str) -> Observation:
    """Return the observation of what a notification of this name tells now."""
    return Observation(at=datetime.now(UTC), operation=name)


def unchanged(_: Answer) -> Answer | None:
    """Tell nothing but that something happened."""
    return None


def full(job_or_task: Job | Task) -> int | None:
    """Return the progress of what ended well, where the provider tells progress at all."""
    return 100 if isinstance(job_or_task.progress, int) else None


def moving_task(answer: Answer, since: datetime | None) -> Task | None:
    """Return the task in an answer if it could be the one that is said to have ended at a time."""
    task = answer.latest_task if isinstance(answer, Video) else answer
    if not isinstance(task, Task) or task.status.finished:
        return None
    if since is not None and task.created_at is not None and since < task.created_at:
        return None
    return task
