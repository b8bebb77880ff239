"""The spans of a plain request as bytes, for where nothing but a collector listens.

Most requests are like another before them but for ids, times, and how old their answer is. So what they have
in common is written once, with blanks for the rest. Like this a request's two spans take a fifth of the time
that they take as the library's objects.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

from opentelemetry.trace import SpanKind

from gateway.telemetry import wire
from gateway.telemetry.course import Course
from gateway.telemetry.details import failure, of_operation, of_request, operation_name, request_name
from gateway.telemetry.exchange import Exchange, Executed
from gateway.telemetry.spans import new_span_id

_ROOM = 4000
"""Forms that are kept at most; two megabytes. There is one for each principal: without keys, each address."""

_TIMES = Struct("<Q1sQ")
_IDS = (wire.TRACE_ID, 16, wire.SPAN_ID, 8)


class Forms:
    """Fills in forms."""

    def __init__(self) -> None:
        self._forms: dict[tuple[Any, ...], bytes] = {}

    def filled(self, exchange: Exchange, now: int) -> tuple[bytes, ...]:
        """Return what `story.told` does of a plain request, written down."""
        trace = exchange.trace_id.to_bytes(16, "big")
        own = exchange.span_id.to_bytes(8, "big")
        parent = exchange.parent
        caller = b"" if parent is None else parent.span_id.to_bytes(8, "big")
        id = exchange.request_id.encode()  # noqa: A001
        form = self._of_request(exchange, len(caller), len(id))
        request = form % (trace, own, caller, _TIMES.pack(exchange.started, wire.END, now), id)
        operation = exchange.operation
        if operation is None or not exchange.executing:
            return (request,)
        age = b"" if exchange.age is None else wire.varint(exchange.age)
        form = self._of_operation(exchange, operation, len(age))
        span = new_span_id().to_bytes(8, "big")
        return request, form % (trace, span, own, _TIMES.pack(exchange.executing, wire.END, now), age)

    def _of_request(self, exchange: Exchange, caller: int, id: int) -> bytes:  # noqa: A002
        # All that the form is made of, the lengths of its blanks included.
        key = (
            exchange.method,
            exchange.status,
            exchange.outcome,
            exchange.principal,
            exchange.code,
            exchange.errors,
            caller,
            id,
        )
        form = self._forms.get(key)
        if form is None:
            said = wire.attributes(of_request(exchange))
            form = self._keep(
                key,
                _form(
                    *_IDS,
                    wire.PARENT if caller else b"",
                    caller,
                    wire.title(request_name(exchange), SpanKind.SERVER) + wire.START,
                    _TIMES.size,
                    said[: len(said) - id],
                    id,
                    wire.ending(failure(exchange), remote=bool(caller)),
                ),
            )
        return form

    def _of_operation(self, exchange: Exchange, operation: Executed, age: int) -> bytes:
        key = (operation, exchange.hits > 0, exchange.stale > 0, exchange.cost, age)
        form = self._forms.get(key)
        if form is None:
            said = wire.attributes(of_operation(exchange, operation))
            form = self._keep(
                key,
                _form(
                    *_IDS,
                    wire.PARENT,
                    8,
                    wire.title(operation_name(operation), SpanKind.INTERNAL) + wire.START,
                    _TIMES.size,
                    said[: len(said) - age],
                    age,
                    wire.ending(None, remote=False),
                ),
            )
        return form

    def _keep(self, key: tuple[Any, ...], form: bytes) -> bytes:
        if len(self._forms) >= _ROOM:
            self._forms.clear()
        self._forms[key] = form
        return form


def is_plain(exchange: Exchange, course: Course | None) -> bool:
    """Return whether a request's spans are its own and its operation's, with nothing unusual in them."""
    return bool(exchange.method) and not exchange.calls and course is None


def _form(*parts: bytes | int) -> bytes:
    """Return a span with blanks: each number stands for so many bytes that are filled in."""
    length = sum(part if isinstance(part, int) else len(part) for part in parts)
    whole = (wire.SPAN + wire.varint(length), *parts)
    return b"".join(b"%b" if isinstance(part, int) else part.replace(b"%", b"%%") for part in whole)
