"""Our spans as OTLP's protobuf, written byte by byte.

Through the library's encoder a request's spans take seventy microseconds, half of what many a whole answer
takes; like this, ten. Attributes are why: most of them are the same from span to span, and are kept encoded.
Spans that are not ours, and have more to them, go through the library, and the tests hold this to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource as WireResource
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode

from gateway.telemetry.spans import Told

_KINDS = {
    kind: b"\x30%c" % number
    for number, kind in enumerate(
        (SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER), 1
    )
}
# Whether a parent or a link is remote is told in bits 8 and 9.
_KNOWN, _REMOTE = 0x100, 0x200
_SMALL = 0x80


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
        self._resource = _field(b"\x0a", wire.SerializeToString())
        self._name = _field(b"\x0a", InstrumentationScope(name=scope).SerializeToString())

    def encode(self, spans: Sequence[ReadableSpan]) -> bytes:
        """Return an ExportTraceServiceRequest."""
        own: list[bytes] = []
        others: list[ReadableSpan] = []
        for span in spans:
            if isinstance(span, Told) and span.wire:
                own.append(_field(b"\x12", span.wire))
            elif self._is_own(span):
                own.append(_field(b"\x12", written(span)))
            else:
                others.append(span)
        body = b""
        if own:
            scope_spans = self._name + b"".join(own)
            body = _field(b"\x0a", self._resource + _field(b"\x12", scope_spans))
        # Repeated fields of two messages, one after the other, are those of one.
        return body + encode_spans(others).SerializeToString() if others else body

    def _is_own(self, span: ReadableSpan) -> bool:
        scope = span.instrumentation_scope
        return scope is not None and scope.name == self._scope


def written(span: ReadableSpan) -> bytes:
    """Return one of our spans as the protocol's `Span`."""
    context, parent = span.context, span.parent
    flags = _KNOWN
    parts = [
        b"\x0a\x10",
        context.trace_id.to_bytes(16, "big"),
        b"\x12\x08",
        context.span_id.to_bytes(8, "big"),
    ]
    if parent is not None:
        flags |= _REMOTE if parent.is_remote else 0
        parts += [b"\x22\x08", parent.span_id.to_bytes(8, "big")]
    parts += [
        _text(b"\x2a", span.name),
        _KINDS[span.kind],
        b"\x39",
        (span.start_time or 0).to_bytes(8, "little"),
        b"\x41",
        (span.end_time or 0).to_bytes(8, "little"),
        *_attributes(span.attributes or {}),
        *_links(span.links),
    ]
    failed = span.status.status_code is StatusCode.ERROR
    parts += [_failure(span.status.description or "") if failed else b"\x7a\x00"]
    parts += [b"\x85\x01", flags.to_bytes(4, "little")]
    return b"".join(parts)


def _attributes(attributes: Mapping[str, object]) -> Iterable[bytes]:
    return [
        _number(key, value) if type(value) is int else _word(key, str(value))
        for key, value in attributes.items()
    ]


def _links(links: Iterable[Link]) -> Iterable[bytes]:
    return [_link(link.context) for link in links]


def _link(context: SpanContext) -> bytes:
    flags = _KNOWN | (_REMOTE if context.is_remote else 0)
    ids = (
        b"\x0a\x10"
        + context.trace_id.to_bytes(16, "big")
        + b"\x12\x08"
        + context.span_id.to_bytes(8, "big")
        + b"\x35"
        + flags.to_bytes(4, "little")
    )
    return _field(b"\x6a", ids)


@lru_cache(maxsize=256)
def _failure(message: str) -> bytes:
    return _field(b"\x7a", _text(b"\x12", message) + b"\x18\x02")


@lru_cache(maxsize=2048)
def _word(key: str, value: str) -> bytes:
    return _field(b"\x4a", _text(b"\x0a", key) + _field(b"\x12", _text(b"\x0a", value)))


@lru_cache(maxsize=2048)
def _number(key: str, value: int) -> bytes:
    return _field(b"\x4a", _text(b"\x0a", key) + _field(b"\x12", b"\x18" + _varint(value)))


def _text(tag: bytes, text: str) -> bytes:
    return _field(tag, text.encode())


def _field(tag: bytes, content: bytes) -> bytes:
    return tag + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    if 0 <= number < _SMALL:
        return b"%c" % number
    number &= (1 << 64) - 1
    parts = bytearray()
    while number >= _SMALL:
        parts.append(number & 0x7F | _SMALL)
        number >>= 7
    parts.append(number)
    return bytes(parts)
