"""Opens, wires and closes this process's telemetry."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import platform
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import httpx
from msgspec import Struct
from opentelemetry.sdk.resources import Resource

from gateway.telemetry import names
from gateway.telemetry.calls import Calls
from gateway.telemetry.exchange import CURRENT
from gateway.telemetry.exchanges import Exchanges
from gateway.telemetry.exposition import exposition
from gateway.telemetry.logs import Logs
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.outbox import Outbox
from gateway.telemetry.pulse import Pulse, Reading, Source
from gateway.telemetry.spans import SCOPE, Spans
from gateway.telemetry.tally import Tally

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

    from gateway.telemetry.collector import Collector
    from gateway.telemetry.otlp import MetricSender

VERSION = importlib.metadata.version("transcode-gateway")


class Options(Struct, frozen=True, kw_only=True):
    """What is told, and to whom; as in the settings."""

    otlp_endpoint: str | None = None
    otlp_headers: Mapping[str, str] = {}
    otlp_metrics: bool = False
    otlp_interval: float = 60.0
    otlp_timeout: float = 1.0
    console: bool = False
    sample_ratio: float = 0.1
    service_name: str = "transcode-gateway"
    log_format: Literal["auto", "json", "pretty"] = "auto"
    log_level: str = "info"
    log_requests: bool = True


class Telemetry:
    """All of it.

    Attributes:
        exchanges: For whoever answers requests.
        calls: For the lanes, around each real call.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._resource = _resource(options)
        workers = os.environ.get(names.FOLDER)
        turns = Path(workers) / "lines" if workers else None
        self._logs = Logs(form=options.log_format, level=options.log_level, turns=turns)
        self._metrics = Metrics()
        self._pulse = Pulse(self._metrics)
        self._outbox: Outbox | None = None
        self._spans: Spans | None = None
        self._collector: Collector | None = None
        exporters: list[SpanExporter] = []
        if options.otlp_endpoint:
            # Who sends nothing needs no Protocol Buffers: they take megabytes, and time at the start.
            from gateway.telemetry.collector import Collector, SpanSender  # noqa: PLC0415
            from gateway.telemetry.protobuf import Encoder  # noqa: PLC0415

            self._collector = Collector(
                options.otlp_endpoint, headers=options.otlp_headers, timeout=options.otlp_timeout
            )
            exporters.append(SpanSender(self._collector, Encoder(self._resource, SCOPE)))
        if options.console:
            from opentelemetry.sdk.trace.export import ConsoleSpanExporter  # noqa: PLC0415

            exporters.append(ConsoleSpanExporter(out=sys.stderr))
        if exporters:
            self._outbox = Outbox(exporters)
            self._spans = Spans(
                self._outbox, self._resource, options.sample_ratio, as_bytes=not options.console
            )
        self._sender: MetricSender | None = None
        if self._collector is not None and options.otlp_metrics:
            from gateway.telemetry.otlp import MetricSender  # noqa: PLC0415

            self._sender = MetricSender(
                self._collector,
                options.otlp_interval,
                metrics=self._metrics,
                resource=self._resource,
                refresh=self._pulse.read,
            )
        self.exchanges = Exchanges(
            self._metrics, self._spans, self._logs.log if options.log_requests else None, at_once=False
        )
        self._tally = Tally(self._metrics)
        self.calls = Calls(self._tally, self._spans, self._logs.log)
        self._metrics.set(names.BUILD, 1, (VERSION, platform.python_version()))
        self.watch(self._own)
        self.watch(self._gathered)

    def watch(self, source: Source) -> None:
        """Show what a source counts."""
        self._pulse.watch(source)

    def instrument(self, http: httpx.AsyncClient) -> None:
        """Trace a client's exchanges."""
        if self._outbox is not None:
            from gateway.telemetry.outgoing import instrument  # noqa: PLC0415

            instrument(http, self._outbox, self._resource)

    @staticmethod
    def found(hits: int, stale: int) -> None:
        """Note records that the current request found in memory; for the lanes."""
        exchange = CURRENT.get()
        if exchange is not None:
            exchange.found(hits, stale)

    async def exposition(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        self._pulse.read()
        # In a thread: with several workers, files of all of them are read.
        return await asyncio.to_thread(exposition, self._metrics)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Begin, on the running loop; in the end, close within three seconds whoever does not answer."""
        self._logs.open()
        self._pulse.start()
        if self._sender is not None:
            self._sender.start()
        try:
            yield
        finally:
            await self._close()

    async def _close(self) -> None:
        self._pulse.stop()
        self.exchanges.close()
        self._tally.settle()
        endings: list[Awaitable[None]] = []
        if self._sender is not None:
            endings.append(self._sender.close(1.5))
        if self._spans is not None:
            endings.append(asyncio.to_thread(self._spans.close))
        await asyncio.gather(*endings)
        if self._collector is not None:
            self._collector.close()
        await asyncio.to_thread(self._logs.close)

    def _gathered(self) -> Iterator[Reading]:
        """Yield nothing: what requests and calls come to is counted as they are told of."""
        self.exchanges.flush()
        self._tally.settle()
        yield from ()

    def _own(self) -> Iterator[Reading]:
        yield names.LINES_DROPPED, (), self._logs.sink.dropped
        if self._outbox is not None:
            yield names.SPANS_DROPPED, ("full",), self._outbox.full
            yield names.SPANS_DROPPED, ("refused",), self._outbox.refused


def _resource(options: Options) -> Resource:
    return Resource.create(
        {
            "service.name": options.service_name,
            "service.version": VERSION,
            "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
        }
    )
