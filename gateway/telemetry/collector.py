"""Sends spans and metrics to a collector, by OTLP over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import httpx
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from gateway.telemetry.protobuf import Encoder

_log = logging.getLogger(__name__)


class Collector:
    """A collector. What it does not take is not sent again: there is always more, and newer.

    Args:
        url: Its address, without the paths of OTLP.
        headers: What it wants to be told besides.
        timeout: Seconds it has for each batch.
    """

    def __init__(self, url: str, *, headers: Mapping[str, str], timeout: float) -> None:
        self._url = url.rstrip("/")
        # The environment's proxies are not asked: where telemetry goes is for the settings to say.
        self._http = httpx.Client(
            headers={**headers, "Content-Type": "application/x-protobuf"}, timeout=timeout, trust_env=False
        )

    def send(self, signal: str, body: bytes) -> bool:
        """Send a batch from a thread, and say whether it was taken; never raises.

        Args:
            signal: traces or metrics.
            body: As OTLP has it.
        """
        try:
            answer = self._http.post(f"{self._url}/v1/{signal}", content=body)
        except (httpx.HTTPError, RuntimeError) as error:
            # The type only: texts may quote addresses, and those may hold passwords.
            _log.warning("the collector does not take %s (%s)", signal, type(error).__name__)
            return False
        if not answer.is_success:
            _log.warning("the collector refuses %s (HTTP %d)", signal, answer.status_code)
        return answer.is_success

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class SpanSender(SpanExporter):
    """Spans on their way to a collector.

    Args:
        collector: Where to.
        encoder: Makes bytes of them.
    """

    def __init__(self, collector: Collector, encoder: Encoder) -> None:
        self._collector = collector
        self._encoder = encoder

    def export(self, spans: Sequence[ReadableSpan | bytes]) -> SpanExportResult:
        """Send a batch."""
        taken = self._collector.send("traces", self._encoder.encode(spans))
        return SpanExportResult.SUCCESS if taken else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """Nothing is left here; the collector is closed by whoever made it."""
