"""One request, as telemetry sees it: ids when it begins, notes on the way, and in the end what is told.

An operation on a WebSocket is one as well: it has an id, a trace, a line and numbers of its own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextvars import ContextVar
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

from msgspec import Struct
from opentelemetry.trace import SpanContext

from gateway.telemetry import names
from gateway.telemetry.backlog import Backlog
from gateway.telemetry.course import Course
from gateway.telemetry.logs import IDS, Log, stamp
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.outcome import outcome
from gateway.telemetry.repeats import Repeats
from gateway.telemetry.spans import MOST_LINKS, Parent, Spans, new_span_id, new_trace_id, parent, span_context
from gateway.telemetry.story import told

_WELL_FORMED = re.compile(r"[A-Za-z0-9._:/+=-]{1,64}")
_NO_OPERATION = "none"
_CANCELLED = "cancelled"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,40}")
_LONGEST_NAME = 100


class Share(Struct):
    """A request's share in a provider call.

    Attributes:
        context: The call's span; None where it was not kept.
        since: When the request lined up for it, or joined it under way.
        sent, ended: When the call went out and when it was over. All in nanoseconds since 1970.
        error: Code of the call's error; None if it went well.
    """

    context: SpanContext | None
    provider: str
    operation: str
    since: int
    sent: int
    ended: int
    error: str | None


class Executed(Struct, frozen=True, kw_only=True):
    """What an operation was.

    Attributes:
        type: query, mutation or subscription.
        name: Its name in the document.
        trusted: Whether the document is one that the gateway was given: only then is the name a label.
        compiled: Whether by a plan of its own.
    """

    type: str
    name: str | None
    trusted: bool
    compiled: bool

    @property
    def label(self) -> str:
        """What metrics and spans call it; nothing a client can make up."""
        return self.name if self.trusted and self.name else self.type


class Connection(Struct, frozen=True):
    """A WebSocket, as its operations are known by it.

    Attributes:
        request_id: Of the request that opened it.
        parent: The span of whoever opened it, where there is one.
    """

    request_id: str
    parent: Parent | None


class Exchange:
    """One request under way, or one operation on a WebSocket.

    Attributes:
        request_id: Its id.
        method: HTTP's; empty on a WebSocket, whose operations are no requests of HTTP's.
        parent: The caller's span, where there is one; on a WebSocket, of whoever opened it.
        trace_id, span_id: Of its own span; both 0 where nothing is traced.
        sampled: Whether its spans are kept whatever happens.
        started: Nanoseconds since 1970.
        executing: When its turn had come; 0 before.
        shares: Provider calls it had a share in, the first of them.
        calls: How many there were in all.
        hits, stale: Records found in memory; how many of them past their freshness.
        principal: Who asked; None until that is known.
        name: operationName as the client sent it.
        operation: What was executed; None where nothing was.
        status: HTTP's; 0 until there is an answer, and on a WebSocket.
        outcome, code, errors: As `gateway.telemetry.outcome` says.
        cost: Points.
        age: Milliseconds since the oldest record of the answer was observed.
    """

    __slots__ = (
        "age",
        "calls",
        "code",
        "cost",
        "errors",
        "executing",
        "hits",
        "method",
        "name",
        "operation",
        "outcome",
        "parent",
        "principal",
        "request_id",
        "sampled",
        "shares",
        "span_id",
        "stale",
        "started",
        "status",
        "trace_id",
    )

    def __init__(self, request_id: str, method: str, parent: Parent | None, spans: Spans | None) -> None:
        self.request_id = request_id
        self.method = method
        self.parent = parent
        self.trace_id = self.span_id = 0
        self.sampled = False
        if spans is not None:
            self.trace_id = parent.trace_id if parent else new_trace_id()
            self.span_id = new_span_id()
            self.sampled = parent.sampled if parent else spans.samples(self.trace_id)
        elif parent:
            self.trace_id = parent.trace_id
        self.started = time.time_ns()
        self.executing = 0
        self.shares: list[Share] = []
        self.calls = self.hits = self.stale = 0
        self.principal: str | None = None
        self.name: str | None = None
        self.operation: Executed | None = None
        self.status = 0
        self.outcome = ""
        self.code: str | None = None
        self.errors = 0
        self.cost: int | None = None
        self.age: int | None = None

    @property
    def context(self) -> SpanContext:
        """What names its span to others."""
        return span_context(self.trace_id, self.span_id, sampled=self.sampled)

    def error_ids(self) -> dict[str, str]:
        """Return the ids, as errors carry them."""
        if not self.trace_id:
            return {"requestId": self.request_id}
        return {"requestId": self.request_id, "traceId": f"{self.trace_id:032x}"}

    def line_ids(self) -> dict[str, str]:
        """Return the ids, as lines carry them."""
        if not self.trace_id:
            return {"request_id": self.request_id}
        return {"request_id": self.request_id, "trace_id": f"{self.trace_id:032x}"}

    def execute(self) -> None:
        """Note that its turn has come."""
        self.executing = time.time_ns()

    def found(self, hits: int, stale: int) -> None:
        """Note records found in memory."""
        self.hits += hits
        self.stale += stale

    def take_part(self, share: Share) -> None:
        """Note a share in a provider call."""
        self.calls += 1
        if len(self.shares) < MOST_LINKS:
            self.shares.append(share)

    def answered(self, status: int, body: Mapping[str, Any]) -> None:
        """Note the answer.

        Args:
            status: HTTP's.
            body: The response object.
        """
        self.status = status
        self.outcome, self.code, self.errors = outcome(body, executed=self.operation is not None)
        extensions = body.get("extensions")
        if extensions:
            self.cost = extensions.get("cost", {}).get("actual")
            self.age = extensions.get("freshness", {}).get("oldestMs")

    def given_again(
        self,
        status: int,
        principal: str,
        name: str | None,
        operation: Executed | None,
        extensions: Mapping[str, Any],
    ) -> None:
        """Note an answer without errors that had been given before."""
        self.executing = self.started
        self.status = status
        self.principal = principal
        self.name = name
        self.operation = operation
        self.outcome = "ok"
        self.cost = extensions["cost"]["actual"]
        if "freshness" in extensions:
            self.age = extensions["freshness"]["oldestMs"]

    def cancelled(self) -> None:
        """Note that the client wants no answer any more."""
        self.outcome = _CANCELLED


CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The request being answered in this context."""


def forget() -> None:
    """Let go of this context's request, for what goes on long after it: nothing more is noted on it."""
    CURRENT.set(None)
    IDS.set(None)


def request_id(given: str | None) -> str:
    """Return a request's id: the client's, if it is well-formed, or a new one."""
    return given if given and _WELL_FORMED.fullmatch(given) else f"{new_span_id():016x}"


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
        at_once: Whether that is done before a request's end returns, and not a moment later.
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
        self._spans = spans
        self._log = log
        self._repeats = Repeats()
        self._backlog = None if at_once else Backlog(self._tell)

    def flush(self) -> None:
        """Tell of all requests that are over."""
        if self._backlog is not None:
            self._backlog.flush()

    def close(self) -> None:
        """Tell of all requests that are over; nothing more is put off."""
        if self._backlog is not None:
            self._backlog.close()
            self._backlog = None

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
        if self._spans is not None and (exchange.sampled or exchange.code is not None):
            self._spans.put(partial(told, self._spans, exchange, now, course))
        operation = exchange.operation
        label = operation.label if operation else _NO_OPERATION
        if self._metrics is not None:
            self._metrics.add(names.REQUESTS, (label, exchange.outcome))
            answered = now if course is None else course.first
            if answered and exchange.outcome != _CANCELLED:
                self._metrics.observe(names.REQUEST_SECONDS, (answered - exchange.started) / 1e9, (label,))
            if exchange.age is not None:
                self._metrics.observe(names.RECORD_AGE, exchange.age / 1000)
        if self._log is not None:
            self._log.info("request", **_line(exchange, now, course))

    def shed(self, request_id: str, code: str, status: int) -> None:
        """Tell of a request that was refused at the gate, where there is no time to look at it."""
        if self._metrics is not None:
            self._metrics.add(names.REQUESTS, (_NO_OPERATION, code))
        if self._log is not None and (suppressed := self._repeats.told(code)) is not None:
            more = {"suppressed": suppressed} if suppressed else {}
            self._log.info("request", request_id=request_id, outcome=code, code=code, status=status, **more)


def _line(exchange: Exchange, now: int, course: Course | None) -> dict[str, Any]:
    line: dict[str, Any] = {"timestamp": stamp(now), **exchange.line_ids()}
    if exchange.name:
        line["operation"] = exchange.name[:_LONGEST_NAME]
    if exchange.operation:
        line["type"] = exchange.operation.type
    line["outcome"] = exchange.outcome
    if exchange.code:
        line["code"] = exchange.code
    if exchange.status:
        line["status"] = exchange.status
    if exchange.principal:
        line["principal"] = exchange.principal
    line["duration_ms"] = round((now - exchange.started) / 1e6, 3)
    if exchange.age is not None:
        line["age_ms"] = exchange.age
    if exchange.cost is not None:
        line["cost"] = exchange.cost
    line["calls"] = exchange.calls
    if course is not None and exchange.operation is not None:
        line["results"] = course.results
        line["ended_by"] = course.end
    return line
