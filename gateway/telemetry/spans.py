"""Spans, written down when what they tell of is over.

Whether a trace is kept is decided twice. At its begin, by the caller's decision or else by ratio, since that
is what is passed on in `traceparent`. And at its end: a request or a call that failed is kept in any case.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Sequence

from msgspec import Struct
from opentelemetry import context as contexts
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.util.types import Attributes

from gateway.telemetry.outbox import Making, Outbox, Writing
from gateway.telemetry.wire import written

SCOPE = "gateway"
"""What makes these spans, as OpenTelemetry has it."""

MOST_LINKS = 32
"""Links of one span; beyond that a number tells as much."""

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_UNSAMPLED = TraceFlags(TraceFlags.DEFAULT)
_WELL = Status(StatusCode.UNSET)
_LOW = (1 << 64) - 1
_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_random = random.Random()  # noqa: S311 - an id must be unlikely to occur twice, not hard to guess
# Workers are forks of one process, and would all make the same ids.
os.register_at_fork(after_in_child=_random.seed)


class Parent(Struct, frozen=True):
    """The caller's span."""

    trace_id: int
    span_id: int
    sampled: bool


def parent(traceparent: str) -> Parent | None:
    """Return what a W3C `traceparent` says; None where it says nothing."""
    match = _PARENT.fullmatch(traceparent)
    if match is None or (traceparent.startswith("00") and match[4]):
        return None
    return Parent(int(match[1], 16), int(match[2], 16), bool(int(match[3], 16) & 1))


def new_trace_id() -> int:
    """Return an id for a trace."""
    return _random.getrandbits(128) or 1


def new_span_id() -> int:
    """Return an id for a span."""
    return _random.getrandbits(64) or 1


def span_context(trace_id: int, span_id: int, *, sampled: bool = True, remote: bool = False) -> SpanContext:
    """Return what names a span to others."""
    flags = _SAMPLED if sampled else _UNSAMPLED
    return SpanContext(trace_id, span_id, is_remote=remote, trace_flags=flags)


class Spans:
    """Writes spans.

    Args:
        outbox: Where they go.
        resource: Who tells them.
        ratio: Part of the traces that are kept whatever happens in them.
        as_bytes: Whether whoever takes them wants nothing but the bytes that a collector is sent.

    Attributes:
        as_bytes: The same.
    """

    def __init__(
        self,
        outbox: Outbox,
        resource: Resource,
        ratio: float,
        *,
        as_bytes: bool = False,
    ) -> None:
        self.as_bytes = as_bytes
        self._outbox = outbox
        self._resource = resource
        self._scope = InstrumentationScope(SCOPE)
        self._bound = round(ratio * (1 << 64))

    def samples(self, trace_id: int) -> bool:
        """Return whether a trace is kept whatever happens in it; by its id, so that all replicas agree."""
        return trace_id & _LOW < self._bound

    def put(self, making: Making) -> None:
        """Have spans made and sent, where there is room for them."""
        if self.as_bytes:
            self._outbox.put_bytes(lambda: [written(span) for span in making()])
        else:
            self._outbox.put(making)

    def put_bytes(self, writing: Writing) -> None:
        """Have spans written and sent, where there is room for them and bytes are wanted."""
        self._outbox.put_bytes(writing)

    def span(  # noqa: PLR0917 - made in one place each, in the order of a line in a picture
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        start: int,
        end: int,
        attributes: Attributes = None,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        links: Sequence[Link] = (),
        error: str | None = None,
    ) -> ReadableSpan:
        """Return a span that is over; times in nanoseconds since 1970."""
        return ReadableSpan(
            name=name,
            context=context,
            parent=parent,
            resource=self._resource,
            attributes=attributes,
            links=links,
            kind=kind,
            status=Status(StatusCode.ERROR, error) if error else _WELL,
            start_time=start,
            end_time=end,
            instrumentation_scope=self._scope,
        )

    def close(self) -> None:
        """Send what is left."""
        self._outbox.close()


def enter(context: SpanContext) -> object:
    """Make a span the parent of what is done now; returns what `leave` needs."""
    return contexts.attach(set_span_in_context(NonRecordingSpan(context), contexts.Context()))


def leave(token: object) -> None:
    """Undo `enter`."""
    contexts.detach(token)  # type: ignore[arg-type]
