"""One real provider call, as telemetry sees it.

A call belongs to all requests that wait for it, so it is a trace of its own: its root span is linked with
each of theirs, and each of theirs with it. Whoever joins while it is under way counts as well, hence the
requests are asked for twice, before and after.
"""

from __future__ import annotations

import asyncio
import time
from types import TracebackType

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanContext
from opentelemetry.util.types import AttributeValue

from gateway.domain.errors import GatewayError, ProviderError, TimedOut
from gateway.domain.sources import Whom
from gateway.telemetry import names
from gateway.telemetry.exchange import CURRENT, Exchange, Share
from gateway.telemetry.lines import Log
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.repeats import Repeats
from gateway.telemetry.spans import MOST_LINKS, Spans, enter, leave, new_span_id, new_trace_id, span_context
from gateway.telemetry.tally import Tally
from gateway.upstream.call import Call

_MS = 1_000_000
_SECOND = 1_000_000_000


class Calls:
    """Observes calls; see `gateway.upstream.call.Observe`.

    Args:
        metrics: Where they are counted, at once or gathered.
        spans: Where they are traced; None traces nothing.
        log: Where failures are told.
    """

    def __init__(self, metrics: Metrics | Tally, spans: Spans | None, log: Log) -> None:
        self.at_once = isinstance(metrics, Metrics)
        self.tally = Tally(metrics) if isinstance(metrics, Metrics) else metrics
        self.spans = spans
        self.log = log
        self.repeats = Repeats()
        self._lanes: dict[tuple[Whom, str], _Lane] = {}

    def __call__(self, call: Call) -> _Observed:
        """Return what is entered around a call."""
        key = call.provider, call.operation
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(self.tally, (str(call.provider), call.operation))
        return _Observed(self, lane, call)


class _Lane:
    """What the calls of an operation come to."""

    def __init__(self, tally: Tally, labels: tuple[str, str]) -> None:
        self.labels = labels
        self._tally = tally
        self._seconds = tally.series(names.CALL_SECONDS, labels)
        self._keys = tally.series(names.CALL_KEYS, labels)
        self._shared = tally.series(names.CALL_SHARED, labels)
        self._waits = tally.series(names.SLOT_SECONDS, labels)

    def count(self, code: str, *, took: int, keys: int, waiters: int, wait: int) -> None:
        """Count a call; times in nanoseconds."""
        self._tally.add(names.CALLS, (*self.labels, code or "ok"))
        self._seconds.observe(took / _SECOND)
        self._keys.observe(keys)
        self._shared.observe(waiters)
        if waiters:
            self._waits.observe(wait / _SECOND)


class _Observed:
    def __init__(self, calls: Calls, lane: _Lane, call: Call) -> None:
        self._calls = calls
        self._lane = lane
        self._call = call
        # By the event loop's clock, by which requests line up.
        self._sharing: dict[Exchange, float] = {}
        self._since = 0.0
        self._waiters = 0
        self._trace_id = self._span_id = 0
        self._sampled = False
        self._token: object = None
        self._sent = self._zero = self._wait = 0

    def __enter__(self) -> None:
        now = self._since = asyncio.get_running_loop().time()
        self._sent = time.time_ns()
        self._zero = self._sent - int(now * _SECOND)
        self._ask()
        self._wait = int((now - self._since) * _SECOND)
        if self._calls.spans is not None:
            self._trace_id, self._span_id = new_trace_id(), new_span_id()
            self._sampled = self._is_sampled(self._calls.spans)
            self._token = enter(span_context(self._trace_id, self._span_id, sampled=self._sampled))

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        ended = time.time_ns()
        if self._token is not None:
            leave(self._token)
        if isinstance(error, asyncio.CancelledError):
            return  # the gateway is closing
        self._ask()
        calls, lane = self._calls, self._lane
        code = "" if error is None else _code(error)
        lane.count(
            code, took=ended - self._sent, keys=self._call.keys, waiters=self._waiters, wait=self._wait
        )
        if calls.at_once:
            calls.tally.settle()
        context = None
        if calls.spans is not None and (self._sampled or code or self._is_sampled(calls.spans)):
            context = self._put(calls.spans, error, code, ended)
        for exchange, lined_up in self._sharing.items():
            since = self._zero + int(lined_up * _SECOND)
            exchange.take_part(Share(context, *lane.labels, since, self._sent, ended, code or None))
        if error is not None:
            self._tell(error, code, ended)

    def _ask(self) -> None:
        """Note who waits."""
        origins = self._call.origins()
        self._waiters = max(self._waiters, len(origins))
        sharing = self._sharing
        for origin in origins:
            self._since = min(self._since, origin.since)
            exchange = origin.context.get(CURRENT)
            if exchange is not None and exchange not in sharing:
                sharing[exchange] = origin.since

    def _is_sampled(self, spans: Spans) -> bool:
        if self._sharing:
            return any(exchange.sampled for exchange in self._sharing)
        return spans.samples(self._trace_id)

    def _put(self, spans: Spans, error: BaseException | None, code: str, ended: int) -> SpanContext:
        """Have the call's span made; return what names it."""
        context = span_context(self._trace_id, self._span_id)
        attributes, links = self._attributes(error, code), self._links()
        spans.put(lambda: (self._span(spans, context, ended, attributes, links, code),))
        return context

    def _attributes(self, error: BaseException | None, code: str) -> dict[str, AttributeValue]:
        call = self._call
        attributes: dict[str, AttributeValue] = {
            names.PROVIDER: str(call.provider),
            names.PROVIDER_OPERATION: call.operation,
            names.KEYS: call.keys,
            names.KEYS_REFRESHED: call.refreshes,
            names.REQUESTS_SHARING: self._waiters,
            names.SLOT_WAIT_MS: self._wait // _MS,
        }
        if code:
            attributes[names.ERROR_TYPE] = code
        if isinstance(error, ProviderError):
            if error.provider_code:
                attributes[names.PROVIDER_CODE] = error.provider_code
            if error.request_id:
                attributes[names.PROVIDER_REQUEST_ID] = error.request_id
        return attributes

    def _links(self) -> list[Link]:
        """Link those first whose spans will be found."""
        sharing = sorted(self._sharing, key=lambda exchange: not exchange.sampled)
        return [Link(exchange.context) for exchange in sharing[:MOST_LINKS]]

    def _span(  # noqa: PLR0917
        self,
        spans: Spans,
        context: SpanContext,
        ended: int,
        attributes: dict[str, AttributeValue],
        links: list[Link],
        code: str,
    ) -> ReadableSpan:
        name = f"{self._call.provider} {self._call.operation}"
        return spans.span(name, context, None, self._sent, ended, attributes, links=links, error=code or None)

    def _tell(self, error: BaseException, code: str, ended: int) -> None:
        call = self._call
        suppressed = self._calls.repeats.told((call.provider, call.operation, code))
        if suppressed is None:
            return
        line = {
            "trace_id": f"{self._trace_id:032x}" if self._trace_id else None,
            "provider": str(call.provider),
            "provider_operation": call.operation,
            "code": code,
            "provider_code": error.provider_code if isinstance(error, ProviderError) else None,
            "provider_request_id": error.request_id if isinstance(error, ProviderError) else None,
            "duration_ms": round((ended - self._sent) / _MS, 3),
            "keys": call.keys,
            "requests": self._waiters,
            "suppressed": suppressed or None,
        }
        self._calls.log.warning("provider_call_failed", **{k: v for k, v in line.items() if v is not None})


def _code(error: BaseException) -> str:
    match error:
        case GatewayError():
            return error.code
        case TimeoutError():
            return TimedOut.code
        case _:
            return "INTERNAL"
