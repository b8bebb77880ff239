"""Batches of spans as OTLP's protobuf.

Ours come written, or are written here; others', which have more to them, go through the library.
"""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource as WireResource
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan

from gateway.telemetry.wire import field, written


class Encoder:
    """Encodes batches.

    Args:
        resource: Who tells them.
        scope: The name of what makes our spans.
    """

    def __init__(self, resource: Resource, scope: str) -> None:
        wire = WireResource(
            attributes=[
                KeyValue(key=key, value=AnyValue(string_value=str(value)))
                for key, value in resource.attributes.items()
            ]
        )
        self._scope = scope
        self._resource = field(b"\x0a", wire.SerializeToString())
        self._name = field(b"\x0a", InstrumentationScope(name=scope).SerializeToString())

    def encode(self, spans: Sequence[ReadableSpan | bytes]) -> bytes:
        """Return an ExportTraceServiceRequest."""
        own: list[bytes] = []
        others: list[ReadableSpan] = []
        for span in spans:
            if isinstance(span, bytes):
                own.append(span)
            elif self._is_own(span):
                own.append(written(span))
            else:
                others.append(span)
        body = b""
        if own:
            scope_spans = self._name + b"".join(own)
            body = field(b"\x0a", self._resource + field(b"\x12", scope_spans))
        # Repeated fields of two messages, one after the other, are those of one.
        return body + encode_spans(others).SerializeToString() if others else body

    def _is_own(self, span: ReadableSpan) -> bool:
        scope = span.instrumentation_scope
        return scope is not None and scope.name == self._scope
