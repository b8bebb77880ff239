"""One watch: what is known of one key, and who is to hear of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta

from gateway.domain.errors import GatewayError
from gateway.domain.records import Task, Video
from gateway.live.change import same
from gateway.live.policy import WatchPolicy
from gateway.live.state import Trouble, trouble_of
from gateway.upstream.cache import Entry
from gateway.upstream.freshness import Answer

Heard = Callable[[], None]

_QUIET = 2
"""Failures in a row that are worth a message: one look in many that is lost is made up for by the next."""


class Watch:
    """One key of one verb, watched by any number of followers.

    Args:
        key: What is watched.
        policy: How often to look.
        schedule: Takes the watch whose `due` was set.

    Attributes:
        answer: What the provider said last; None while nothing is known.
        observed_at: When it was first seen to say so.
        trouble: Why there is no news; None while all is well.
        due: When to look again, by the event loop's clock; None for never.
        followers: Called after every change.
    """

    __slots__ = (
        "_changed",
        "_failures",
        "_policy",
        "_schedule",
        "answer",
        "due",
        "followers",
        "key",
        "observed_at",
        "trouble",
    )

    def __init__(self, key: Hashable, policy: WatchPolicy, schedule: Callable[[Watch], None]) -> None:
        self.key = key
        self.answer: Answer | None = None
        self.observed_at: datetime | None = None
        self.trouble: Trouble | None = None
        self.due: float | None = None
        self.followers: dict[Heard, None] = {}
        self._policy = policy
        self._schedule = schedule
        self._changed = 0.0
        self._failures = 0

    @property
    def known(self) -> bool:
        """Whether there is anything to tell."""
        return self.answer is not None or self.trouble is not None

    @property
    def pause(self) -> float | None:
        """Seconds from one look to the next as things are; None where nothing more is to be seen."""
        if self._failures or self.answer is None:
            return self._policy.backed_off(self._failures)
        return self._policy.pause(self.answer, _now() - self._changed)

    def told(self, entry: Entry) -> None:
        """Take what was learned."""
        over = self.trouble is not None
        self.trouble = None
        self._failures = 0
        news = self._take(entry)
        pause = self.pause
        self.due = None if pause is None else entry.observed + pause
        self._schedule(self)
        if news or over:
            self._notify()

    def remember(self, entry: Entry) -> None:
        """Take what was known before, as nothing younger can be had."""
        if self._take(entry):
            self._notify()

    def failed(self, error: GatewayError) -> None:
        """Note that a look came to nothing; followers hear of it unless the next look may mend it."""
        self._failures += 1
        self.due = _now() + self._policy.backed_off(self._failures)
        self._schedule(self)
        if error.retryable and self.answer is not None and self._failures < _QUIET:
            return
        before, self.trouble = self.trouble, trouble_of(error, self.trouble)
        if self.trouble is not before:
            self._notify()

    def _take(self, entry: Entry) -> bool:
        """Take an answer, and say whether it is another one."""
        news = not same(self.answer, entry.answer)
        if news:
            now = _now()
            self.observed_at = _seen_at(entry, now)
            self._changed = now
        self.answer = entry.answer
        return news

    def _notify(self) -> None:
        for heard in list(self.followers):
            heard()


def _seen_at(entry: Entry, now: float) -> datetime:
    match entry.answer:
        case Task() as task:
            return task.observed_at
        case Video(latest_task=Task() as task):
            return task.observed_at
    return datetime.now(UTC) - timedelta(seconds=max(0.0, now - entry.observed))


def _now() -> float:
    return asyncio.get_running_loop().time()
