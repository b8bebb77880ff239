"""Repeated trouble is told a few times, and then how often it was left out."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

_PERIOD = 60.0
"""Seconds after which trouble is told anew."""

_KINDS = 1000
"""Kinds of trouble that are kept apart; beyond that the longest unheard of is forgotten."""


class Repeats:
    """Decides whether to tell.

    Args:
        burst: How often the same is told in one period.
        now: Seconds of some clock.
    """

    def __init__(self, burst: int = 10, *, now: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._now = now
        self._heard: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def told(self, kind: Hashable) -> int | None:
        """Return None if this is not to be told, else how often the like was left out before."""
        now = self._now()
        since, count = self._heard.get(kind, (now, 0))
        left_out = 0
        if now - since >= _PERIOD:
            left_out = max(0, count - self._burst)
            since, count = now, 0
        self._heard[kind] = since, count + 1
        self._heard.move_to_end(kind)
        if len(self._heard) > _KINDS:
            self._heard.popitem(last=False)
        return left_out if count < self._burst else None
