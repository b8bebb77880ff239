"""One request, as telemetry sees it: ids when it begins, notes on the way, and in the end what is told."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from msgspec import Struct
from opentelemetry.trace import SpanContext

from gateway.telemetry import names
from gateway.telemetry.logs import IDS, Log
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.outcome import outcome
from gateway.telemetry.repeats import Repeats
from gateway.telemetry.spans import MOST_LINKS, Parent, Spans, new_span_id, new_trace_id, parent, span_context
from gateway.telemetry.story import told

_WELL_FORMED = re.compile(r"[A-Za-z0-9._:/+=-]{1,64}")
_NO_OPERATION = "none"
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


class Exchange:
    """One request under way.

    Attributes:
        request_id: Its id.
        method: HTTP's.
        parent: The caller's span, where there is one.
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
        status: HTTP's; 0 until there is an answer.
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


CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The request being answered in this context."""


def forget() -> None:
    """Let go of this context's request, for what goes on long after it: nothing more is noted on it."""
    CURRENT.set(None)
    IDS.set(None)


def request_id(given: str | None) -> str:
    """Return a request's id: the client's, if it is well-formed, or a new one."""
    return given if given and _WELL_FORMED.fullmatch(given) else f"{new_span_id():016x}"


class Exchanges:
    """Begins and ends exchanges.

    Args:
        metrics: Where they are counted; None counts nothing.
        spans: Where they are traced; None traces nothing.
        log: Where their lines go; None writes none.
    """

    def __init__(
        self, metrics: Metrics | None = None, spans: Spans | None = None, log: Log | None = None
    ) -> None:
        self._metrics = metrics
        self._spans = spans
        self._log = log
        self._repeats = Repeats()

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

    def end(self, exchange: Exchange) -> None:
        """Tell how a request ended; one that was never answered is not told."""
        if not exchange.status:
            return
        now = time.time_ns()
        operation = exchange.operation
        label = operation.label if operation else _NO_OPERATION
        if self._metrics is not None:
            self._metrics.add(names.REQUESTS, (label, exchange.outcome))
            self._metrics.observe(names.REQUEST_SECONDS, (now - exchange.started) / 1e9, (label,))
            if exchange.age is not None:
                self._metrics.observe(names.RECORD_AGE, exchange.age / 1000)
        if self._spans is not None and (exchange.sampled or exchange.code is not None):
            spans = self._spans
            spans.put(lambda: told(spans, exchange, now))
        if self._log is not None:
            self._log.info("request", **_line(exchange, now))

    def shed(self, request_id: str, code: str, status: int) -> None:
        """Tell of a request that was refused at the gate, where there is no time to look at it."""
        if self._metrics is not None:
            self._metrics.add(names.REQUESTS, (_NO_OPERATION, code))
        if self._log is not None and (suppressed := self._repeats.told(code)) is not None:
            more = {"suppressed": suppressed} if suppressed else {}
            self._log.info("request", request_id=request_id, outcome=code, code=code, status=status, **more)


def _line(exchange: Exchange, now: int) -> dict[str, Any]:
    line: dict[str, Any] = exchange.line_ids()
    if exchange.name:
        line["operation"] = exchange.name[:_LONGEST_NAME]
    if exchange.operation:
        line["type"] = exchange.operation.type
    line["outcome"] = exchange.outcome
    if exchange.code:
        line["code"] = exchange.code
    line["status"] = exchange.status
    if exchange.principal:
        line["principal"] = exchange.principal
    line["duration_ms"] = round((now - exchange.started) / 1e6, 3)
    if exchange.age is not None:
        line["age_ms"] = exchange.age
    if exchange.cost is not None:
        line["cost"] = exchange.cost
    line["calls"] = exchange.calls
    return line
