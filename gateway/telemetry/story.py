"""A request's spans, made when it is over."""

from __future__ import annotations

from collections.abc import Iterator

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind
from opentelemetry.util.types import AttributeValue

from gateway.telemetry import names
from gateway.telemetry.course import Course
from gateway.telemetry.details import failure, of_operation, of_request, operation_name, request_name
from gateway.telemetry.exchange import Exchange, Share
from gateway.telemetry.spans import Spans, new_span_id, span_context


def told(spans: Spans, exchange: Exchange, now: int, course: Course | None = None) -> list[ReadableSpan]:
    """Return the spans of a request that ended at some nanosecond.

    Args:
        spans: Makes them.
        exchange: The request, or the operation on a WebSocket: that is one span with the attributes of both.
        now: When it ended.
        course: How its results came, if they were a stream.
    """
    own = span_context(exchange.trace_id, exchange.span_id)
    parent = exchange.parent
    caller = None
    if parent is not None:
        caller = span_context(parent.trace_id, parent.span_id, sampled=parent.sampled, remote=True)
    operation = exchange.operation if exchange.executing else None
    attributes = of_request(exchange)
    if course is not None and operation is not None:
        attributes |= {names.RESULTS: course.results, names.ENDED_BY: course.end.value}
    if exchange.method:
        request = request_name(exchange)
        links = []
    else:
        request = names.UNKNOWN_OPERATION if operation is None else operation_name(operation)
        links = [Link(caller)] if caller else []
        attributes |= {} if operation is None else of_operation(exchange, operation)
        caller = None
    story = [
        spans.span(
            request,
            own,
            caller,
            exchange.started,
            now,
            attributes,
            kind=SpanKind.SERVER,
            links=links,
            error=failure(exchange),
        )
    ]
    if operation is not None:
        executed = own
        if exchange.method:
            executed = span_context(exchange.trace_id, new_span_id())
            details = of_operation(exchange, operation)
            story.append(
                spans.span(operation_name(operation), executed, own, exchange.executing, now, details)
            )
        story += _shares(spans, exchange, executed)
    return story


def _shares(spans: Spans, exchange: Exchange, operation: SpanContext) -> Iterator[ReadableSpan]:
    # A call that failed and was made again: its second wait began where the first call ended.
    failed: dict[str, int] = {}
    for share in sorted(exchange.shares, key=lambda share: share.sent):
        since = max(share.since, failed.get(share.operation, 0))
        yield from _waits(spans, share, since, operation)
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
