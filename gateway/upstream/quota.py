"""Slots: how many calls per second one operation of one account may make.

A slot is a moment, not a token. Calls that go out later than their slots, because the process was busy or
the shared store slow, would crowd the next second; so a slot is void soon after, and a call that missed it
takes another one. With less than a spacing between slot and call, no second ever holds more calls than
rate + burst.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from gateway.upstream.policy import QuotaPolicy

# Part of a spacing for which a slot lasts. The rest is left to the network, where calls are late too.
VOID_AFTER = 0.5


class Pace:
    """The rate of an operation: what is documented, lowered while a provider throttles all the same.

    Additive increase, multiplicative decrease, as TCP does it: others use the account too, nobody tells how
    much, and this is how strangers come to share a line evenly.
    """

    def __init__(self, per_second: float, policy: QuotaPolicy) -> None:
        allowed = per_second * policy.share
        # In any sliding second at most rate + burst calls go out. A quota of one call per second leaves no
        # room to take a burst off, and half its rate keeps the same promise.
        self.burst = max(min(policy.burst, int(allowed / 2)), 1)
        self.full = max(allowed - self.burst, allowed / 2)
        self._policy = policy
        self._lowered = self.full
        self._since = float("-inf")

    def rate(self, now: float) -> float:
        """Calls per second at this moment."""
        climbed = self._lowered + self.full * (now - self._since) / self._policy.recover
        return min(self.full, climbed)

    def throttled(self, now: float) -> None:
        """Lower the rate, once a second at most: the calls already under way all report the same jam."""
        if now - self._since < 1.0:
            return
        # Never below a tenth: a crawl still notices when the jam is over.
        self._lowered = max(self.rate(now) * self._policy.back_off, self.full / 10)
        self._since = now


class Quota(Protocol):
    """Grants slots, one at a time."""

    @property
    def mode(self) -> str:
        """own, where this process keeps it; shared by all replicas; share, while each keeps to its part."""

    async def slot(self) -> float:
        """Wait for the next slot, spend it, and return the instant at which it is void."""

    def refund(self) -> None:
        """Take back the slot just granted, as nobody wants it any more."""

    def hold(self, until: float) -> None:
        """Grant nothing before an instant."""

    def delay(self, now: float) -> float:
        """Seconds to the next slot, as far as known here."""


class LocalQuota:
    """Generic cell rate algorithm in this process.

    `_due` is the instant at which the next call would be exactly on pace; a burst lets calls run ahead of it.

    Args:
        pace: The rate.
        share: Part of the rate that is granted here.
    """

    def __init__(self, pace: Pace, *, share: float = 1.0) -> None:
        self._pace = pace
        self._share = share
        self._due = float("-inf")
        self._held = float("-inf")
        self._before = self._due
        # A call that missed its slot and the next one line up for theirs in order.
        self._turn = asyncio.Lock()

    @property
    def mode(self) -> str:
        """Nobody else is asked."""
        return "own"

    async def slot(self) -> float:
        """Wait for the next slot, spend it, and return the instant at which it is void."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            await until(lambda: self._free_at(loop.time()))
        now = loop.time()
        self._before = self._due
        self._due = max(now, self._due) + self._interval(now)
        return now + VOID_AFTER / self._pace.rate(now)

    def refund(self) -> None:
        """Take back the slot just granted, as nobody wants it any more."""
        self._due = self._before

    def hold(self, until: float) -> None:
        """Grant nothing before an instant."""
        self._held = max(self._held, until)

    def delay(self, now: float) -> float:
        """Seconds to the next slot."""
        return self._free_at(now) - now

    def _free_at(self, now: float) -> float:
        ahead = (self._pace.burst - 1) * self._interval(now)
        return max(self._due - ahead, self._held)

    def _interval(self, now: float) -> float:
        return 1 / (self._pace.rate(now) * self._share)


async def until(instant: Callable[[], float]) -> None:
    """Sleep until an instant of the loop's clock is past, even if it moves meanwhile."""
    loop = asyncio.get_running_loop()
    while (wait := instant() - loop.time()) > 0:  # noqa: ASYNC110  time passes without an event
        await asyncio.sleep(wait)
