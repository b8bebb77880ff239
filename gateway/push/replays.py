"""Remembers deliveries, so that none counts twice."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

_MOST = 100_000
"""Deliveries remembered: five minutes at three hundred a second, in some ten megabytes."""


class Replays:
    """The deliveries of the last while.

    Args:
        window: Seconds for which one is remembered; a proof must not hold for longer.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._seen)

    def note(self, delivery: str, body: bytes, now: float) -> bool:
        """Remember a delivery; return whether it is new."""
        while self._seen and (len(self._seen) >= _MOST or next(iter(self._seen.values())) <= now):
            self._seen.popitem(last=False)
        digest = hashlib.blake2b(body, digest_size=16, key=delivery.encode()).digest()
        if digest in self._seen:
            return False
        self._seen[digest] = now + self._window
        return True
