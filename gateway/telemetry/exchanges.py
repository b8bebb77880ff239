"""Begins and ends requests: in the end each has its line, its numbers and its spans."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct

from gateway.telemetry import names
from gateway.telemetry.backlog import Backlog
from gateway.telemetry.course import Course
from gateway.telemetry.exchange import CANCELLED, CURRENT, Exchange, request_id
from gateway.telemetry.forms import Forms, is_plain
from gateway.telemetry.lines import Line, Log, stamp
from gateway.telemetry.logs import IDS
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.repeats import Repeats
from gateway.telemetry.spans import Parent, Spans, parent
from gateway.telemetry.story import told
from gateway.telemetry.tally import Tally

_NO_OPERATION = "none"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,40}")
_LONGEST_NAME = 100


class Connection(Struct, frozen=True):
    """A WebSocket, as its operations are known by it.

    Attributes:
        request_id: Of the request that opened it.
        parent: The span of whoever opened it, where there is one.
    """

    request_id: str
    parent: Parent | None


class _Ended(NamedTuple):
    exchange: Exchange
    at: int
    course: Course | None


class Exchanges:
    """Begins and ends exchanges.

    Args:
        metrics: Where they are counted; None counts nothing.
        spans: Where they are traced; None traces nothing.
        log: Where their lines go; None writes none.
        at_once: Whether a request is told of, and counted, before its end returns, and not a moment later.
    """

    def __init__(
        self,
        metrics: Metrics | None = None,
        spans: Spans | None = None,
        log: Log | None = None,
        *,
        at_once: bool = True,
    ) -> None:
        self._metrics = metrics
        self._tally = None if metrics is None else Tally(metrics)
        self._spans = spans
        self._log = log
        self._forms = Forms()
        self._repeats = Repeats()
        self._backlog = None if at_once else Backlog(self._tell)

    def flush(self) -> None:
        """Tell of all requests that are over, and bring the metrics up to this moment."""
        if self._backlog is not None:
            self._backlog.flush()
        if self._tally is not None:
            self._tally.settle()

    def close(self) -> None:
        """Tell of all requests that are over; nothing more is put off."""
        if self._backlog is not None:
            self._backlog.close()
            self._backlog = None
        self.flush()

    def begin(self, method: str, headers: Mapping[bytes, str]) -> Exchange:
        """Take note of a request, and make it the current one.

        Args:
            method: HTTP's.
            headers: By names in lower case.
        """
        caller = headers.get(b"traceparent")
        exchange = Exchange(
            request_id(headers.get(b"x-request-id")), method, parent(caller) if caller else None, self._spans
        )
        CURRENT.set(exchange)
        IDS.set(exchange.line_ids)
        return exchange

    @staticmethod
    def connect(headers: Mapping[bytes, str]) -> Connection:
        """Return what a WebSocket is known by.

        Args:
            headers: Of the request that opens it, by names in lower case.
        """
        caller = headers.get(b"traceparent")
        return Connection(request_id(headers.get(b"x-request-id")), parent(caller) if caller else None)

    def operation(self, connection: Connection, id: str) -> Exchange:  # noqa: A002 - the protocol's word
        """Take note of an operation on a WebSocket, and make it the current one.

        It has a trace of its own, linked to the one that its connection was opened in: that one would else
        grow as long as the connection is open.

        Args:
            connection: Where it is asked for.
            id: As the client calls it. It may be anything, and becomes part of the id in lines and spans.
        """
        plain = (
            id if _PLAIN.fullmatch(id) else blake2b(id.encode(errors="replace"), digest_size=8).hexdigest()
        )
        exchange = Exchange(f"{connection.request_id}:{plain}", "", None, self._spans)
        if connection.parent is not None:
            exchange.parent = connection.parent
            exchange.sampled = connection.parent.sampled
        CURRENT.set(exchange)
        IDS.set(exchange.line_ids)
        return exchange

    def lasting(self, exchange: Exchange) -> Course:
        """Return what is noted of a stream of results, and tells of it in the end."""
        return Course(exchange, self.end)

    def end(self, exchange: Exchange, course: Course | None = None) -> None:
        """Tell how a request ended; one that was never answered is not told."""
        if not exchange.outcome:
            return
        ended = _Ended(exchange, time.time_ns(), course)
        if self._backlog is None:
            self._tell(ended)
        else:
            self._backlog.put(ended)

    def _tell(self, ended: _Ended) -> None:
        exchange, now, course = ended
        spans = self._spans
        if spans is not None and (exchange.sampled or exchange.code is not None):
            if spans.as_bytes and is_plain(exchange, course):
                spans.put_bytes(partial(self._forms.filled, exchange, now))
            else:
                spans.put(partial(told, spans, exchange, now, course))
        operation = exchange.operation
        label = operation.label if operation else _NO_OPERATION
        tally = self._tally
        if tally is not None:
            tally.add(names.REQUESTS, (label, exchange.outcome))
            answered = now if course is None else course.first
            if answered and exchange.outcome != CANCELLED:
                tally.observe(names.REQUEST_SECONDS, (answered - exchange.started) / 1e9, (label,))
            if exchange.age is not None:
                tally.observe(names.RECORD_AGE, exchange.age / 1000)
            if self._backlog is None:
                tally.settle()
        if self._log is not None:
            self._log.request(_line(exchange, now, course))

    def shed(self, request_id: str, code: str, status: int) -> None:
        """Tell of a request that was refused at the gate, where there is no time to look at it."""
        if self._metrics is not None:
            self._metrics.add(names.REQUESTS, (_NO_OPERATION, code))
        if self._log is not None and (suppressed := self._repeats.told(code)) is not None:
            more = {"suppressed": suppressed} if suppressed else {}
            self._log.info("request", request_id=request_id, outcome=code, code=code, status=status, **more)


def _line(exchange: Exchange, now: int, course: Course | None) -> Line:
    operation = exchange.operation
    line = Line(
        timestamp=stamp(now),
        level="info",
        event="request",
        request_id=exchange.request_id,
        trace_id=f"{exchange.trace_id:032x}" if exchange.trace_id else None,
        operation=exchange.name[:_LONGEST_NAME] if exchange.name else None,
        type=operation.type if operation else None,
        outcome=exchange.outcome,
        code=exchange.code,
        status=exchange.status or None,
        principal=exchange.principal or None,
        duration_ms=round((now - exchange.started) / 1e6, 3),
        age_ms=exchange.age,
        cost=exchange.cost,
        calls=exchange.calls,
    )
    if course is not None and operation is not None:
        line.results = course.results
        line.ended_by = course.end.value
    return line
