"""A request's spans, made when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind
from opentelemetry.util.types import AttributeValue

from gateway.telemetry import names
from gateway.telemetry.spans import Spans, new_span_id, span_context

_ROUTE = "/graphql"

if TYPE_CHECKING:
    from gateway.telemetry.exchange import Exchange, Share


def told(spans: Spans, exchange: Exchange, now: int) -> list[ReadableSpan]:
    """Return the spans of a request that ended at some nanosecond."""
    own = span_context(exchange.trace_id, exchange.span_id)
    parent = exchange.parent
    caller = None
    if parent is not None:
        caller = span_context(parent.trace_id, parent.span_id, sampled=parent.sampled, remote=True)
    attributes: dict[str, AttributeValue] = {
        names.METHOD: exchange.method,
        names.ROUTE: _ROUTE,
        names.STATUS_CODE: exchange.status,
        names.REQUEST_ID: exchange.request_id,
        names.OUTCOME: exchange.outcome,
    }
    if exchange.principal:
        attributes[names.USER] = exchange.principal
    if exchange.code:
        attributes |= {names.ERROR_TYPE: exchange.code, names.ERRORS: exchange.errors}
    story = [
        spans.span(
            f"{exchange.method} {_ROUTE}",
            own,
            caller,
            exchange.started,
            now,
            attributes,
            kind=SpanKind.SERVER,
            error=exchange.code if exchange.code and exchange.outcome != "partial" else None,
        )
    ]
    if exchange.operation is not None and exchange.executing:
        story += _operation(spans, exchange, now, own)
    return story


def _operation(spans: Spans, exchange: Exchange, now: int, own: SpanContext) -> Iterator[ReadableSpan]:
    operation = exchange.operation
    if operation is None:
        return
    context = span_context(exchange.trace_id, new_span_id())
    attributes: dict[str, AttributeValue] = {
        names.OPERATION_TYPE: operation.type,
        names.EXECUTION: "compiled" if operation.compiled else "interpreted",
    }
    if operation.trusted and operation.name:
        attributes[names.OPERATION_NAME] = operation.name
    if exchange.calls:
        attributes |= {names.CACHE: "miss", names.CALLS_SHARED: exchange.calls}
    elif exchange.hits:
        attributes[names.CACHE] = "stale" if exchange.stale else "hit"
    if exchange.age is not None:
        attributes[names.RECORD_AGE_MS] = exchange.age
    if exchange.cost is not None:
        attributes[names.COST] = exchange.cost
    name = f"{operation.type} {operation.name}" if operation.trusted and operation.name else operation.type
    yield spans.span(name, context, own, exchange.executing, now, attributes)
    # A call that failed and was made again: its second wait began where the first call ended.
    failed: dict[str, int] = {}
    for share in sorted(exchange.shares, key=lambda share: share.sent):
        since = max(share.since, failed.get(share.operation, 0))
        yield from _waits(spans, share, since, context)
        if share.error:
            failed[share.operation] = share.ended


def _waits(spans: Spans, share: Share, since: int, operation: SpanContext) -> Iterator[ReadableSpan]:
    """Yield the wait for quota apart from the provider's time."""
    attributes: dict[str, AttributeValue] = {
        names.PROVIDER: share.provider,
        names.PROVIDER_OPERATION: share.operation,
    }

    def context() -> SpanContext:
        return span_context(operation.trace_id, new_span_id())

    if since < share.sent:
        yield spans.span(names.SLOT_SPAN, context(), operation, since, share.sent, attributes)
    joined = max(since, share.sent)
    links = (Link(share.context),) if share.context else ()
    yield spans.span(
        names.ANSWER_SPAN,
        context(),
        operation,
        joined,
        share.ended,
        attributes,
        links=links,
        error=share.error,
    )
