"""Our encoder, against the library's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import Link, SpanKind

from gateway.telemetry.outbox import Outbox
from gateway.telemetry.protobuf import Encoder
from gateway.telemetry.spans import SCOPE, Spans, span_context

RESOURCE = Resource({"service.name": "gateway", "service.version": "1"})

_ids = st.integers(1, 2**64 - 1)
_contexts = st.builds(
    span_context, st.integers(1, 2**128 - 1), _ids, sampled=st.booleans(), remote=st.booleans()
)


@pytest.fixture(scope="module")
def spans() -> Spans:
    """A writer whose spans go nowhere."""
    return Spans(Outbox([]), RESOURCE, 1.0)


def _read(body: bytes) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    return request


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_bytes_say_what_the_librarys_say(spans: Spans, data: st.DataObject) -> None:
    """Whatever names, ids, times, attributes, links and errors a span has."""
    batch = [
        spans.span(
            data.draw(st.text(max_size=200)),
            data.draw(_contexts),
            data.draw(st.none() | _contexts),
            data.draw(_ids),
            data.draw(_ids),
            data.draw(
                st.dictionaries(
                    st.text(min_size=1), st.text(max_size=300) | st.integers(-(2**63), 2**63 - 1), max_size=5
                )
            ),
            kind=data.draw(st.sampled_from(SpanKind)),
            links=[Link(context) for context in data.draw(st.lists(_contexts, max_size=3))],
            error=data.draw(st.none() | st.text(min_size=1)),
        )
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    assert _read(Encoder(RESOURCE, SCOPE).encode(batch)) == _read(encode_spans(batch).SerializeToString())


def test_others_spans_go_through_the_library(spans: Spans) -> None:
    """With everything they have, beside ours."""
    with (
        TracerProvider(resource=RESOURCE, shutdown_on_exit=False)
        .get_tracer("other")
        .start_span("GET") as other
    ):
        other.add_event("event")
    assert isinstance(other, ReadableSpan)
    own = spans.span("own", span_context(1, 2), None, 1, 2)
    request = _read(Encoder(RESOURCE, SCOPE).encode([own, other]))
    scopes = [scope for resource in request.resource_spans for scope in resource.scope_spans]
    assert {scope.scope.name: [span.name for span in scope.spans] for scope in scopes} == {
        "gateway": ["own"],
        "other": ["GET"],
    }
    assert scopes[1].spans[0].events[0].name == "event"
