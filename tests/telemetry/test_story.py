"""A request's spans."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from gateway.telemetry.course import End
from gateway.telemetry.exchange import Exchange, Executed, Share
from gateway.telemetry.exchanges import Exchanges
from gateway.telemetry.outbox import Outbox
from gateway.telemetry.spans import Parent, Spans, span_context
from gateway.telemetry.story import told

QUERY = Executed(type="query", name="Videos", trusted=False, compiled=True)


@pytest.fixture
def spans() -> Iterator[Spans]:
    """A writer whose spans go nowhere."""
    spans = Spans(Outbox([]), Resource.get_empty(), 1.0)
    yield spans
    spans.close()


def _exchange(spans: Spans, operation: Executed | None = QUERY, parent: Parent | None = None) -> Exchange:
    exchange = Exchange("id", "POST", parent, spans)
    exchange.started, exchange.executing = 100, 200
    exchange.operation = operation
    exchange.principal = "frontend"
    exchange.answered(200, {"data": {}, "extensions": {"freshness": {"oldestMs": 7}, "cost": {"actual": 3}}})
    return exchange


def _attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def _share(**more: object) -> Share:
    usual: dict[str, object] = {
        "context": span_context(8, 9),
        "provider": "VOD",
        "operation": "GetTranscodeSummary",
        "since": 210,
        "sent": 300,
        "ended": 400,
        "error": None,
    }
    return Share(**usual | more)  # type: ignore[arg-type]


def test_a_request_and_its_operation(spans: Spans) -> None:
    """A server span in the caller's trace, and the operation in it, with what an operator asks for."""
    exchange = _exchange(spans, parent=Parent(5, 6, sampled=True))
    exchange.found(10, 0)
    request, operation = told(spans, exchange, 500)
    assert (request.name, request.kind) == ("POST /graphql", SpanKind.SERVER)
    assert request.context.trace_id == operation.context.trace_id == 5
    assert request.parent is not None
    assert (request.parent.span_id, request.parent.is_remote) == (6, True)
    assert (request.start_time, request.end_time, operation.start_time) == (100, 500, 200)
    assert operation.parent == request.context
    assert _attributes(request) == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
        "gateway.request.id": "id",
        "gateway.outcome": "ok",
        "enduser.id": "frontend",
    }
    assert _attributes(operation) == {
        "graphql.operation.type": "query",
        "gateway.execution": "compiled",
        "gateway.cache.outcome": "hit",
        "gateway.record.age_ms": 7,
        "gateway.cost": 3,
    }


def test_only_a_trusted_operation_names_a_span(spans: Spans) -> None:
    """A client could make up any number of names."""
    assert told(spans, _exchange(spans), 500)[1].name == "query"
    trusted = Executed(type="query", name="Videos", trusted=True, compiled=False)
    operation = told(spans, _exchange(spans, trusted), 500)[1]
    assert operation.name == "query Videos"
    assert _attributes(operation)["graphql.operation.name"] == "Videos"
    assert _attributes(operation)["gateway.execution"] == "interpreted"


def test_waits_are_apart_from_the_providers_time(spans: Spans) -> None:
    """The wait for a slot ends where the call begins, and the rest is linked to the call."""
    exchange = _exchange(spans)
    exchange.take_part(_share())
    _, operation, slot, answer = told(spans, exchange, 500)
    assert (slot.name, slot.start_time, slot.end_time) == ("wait for slot", 210, 300)
    assert (answer.name, answer.start_time, answer.end_time) == ("wait for answer", 300, 400)
    assert slot.parent == answer.parent == operation.context
    assert [link.context.trace_id for link in answer.links] == [8]
    assert _attributes(operation)["gateway.cache.outcome"] == "miss"
    assert _attributes(operation)["gateway.calls"] == 1


def test_whoever_joins_a_call_waits_for_no_slot(spans: Spans) -> None:
    """The wait for the answer begins where it joined."""
    exchange = _exchange(spans)
    exchange.take_part(_share(since=350))
    _, _, answer = told(spans, exchange, 500)
    assert (answer.name, answer.start_time) == ("wait for answer", 350)


def test_a_second_try_waits_from_the_end_of_the_first(spans: Spans) -> None:
    """So that no two waits of one key overlap."""
    exchange = _exchange(spans)
    exchange.take_part(_share(error="UPSTREAM_UNAVAILABLE"))
    exchange.take_part(_share(sent=450, ended=480))
    slots = [span for span in told(spans, exchange, 500) if span.name == "wait for slot"]
    assert [(slot.start_time, slot.end_time) for slot in slots] == [(210, 300), (400, 450)]


def test_many_calls_are_counted_and_some_of_them_shown(spans: Spans) -> None:
    """A span for each of a thousand would help nobody."""
    exchange = _exchange(spans)
    for _ in range(100):
        exchange.take_part(_share())
    story = told(spans, exchange, 500)
    assert sum(span.name == "wait for answer" for span in story) == 32
    assert _attributes(story[1])["gateway.calls"] == 100


def test_a_stale_hit_is_told_as_one(spans: Spans) -> None:
    """Answered at once, and refreshed meanwhile."""
    exchange = _exchange(spans)
    exchange.found(10, 1)
    assert _attributes(told(spans, exchange, 500)[1])["gateway.cache.outcome"] == "stale"


def test_a_refused_request_is_one_span(spans: Spans) -> None:
    """With the code, as an error; a partial answer is none."""
    exchange = _exchange(spans, None)
    errors = [{"message": "m", "extensions": {"code": "RATE_LIMITED"}}]
    exchange.answered(429, {"errors": errors})
    (request,) = told(spans, exchange, 500)
    assert _attributes(request)["error.type"] == "RATE_LIMITED"
    assert request.status.description == "RATE_LIMITED"
    exchange = _exchange(spans)
    exchange.answered(200, {"data": {"a": 1}, "errors": errors})
    assert told(spans, exchange, 500)[0].status.is_unset


def test_an_operation_on_a_socket_is_one_span(spans: Spans) -> None:
    """A root with the attributes of both, linked to whoever opened the socket; the waits are in it."""
    exchanges = Exchanges(None, spans)
    connection = exchanges.connect({b"traceparent": f"00-{5:032x}-{6:016x}-01", b"x-request-id": "c"})
    exchange = exchanges.operation(connection, "1")
    exchange.execute()
    exchange.operation = Executed(type="subscription", name="Progress", trusted=True, compiled=True)
    course = exchanges.lasting(exchange)
    course.took()
    exchange.take_part(_share())
    course.ended(End.COMPLETE)
    root, slot, answer = told(spans, exchange, exchange.started + 9, course)
    assert (root.name, root.kind, root.parent) == ("subscription Progress", SpanKind.SERVER, None)
    assert [(link.context.trace_id, link.context.span_id) for link in root.links] == [(5, 6)]
    assert root.context.trace_id == exchange.trace_id != 5
    assert slot.parent == answer.parent == root.context
    assert _attributes(root) == {
        "gateway.request.id": "c:1",
        "gateway.outcome": "ok",
        "gateway.results": 1,
        "gateway.ended_by": "complete",
        "graphql.operation.type": "subscription",
        "graphql.operation.name": "Progress",
        "gateway.execution": "compiled",
        "gateway.cache.outcome": "miss",
        "gateway.calls": 1,
    }


def test_an_operation_that_was_refused_has_no_name(spans: Spans) -> None:
    """There is nothing to name it by; what was wrong is an attribute."""
    exchanges = Exchanges(None, spans)
    exchange = exchanges.operation(exchanges.connect({}), "1")
    exchange.answered(0, {"errors": [{"message": "m", "extensions": {"code": "GRAPHQL_PARSE_FAILED"}}]})
    [root] = told(spans, exchange, exchange.started + 9)
    assert (root.name, len(root.links)) == ("operation", 0)
    assert _attributes(root)["error.type"] == "GRAPHQL_PARSE_FAILED"
