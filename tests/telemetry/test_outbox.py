"""The outbox, with exporters of every temper."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from gateway.telemetry.outbox import Outbox
from gateway.telemetry.spans import Spans, new_span_id, new_trace_id, span_context
from tests.telemetry.conftest import eventually


class Exporter(SpanExporter):
    """Takes spans, or does not."""

    def __init__(self, result: SpanExportResult = SpanExportResult.SUCCESS) -> None:
        self.names: list[str] = []
        self.result = result
        self.free = threading.Event()
        self.free.set()
        self.closed = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Take a batch once there is leave to."""
        self.free.wait()
        self.names += [span.name for span in spans]
        return self.result

    def shutdown(self) -> None:
        """Note the end."""
        self.closed = True


def _span(name: str) -> tuple[ReadableSpan, ...]:
    spans = Spans(Outbox([]), Resource.get_empty(), 1.0)
    span = spans.span(name, span_context(new_trace_id(), new_span_id()), None, 1, 2)
    spans.close()
    return (span,)


def test_spans_are_made_and_sent_in_order() -> None:
    """All of them, the last by the end."""
    exporter = Exporter()
    outbox = Outbox([exporter])
    for number in range(5):
        outbox.put(lambda name=str(number): _span(name))  # type: ignore[misc]
    outbox.close(20)
    assert exporter.names == ["0", "1", "2", "3", "4"]
    assert exporter.closed
    assert (outbox.full, outbox.refused) == (0, 0)


def test_what_is_refused_is_counted() -> None:
    """And not sent again."""
    outbox = Outbox([exporter := Exporter(SpanExportResult.FAILURE)])
    outbox.put(lambda: _span("a"))
    eventually(lambda: outbox.refused == 1)
    outbox.close(20)
    assert exporter.names == ["a"]


def test_whoever_takes_spans_again_gets_them() -> None:
    """After a rest, in which they gather."""
    outbox = Outbox([exporter := Exporter(SpanExportResult.FAILURE)])
    outbox.put(lambda: _span("a"))
    eventually(lambda: outbox.refused == 1)
    exporter.result = SpanExportResult.SUCCESS
    outbox.put(lambda: _span("b"))
    eventually(lambda: exporter.names == ["a", "b"])
    outbox.close(20)
    assert (outbox.full, outbox.refused) == (0, 1)


def test_an_exporter_that_hangs_holds_up_nobody() -> None:
    """What there is no room for is dropped and counted, and the end comes all the same."""
    exporter = Exporter()
    exporter.free.clear()
    outbox = Outbox([exporter], room=10)
    for _ in range(500):
        outbox.put(lambda: _span("a"))
    assert outbox.full > 0
    outbox.close(0.1)
    assert exporter.names == []
    assert 480 <= outbox.full <= 500
    exporter.free.set()


def test_spans_that_cannot_be_made_take_no_others_along() -> None:
    """The thread goes on."""
    outbox = Outbox([exporter := Exporter()])
    outbox.put(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    outbox.put(lambda: _span("a"))
    outbox.close(20)
    assert exporter.names == ["a"]


def test_at_the_end_whoever_refuses_is_not_asked_again() -> None:
    """Each of many batches could take a timeout's time; what is left is counted."""
    exporter = Exporter(SpanExportResult.FAILURE)
    exporter.free.clear()
    outbox = Outbox([exporter])
    for _ in range(4000):
        outbox.put(lambda: _span("a"))
    closing = threading.Thread(target=outbox.close, args=(20,))
    closing.start()
    eventually(outbox._closed.is_set)
    exporter.free.set()
    closing.join(20)
    sent = len(exporter.names)
    assert 0 < sent < 4000
    assert (outbox.refused, outbox.full) == (sent, 4000 - sent)
