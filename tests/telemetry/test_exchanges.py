"""Requests, from begin to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource

from gateway.telemetry.exchange import CURRENT, Executed
from gateway.telemetry.exchanges import Exchanges
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.outbox import Making, Outbox
from gateway.telemetry.spans import Spans
from tests.telemetry.conftest import Recorder

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OK: dict[str, Any] = {"data": {}, "extensions": {"freshness": {"oldestMs": 7}, "cost": {"actual": 3}}}


class Kept(Outbox):
    """An outbox that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__([])
        self.made: list[Making] = []

    def put(self, making: Making) -> None:
        """Keep it."""
        self.made.append(making)


@pytest.fixture
def outbox() -> Iterator[Kept]:
    """An outbox that keeps what it is given."""
    outbox = Kept()
    yield outbox
    outbox.close()


def _spans(outbox: Outbox, ratio: float) -> Spans:
    return Spans(outbox, Resource.get_empty(), ratio)


def test_a_request_is_counted_and_logged(metrics: Metrics, log: Recorder) -> None:
    """One line with what an operator asks for; a name that a client could make up is no label."""
    exchanges = Exchanges(metrics, None, log)
    exchange = exchanges.begin("POST", {b"x-request-id": "r-1"})
    assert CURRENT.get() is exchange
    exchange.principal, exchange.name = "frontend", "Videos"
    exchange.execute()
    exchange.operation = Executed(type="query", name="Videos", trusted=False, compiled=True)
    exchange.answered(200, OK)
    exchanges.end(exchange)
    [line] = log.lines
    assert line.pop("duration_ms") >= 0
    assert abs(datetime.fromisoformat(line.pop("timestamp")) - datetime.now(UTC)) < timedelta(minutes=1)
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "r-1",
        "operation": "Videos",
        "type": "query",
        "outcome": "ok",
        "status": 200,
        "principal": "frontend",
        "age_ms": 7,
        "cost": 3,
        "calls": 0,
    }
    value = metrics.registry.get_sample_value
    assert value("gateway_requests_total", {"operation": "query", "outcome": "ok"}) == 1
    assert value("gateway_request_duration_seconds_count", {"operation": "query"}) == 1
    assert value("gateway_record_age_seconds_sum") == 0.007


def test_a_trusted_operation_is_a_label(metrics: Metrics) -> None:
    """There are as many as the manifest has."""
    exchanges = Exchanges(metrics)
    exchange = exchanges.begin("POST", {})
    exchange.operation = Executed(type="query", name="Videos", trusted=True, compiled=True)
    exchange.answered(200, OK)
    exchanges.end(exchange)
    value = metrics.registry.get_sample_value
    assert value("gateway_requests_total", {"operation": "Videos", "outcome": "ok"}) == 1


def test_a_request_without_an_answer_is_not_told(metrics: Metrics, log: Recorder) -> None:
    """A page for a browser, for one."""
    exchanges = Exchanges(metrics, None, log)
    exchanges.end(exchanges.begin("GET", {}))
    assert log.lines == []


def test_traces_are_kept_by_ratio_and_by_the_callers_word(outbox: Kept) -> None:
    """The caller's decision wins over the ratio, both ways."""
    for ratio, caller, kept in (
        (0.0, None, 0),
        (1.0, None, 1),
        (0.0, CALLER, 1),
        (1.0, CALLER[:-1] + "0", 0),
    ):
        outbox.made.clear()
        exchanges = Exchanges(None, _spans(outbox, ratio), None)
        exchange = exchanges.begin("POST", {b"traceparent": caller} if caller else {})
        exchange.answered(200, OK)
        exchanges.end(exchange)
        assert len(outbox.made) == kept


def test_errors_are_kept_in_any_case(outbox: Kept) -> None:
    """Whatever the ratio, and whatever the caller decided."""
    exchanges = Exchanges(None, _spans(outbox, 0.0), None)
    exchange = exchanges.begin("POST", {b"traceparent": CALLER[:-1] + "0"})
    exchange.answered(429, {"errors": [{"message": "m", "extensions": {"code": "RATE_LIMITED"}}]})
    exchanges.end(exchange)
    [making] = outbox.made
    assert [span.name for span in making()] == ["POST /graphql"]


def test_ids_are_told_to_clients_and_lines(outbox: Kept) -> None:
    """The trace's too where there is one, be it only the caller's."""
    exchange = Exchanges().begin("POST", {b"x-request-id": "r-1"})
    assert exchange.error_ids() == {"requestId": "r-1"}
    exchange = Exchanges().begin("POST", {b"x-request-id": "r-1", b"traceparent": CALLER})
    assert exchange.error_ids() == {"requestId": "r-1", "traceId": CALLER[3:35]}
    exchange = Exchanges(None, _spans(outbox, 0.0)).begin("POST", {})
    assert re.fullmatch("[0-9a-f]{32}", exchange.line_ids()["trace_id"])


def test_requests_shed_are_counted_and_told_a_few_times(metrics: Metrics, log: Recorder) -> None:
    """Under overload a line for each would be the last straw."""
    exchanges = Exchanges(metrics, None, log)
    for _ in range(100):
        exchanges.shed("r", "OVERLOADED", 503)
    value = metrics.registry.get_sample_value
    assert value("gateway_requests_total", {"operation": "none", "outcome": "OVERLOADED"}) == 100
    assert len(log.lines) == 10


@pytest.mark.parametrize(
    ("given", "known_as"),
    [
        ("1", "c-1:1"),
        ("0a9f-E.2_b", "c-1:0a9f-E.2_b"),
        ("a b", None),
        ('"\n', None),
        ("é" * 50, None),
        ("a" * 41, None),
        ("\ud800", None),
    ],
)
def test_an_operation_on_a_socket_is_known_by_both_ids(given: str, known_as: str | None) -> None:
    """That of its connection and its own, which the client makes up: what may be odd is a digest."""
    exchanges = Exchanges()
    connection = exchanges.connect({b"x-request-id": "c-1"})
    exchange = exchanges.operation(connection, given)
    assert CURRENT.get() is exchange
    again = exchanges.operation(connection, given).request_id
    assert exchange.request_id == again
    if known_as is None:
        assert re.fullmatch("c-1:[0-9a-f]{16}", again)
    else:
        assert again == known_as


def test_an_operation_has_a_trace_of_its_own(outbox: Kept) -> None:
    """Linked to the one its socket was opened in, whose decision holds for it."""
    for ratio, caller, kept in ((0.0, CALLER, 1), (1.0, CALLER[:-1] + "0", 0), (1.0, None, 1)):
        outbox.made.clear()
        exchanges = Exchanges(None, _spans(outbox, ratio))
        connection = exchanges.connect({b"traceparent": caller} if caller else {})
        exchange = exchanges.operation(connection, "1")
        assert f"{exchange.trace_id:032x}" != CALLER[3:35]
        exchange.answered(0, OK)
        exchanges.end(exchange)
        assert len(outbox.made) == kept


def test_an_operation_that_nobody_waits_for_is_cancelled(metrics: Metrics, log: Recorder) -> None:
    """It is told, without a latency."""
    exchanges = Exchanges(metrics, None, log)
    exchange = exchanges.operation(exchanges.connect({}), "1")
    exchange.cancelled()
    exchanges.end(exchange)
    [line] = log.lines
    assert line["outcome"] == "cancelled"
    assert "status" not in line
    value = metrics.registry.get_sample_value
    assert value("gateway_requests_total", {"operation": "none", "outcome": "cancelled"}) == 1
    assert value("gateway_request_duration_seconds_count", {"operation": "none"}) is None
