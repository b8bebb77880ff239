"""What is read once a second instead of being counted as it happens, and how late the event loop is.

Lanes and the gate keep their own counts, which cost them next to nothing; here those become metrics.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from gateway.telemetry.metrics import Metrics
from gateway.telemetry.names import LOOP_LAG, Kind, Metric

Reading = tuple[Metric, tuple[str, ...], float]
"""A metric, its labels, and its value: of a counter, everything counted so far."""

Source = Callable[[], Iterable[Reading]]

_BEATS_PER_READING = 4
_BEAT = 0.25
"""Seconds between two looks at the loop's lateness."""


class Pulse:
    """Reads sources into metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._sources: list[Source] = []
        self._seen: dict[tuple[str, tuple[str, ...]], float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._beats = 0

    def watch(self, source: Source) -> None:
        """Read a source from now on."""
        self._sources.append(source)

    def start(self) -> None:
        """Begin, on the running loop."""
        self._beat(asyncio.get_running_loop().time())

    def stop(self) -> None:
        """End, with a last reading."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.read()

    def read(self) -> None:
        """Bring the metrics up to this moment."""
        for source in self._sources:
            for metric, labels, value in source():
                if metric.kind is Kind.GAUGE:
                    self._metrics.set(metric, value, labels)
                    continue
                key = (metric.name, labels)
                more = value - self._seen.get(key, 0.0)
                if more > 0 or key not in self._seen:
                    self._seen[key] = value
                    self._metrics.add(metric, labels, more)

    def _beat(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._metrics.observe(LOOP_LAG, max(0.0, now - due))
        self._beats += 1
        if self._beats % _BEATS_PER_READING == 0:
            self.read()
        following = now + _BEAT
        self._timer = loop.call_at(following, self._beat, following)
