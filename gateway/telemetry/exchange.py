"""One request, as telemetry sees it: ids when it begins, and notes on the way.

An operation on a WebSocket is one as well: it has an id and a trace of its own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from msgspec import Struct
from opentelemetry.trace import SpanContext

from gateway.telemetry.logs import IDS
from gateway.telemetry.outcome import outcome
from gateway.telemetry.spans import MOST_LINKS, Parent, Spans, new_span_id, new_trace_id, span_context

_WELL_FORMED = re.compile(r"[A-Za-z0-9._:/+=-]{1,64}")

CANCELLED = "cancelled"
"""Outcome of an operation that its client wanted no answer of any more."""


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
        self.outcome = CANCELLED


CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The request being answered in this context."""


def forget() -> None:
    """Let go of this context's request, for what goes on long after it: nothing more is noted on it."""
    CURRENT.set(None)
    IDS.set(None)


def request_id(given: str | None) -> str:
    """Return a request's id: the client's, if it is well-formed, or a new one."""
    return given if given and _WELL_FORMED.fullmatch(given) else f"{new_span_id():016x}"
