"""The part of a quota that one replica keeps to while it cannot talk to the others."""

from __future__ import annotations

import asyncio
import math

from gateway.upstream.pace import Pace
from gateway.upstream.quota import VOID_AFTER, Slot, until


class Share:
    """Slots at least a spacing apart, however late the last one was.

    Nothing late is made up for here: changing over to shares and back relies on shares that are never ahead
    of their spacing, wherever in time one begins to count.

    Args:
        pace: The rate of all replicas together.
        replicas: How many they are at most.
    """

    def __init__(self, pace: Pace, replicas: int) -> None:
        self._pace = pace
        self._part = part_of(pace, replicas)
        self._due = float("-inf")
        self._before = self._due
        self._held = float("-inf")
        self._turn = asyncio.Lock()

    def rate(self, now: float) -> float:
        """Calls per second of this replica."""
        return self._pace.rate(now) * self._part

    async def slot(self) -> Slot:
        """Wait for the next slot and spend it."""
        async with self._turn:
            await until(lambda: self.free_at)
        now = asyncio.get_running_loop().time()
        self._before, self._due = self._due, now + 1 / self.rate(now)
        return Slot(now + VOID_AFTER / self._pace.rate(now))

    def refund(self) -> None:
        """Take back the slot just granted, as nobody wants it any more."""
        self._due = self._before

    def hold(self, until: float) -> None:
        """Grant nothing before an instant."""
        self._held = max(self._held, until)

    @property
    def free_at(self) -> float:
        """When the next slot is."""
        return max(self._due, self._held)


def part_of(pace: Pace, replicas: int) -> float:
    """Return the part of a rate that each of some replicas may use when they cannot talk to each other.

    One call per `1/r` seconds is up to `r + 1` calls in some second, for each replica. So each gets a whole
    number of calls per second, of which there are `full + 1` in all. Where there are more replicas than calls
    there is no such number left, and seconds may hold a call too many.
    """
    calls = math.floor((pace.full + 1) / replicas)
    return calls / (pace.full + 1) if calls else 1 / replicas
