"""Our spans as OTLP's protobuf, written byte by byte, fields in the order of their numbers.

Through the library's encoder a request's spans take seventy microseconds, more than many a whole answer
takes; like this, ten. Attributes are why: most of them are the same from span to span, and are kept encoded.
The tests hold this to what the library writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode

SPAN = b"\x12"
TRACE_ID, SPAN_ID, PARENT = b"\x0a\x10", b"\x12\x08", b"\x22\x08"
START, END = b"\x39", b"\x41"
_KINDS = {
    kind: b"\x30%c" % number
    for number, kind in enumerate(
        (SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER), 1
    )
}
# Whether a parent or a link is remote is told in bits 8 and 9.
_KNOWN, _REMOTE = 0x100, 0x200
_SMALL = 0x80


def written(span: ReadableSpan) -> bytes:
    """Return one of our spans as a field of the protocol's `ScopeSpans`."""
    context, parent = span.context, span.parent
    parts = [TRACE_ID, context.trace_id.to_bytes(16, "big"), SPAN_ID, context.span_id.to_bytes(8, "big")]
    if parent is not None:
        parts += [PARENT, parent.span_id.to_bytes(8, "big")]
    failed = span.status.status_code is StatusCode.ERROR
    parts += [
        title(span.name, span.kind),
        START,
        (span.start_time or 0).to_bytes(8, "little"),
        END,
        (span.end_time or 0).to_bytes(8, "little"),
        attributes(span.attributes or {}),
        *_links(span.links),
        ending(span.status.description or "" if failed else None, remote=bool(parent and parent.is_remote)),
    ]
    return field(SPAN, b"".join(parts))


def title(name: str, kind: SpanKind) -> bytes:
    """Return a span's name and kind."""
    return _text(b"\x2a", name) + _KINDS[kind]


def attributes(values: Mapping[str, object]) -> bytes:
    """Return a span's attributes."""
    return b"".join(
        [
            _number(key, value) if type(value) is int else _word(key, str(value))
            for key, value in values.items()
        ]
    )


def ending(failure: str | None, *, remote: bool) -> bytes:
    """Return what a span ends with.

    Args:
        failure: What went wrong; None if nothing did.
        remote: Whether its parent is in another process.
    """
    status = b"\x7a\x00" if failure is None else _failure(failure)
    return status + b"\x85\x01" + _flags(remote=remote)


def field(tag: bytes, content: bytes) -> bytes:
    """Return a field of bytes, or of a message."""
    return tag + varint(len(content)) + content


def varint(number: int) -> bytes:
    """Return a number as the protocol has it: seven bits a byte, the lowest first."""
    if 0 <= number < _SMALL:
        return b"%c" % number
    number &= (1 << 64) - 1
    parts = bytearray()
    while number >= _SMALL:
        parts.append(number & 0x7F | _SMALL)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _links(links: Iterable[Link]) -> Iterable[bytes]:
    return [_link(link.context) for link in links]


def _link(context: SpanContext) -> bytes:
    ids = TRACE_ID + context.trace_id.to_bytes(16, "big") + SPAN_ID + context.span_id.to_bytes(8, "big")
    return field(b"\x6a", ids + b"\x35" + _flags(remote=context.is_remote))


def _flags(*, remote: bool) -> bytes:
    return (_KNOWN | (_REMOTE if remote else 0)).to_bytes(4, "little")


@lru_cache(maxsize=256)
def _failure(message: str) -> bytes:
    return field(b"\x7a", _text(b"\x12", message) + b"\x18\x02")


@lru_cache(maxsize=2048)
def _word(key: str, value: str) -> bytes:
    return field(b"\x4a", _text(b"\x0a", key) + field(b"\x12", _text(b"\x0a", value)))


@lru_cache(maxsize=2048)
def _number(key: str, value: int) -> bytes:
    return field(b"\x4a", _text(b"\x0a", key) + field(b"\x12", b"\x18" + varint(value)))


def _text(tag: bytes, text: str) -> bytes:
    return field(tag, text.encode())
