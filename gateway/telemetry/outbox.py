"""Spans on their way to the collector.

They are made and written down where there is room for them, a few requests' at a time, and a thread sends
them: one that made hundreds in a row would keep the interpreter from requests for milliseconds. Nothing waits
for the collector: beyond a bound spans are counted and not made, a batch that is refused is not sent again,
and at the end what is left is sent as far as the collector takes it: the first batch that it does not take is
the last. The SDK's own processor blocks the end for half a minute and counts nothing.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

_log = logging.getLogger(__name__)

Making = Callable[[], Sequence[ReadableSpan]]
Writing = Callable[[], Sequence[bytes]]

_ROOM = 4096
"""Requests and calls whose spans wait at most."""

_BATCH = 2048
"""Spans a sending, about half a megabyte; a sending costs as much as a hundred of them."""

_CROWD = _BATCH // 2
"""Requests and calls whose spans are sent at once: most have two."""

_PAUSE = 0.5
"""Seconds in which spans gather."""

_REST = 1.0
"""Seconds without sending after a batch was not taken. Spans that nobody takes cost as much to make as any,
and a collector that refuses connections refuses hundreds of batches in a second."""


class Outbox:
    """What is still to be sent.

    Args:
        exporters: Where to.
        room: How many requests and calls may wait.

    Attributes:
        full: Spans for which there was no room, one counted for each request or call.
        refused: Spans that an exporter did not get rid of.
    """

    def __init__(self, exporters: Sequence[SpanExporter], *, room: int = _ROOM) -> None:
        self.full = 0
        self.refused = 0
        self._exporters = exporters
        self._room = room
        self._waiting: deque[Sequence[ReadableSpan] | Sequence[bytes]] = deque()
        self._closed = threading.Event()
        self._crowded = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
        self._thread.start()

    def put(self, making: Making) -> None:
        """Make spans if there is room for them, and have them sent; never waits."""
        self._put(making)

    def put_bytes(self, writing: Writing) -> None:
        """Do the same with spans as bytes, if every exporter takes them so."""
        self._put(writing)

    def close(self, patience: float = 1.5) -> None:
        """Send what is left, as far as it can be done within some seconds."""
        self._closed.set()
        self._crowded.set()
        self._thread.join(patience)
        self.full += len(self._waiting)
        self._waiting.clear()
        for exporter in self._exporters:
            exporter.shutdown()

    def _put(self, making: Making | Writing) -> None:
        if len(self._waiting) >= self._room:
            self.full += 1
            return
        try:
            self._waiting.append(making())
        except Exception:  # noqa: BLE001 - whatever one request's spans hold, it is none of its client's business
            _log.exception("spans could not be made")
        if len(self._waiting) == _CROWD:
            self._crowded.set()

    def _run(self) -> None:
        while not (self._closed.is_set() and not self._waiting):
            if len(self._waiting) < _CROWD and not self._closed.is_set():
                self._crowded.wait(_PAUSE)
            self._crowded.clear()
            if not self._send() and self._closed.wait(_REST):
                break

    def _send(self) -> bool:
        """Send a batch; return whether everybody took it."""
        refused = self.refused
        spans: list[Any] = []
        while self._waiting and len(spans) < _BATCH:
            spans += self._waiting.popleft()
        for exporter in self._exporters if spans else ():
            try:
                sent = exporter.export(spans) is SpanExportResult.SUCCESS
            except Exception:  # noqa: BLE001 - and whatever an exporter does
                _log.exception("spans could not be sent")
                sent = False
            self.refused += 0 if sent else len(spans)
        return self.refused == refused
