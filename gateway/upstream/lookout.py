"""What watchers need of a lane: to hear of a key, and to have it looked at when there is room.

Nobody waits for a look that a watch asks for. It goes out like any refresh: after whoever waits, in calls
that have seats left, or in calls of its own where the lane is idle.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable

from gateway.upstream.cache import Entry
from gateway.upstream.circuit import Circuit
from gateway.upstream.flight import Desk, Listener
from gateway.upstream.quota import Quota
from gateway.upstream.refusals import Refusals
from gateway.upstream.status import Meter


class Lookout:
    """One verb of one lane, for watchers."""

    def __init__(
        self,
        desk: Desk,
        *,
        circuit: Circuit,
        quota: Quota,
        meter: Meter,
        refusals: Refusals,
        ring: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._circuit = circuit
        self._quota = quota
        self._meter = meter
        self._refusals = refusals
        self._ring = ring

    @property
    def seats(self) -> int:
        """Keys of one call."""
        return self._desk.seats

    @property
    def rate(self) -> float:
        """Calls per second that the lane allows itself now."""
        return self._quota.rate(asyncio.get_running_loop().time())

    def known(self, key: Hashable) -> Entry | None:
        """Return what is remembered of a key, however old."""
        return self._desk.shelf.get(key)

    def listen(self, key: Hashable, listener: Listener) -> None:
        """Let a listener hear of a key; there is one for each key."""
        self._desk.listeners[key] = listener

    def leave(self, key: Hashable) -> None:
        """Let nobody hear of a key any more."""
        self._desk.listeners.pop(key, None)
        self._desk.rotation.unwatch(key)

    def look(self, keys: Iterable[Hashable]) -> list[Hashable]:
        """Have keys looked at as soon as there is room; return those that somebody has to wait for.

        Those are keys that nothing is remembered of, and keys that must not share a call. While the circuit
        is open no key is looked at, and its listener is told so.
        """
        now = asyncio.get_running_loop().time()
        if not self._circuit.admits(now):
            refusal = self._refusals.circuit_open(self._meter.last_error, self._circuit.wait(now))
            for key in keys:
                if listener := self._desk.listeners.get(key):
                    listener.failed(refusal)
            return []
        left: list[Hashable] = []
        for key in keys:
            entry = self._desk.shelf.get(key)
            if key in self._desk.flights:
                continue
            if entry is None or key in self._desk.suspects:
                left.append(key)
            else:
                self._desk.rotation.watch(entry)
        self._ring()
        return left
