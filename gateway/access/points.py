"""What one client may spend: points, of which a provider call costs many and a field a little.

A request is charged what it could cost before it runs, and given back what it did not: so a client whose
polls are answered from memory pays next to nothing, and one that could empty the providers' quota is stopped
before it has begun.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

PER_CALL = 10
"""Points of a provider call: the quota is what is scarce."""

FIELDS_PER_POINT = 10
READING = 5
"""Points of a document not seen before: parsing and validating one takes longer than answering most."""

_MINUTE = 60.0


def price(*, calls: int, fields: int) -> int:
    """Return the points of an operation; nothing is free, or a loop of it would be."""
    return calls * PER_CALL + max(1, fields // FIELDS_PER_POINT)


class Balance(Struct, frozen=True):
    """What a purse says.

    Attributes:
        granted: Whether the points were there, and are taken.
        remaining: Points left.
        retry_after: Seconds until the points asked for would be there.
    """

    granted: bool
    remaining: int
    retry_after: float = 0.0


class Purse(Protocol):
    """Everybody's points."""

    async def take(self, name: str, points: int) -> Balance:
        """Take points of a principal's, if there are enough."""

    async def spend(self, name: str, points: int) -> Balance:
        """Take points, if there are enough, none of which will be given back."""

    def spend_at_once(self, name: str, points: int) -> Balance | None:
        """Do as `spend`; None, and nothing taken, where somebody else has to be asked."""

    async def give_back(self, name: str, points: int) -> Balance:
        """Return points that were taken and not used."""


class OwnPurse:
    """Points in this process: a bucket for each principal, which fills as time passes.

    Args:
        per_minute: Points that come back in a minute; a bucket holds no more.
        now: Seconds of some clock.
        principals: Buckets kept; the longest unused, full again by then, are forgotten.
    """

    # `limits` has a memory store too; it looks through the keys of all clients at every hit.

    def __init__(
        self, per_minute: int, *, now: Callable[[], float] = time.monotonic, principals: int = 10_000
    ) -> None:
        self._most = float(per_minute)
        self._now = now
        self._principals = principals
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def take(self, name: str, points: int) -> Balance:
        """Take points of a principal's, if there are enough."""
        return self.spend_at_once(name, points)

    spend = take

    def spend_at_once(self, name: str, points: int) -> Balance:
        """Take points of a principal's, if there are enough."""
        level = self._level(name)
        if points > level:
            missing = min(float(points), self._most) - level
            return Balance(granted=False, remaining=int(level), retry_after=missing * _MINUTE / self._most)
        return self._set(name, level - points)

    async def give_back(self, name: str, points: int) -> Balance:
        """Return points that were taken and not used."""
        return self._set(name, min(self._most, self._level(name) + points))

    def _level(self, name: str) -> float:
        level, at = self._buckets.get(name, (self._most, 0.0))
        return min(self._most, level + (self._now() - at) * self._most / _MINUTE)

    def _set(self, name: str, level: float) -> Balance:
        self._buckets[name] = (level, self._now())
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._principals:
            self._buckets.popitem(last=False)
        return Balance(granted=True, remaining=int(level))
