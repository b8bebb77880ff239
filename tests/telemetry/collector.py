"""A collector: takes traces and metrics by OTLP over HTTP, as any does, and shows what it was given."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from msgspec import Struct
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status


class Span(Struct, frozen=True, kw_only=True):
    """A span as it arrived; ids in hexadecimal digits, times in nanoseconds."""

    trace: str
    id: str
    parent: str
    name: str
    kind: str
    start: int
    end: int
    failed: bool
    attributes: Mapping[str, Any]
    links: tuple[tuple[str, str], ...]


class Collector:
    """What has arrived.

    Attributes:
        url: What to set as the endpoint.
        spans: In the order of arrival.
        metrics: Requests with metrics.
        bodies: Everything, as it was sent.
        headers: Of the last request.
        status: What is answered.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.spans: list[Span] = []
        self.metrics: list[ExportMetricsServiceRequest] = []
        self.bodies: list[bytes] = []
        self.headers: Mapping[str, str] = {}
        self.status = 200

    def take(self, path: str, body: bytes) -> None:
        """Take one request."""
        self.bodies.append(body)
        if path == "/v1/metrics":
            self.metrics.append(ExportMetricsServiceRequest.FromString(body))
            return
        assert path == "/v1/traces"
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.spans += map(_span, scope.spans)

    def called(self, name: str) -> list[Span]:
        """Return the spans of a name."""
        return [span for span in self.spans if span.name == name]

    def drawing(self) -> str:
        """Return all traces as a picture: one line a span, indented by parent, with its links."""
        lines: list[str] = []
        ids = {span.id for span in self.spans}
        for root in sorted((s for s in self.spans if s.parent not in ids), key=lambda s: s.start):
            lines += self._drawn(root, 0)
        return "\n".join(lines)

    def _drawn(self, span: Span, depth: int) -> Iterator[str]:
        links = "".join(f" ~{trace[:4]}" for trace, _ in span.links)
        indent = "  " * depth
        yield f"{span.trace[:4]} {indent}{span.name} {(span.end - span.start) / 1e6:.1f} ms{links}"
        children = [child for child in self.spans if child.parent == span.id]
        for child in sorted(children, key=lambda child: child.start):
            yield from self._drawn(child, depth + 1)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector on loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.headers = {name.lower(): value for name, value in self.headers.items()}
            if collector.status == 200:
                collector.take(self.path, body)
            self.send_response(collector.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector = Collector(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _span(span: WireSpan) -> Span:
    return Span(
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        name=span.name,
        kind=WireSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        attributes={
            pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value")
            for pair in span.attributes
        },
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
    )
