"""All watches of one verb: when which is looked at, within a share of the quota.

Every watch says when it is due. A call is asked for when the first is, and takes along, up to the keys of one
call, whoever is due as well or nearly so: thereby watches of the same pace fall into step, and a hundred of
them cost ten calls a round. Between two calls lies at least what the share of the quota demands; with more
watches than that serves, everybody's turn comes later, the longest overdue first.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from contextvars import Context
from itertools import count

from gateway.domain.errors import GatewayError, NotFound
from gateway.live.policy import WatchPolicy, moving
from gateway.live.watch import Heard, Watch
from gateway.upstream.freshness import Outcome
from gateway.upstream.lookout import Lookout

Load = Callable[[Sequence[Hashable]], Awaitable[Sequence[Outcome]]]
"""Looks keys up for somebody who waits."""

_EARLY = 0.25
"""Part of its pause by which a watch may be looked at before it is due, if that spares a call."""


class Post:
    """The watches of one verb.

    Args:
        lookout: The lane.
        load: For keys that nothing is known of.
        policy: How often to look.
    """

    def __init__(self, lookout: Lookout, load: Load, policy: WatchPolicy) -> None:
        self._lookout = lookout
        self._load = load
        self._policy = policy
        self._watches: dict[Hashable, Watch] = {}
        self._line: list[tuple[float, int, Watch]] = []
        self._numbers = count()
        self._alarm: asyncio.Handle | None = None
        # Kept beside the alarm: uvloop gives no timer for what is due already.
        self._alarm_at = 0.0
        self._last = float("-inf")
        self._unseen: dict[Hashable, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._watches)

    def follow(self, key: Hashable, heard: Heard) -> Watch:
        """Let somebody hear of a key."""
        watch = self._watches.get(key)
        if watch is None:
            watch = self._open(key)
        watch.followers[heard] = None
        return watch

    def leave(self, watch: Watch, heard: Heard) -> None:
        """Let somebody go; with the last one, the watch ends."""
        watch.followers.pop(heard, None)
        if not watch.followers and self._watches.get(watch.key) is watch:
            del self._watches[watch.key]
            self._unseen.pop(watch.key, None)
            self._lookout.leave(watch.key)
            if not self._watches:
                self._line.clear()
                self._set_alarm()

    def close(self) -> None:
        """End all watches."""
        for watch in list(self._watches.values()):
            watch.followers.clear()
            self.leave(watch, _nobody)
        for task in self._tasks:
            task.cancel()

    def _open(self, key: Hashable) -> Watch:
        watch = self._watches[key] = Watch(key, self._policy, self._schedule)
        self._lookout.listen(key, watch)
        now = _now()
        entry = self._lookout.known(key)
        fresh = entry is not None and now < entry.fresh_until
        # What moves may be shown while it is looked at. That something has ended is worth a look first: its
        # like may have begun meanwhile, and watchers leave at the end.
        if entry is not None and (fresh or (entry.serves(now, None) and moving(entry.answer) is not None)):
            watch.told(entry)
            if not fresh:
                watch.due = now
                self._schedule(watch)
        else:
            self._look_first([key])
        return watch

    def _look_first(self, keys: Iterable[Hashable]) -> None:
        if not self._unseen:
            asyncio.get_running_loop().call_soon(self._send_for_unseen, context=Context())
        self._unseen.update(dict.fromkeys(keys))

    def _send_for_unseen(self) -> None:
        keys, self._unseen = list(self._unseen), {}
        if keys:
            task = asyncio.create_task(self._see(keys), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _see(self, keys: list[Hashable]) -> None:
        """Wait for what nobody knows yet; watches hear of it from the lane, except where it did not ask."""
        for key, outcome in zip(keys, await self._load(keys), strict=True):
            watch = self._watches.get(key)
            if watch is None or watch.answer is not None:
                continue
            entry = self._lookout.known(key)
            if isinstance(outcome, GatewayError) and not isinstance(outcome, NotFound):
                if watch.trouble is None:
                    watch.failed(outcome)
            elif entry is not None:
                watch.remember(entry)
            if watch.due is None:
                watch.due = _now() + self._policy.slow
                self._schedule(watch)

    def _schedule(self, watch: Watch) -> None:
        if watch.due is None:
            return
        heapq.heappush(self._line, (watch.due, next(self._numbers), watch))
        if len(self._line) > 8 + 4 * len(self._watches):
            self._line = [one for one in self._line if self._stands(one)]
            heapq.heapify(self._line)
        self._set_alarm()

    def _stands(self, one: tuple[float, int, Watch]) -> bool:
        due, _, watch = one
        return watch.due == due and self._watches.get(watch.key) is watch

    def _set_alarm(self) -> None:
        while self._line and not self._stands(self._line[0]):
            heapq.heappop(self._line)
        if not self._line:
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None
            return
        at = max(self._line[0][0], self._last + self._spacing)
        if self._alarm is not None:
            if self._alarm_at <= at:
                return
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_at(at, self._wake, context=Context())
        self._alarm_at = at

    @property
    def _spacing(self) -> float:
        return 1 / max(self._policy.share * self._lookout.rate, 1e-3)

    def _wake(self) -> None:
        self._alarm = None
        now = _now()
        if now >= self._last + self._spacing and (batch := self._take(now)):
            self._last = now
            left = self._lookout.look([watch.key for watch in batch])
            if left:
                self._look_first(left)
        self._set_alarm()

    def _take(self, now: float) -> list[Watch]:
        """Take the watches of the next call, each due again in case that nothing comes of it."""
        batch: list[Watch] = []
        while self._line and len(batch) < self._lookout.seats:
            if not self._stands(self._line[0]):
                heapq.heappop(self._line)
                continue
            due, _, watch = self._line[0]
            pause = watch.pause or self._policy.slow
            if due > now and not (batch and due <= now + _EARLY * pause):
                break
            heapq.heappop(self._line)
            watch.due = None
            batch.append(watch)
        for watch in batch:
            watch.due = now + max(watch.pause or 0.0, self._policy.patience)
            self._schedule(watch)
        return batch


def _nobody() -> None:
    """Hear nothing."""


def _now() -> float:
    return asyncio.get_running_loop().time()
