"""Streams of results, from their opening to their end."""

from __future__ import annotations

from typing import Any

from gateway.telemetry.course import End
from gateway.telemetry.exchange import Executed
from gateway.telemetry.exchanges import Exchanges
from gateway.telemetry.metrics import Metrics
from tests.telemetry.conftest import Recorder

WATCH = Executed(type="subscription", name="Progress", trusted=False, compiled=True)
SECONDS = "gateway_request_duration_seconds_count"


def test_a_stream_is_told_at_its_end(metrics: Metrics, log: Recorder) -> None:
    """Once: how many results it had, and who ended it; its latency is that of the first."""
    exchanges = Exchanges(metrics, None, log)
    exchange = exchanges.begin("POST", {})
    exchange.status, exchange.operation = 200, WATCH
    exchange.started -= 3600 * 10**9
    course = exchanges.lasting(exchange)
    exchanges.end(exchange)
    assert log.lines == []
    course.took()
    course.took()
    course.ended(End.COMPLETE)
    course.ended(End.GATEWAY)
    [line] = log.lines
    told = {name: line[name] for name in ("type", "outcome", "status", "results", "ended_by")}
    assert told == {
        "type": "subscription",
        "outcome": "ok",
        "status": 200,
        "results": 2,
        "ended_by": "complete",
    }
    assert line["duration_ms"] >= 3_600_000
    value = metrics.registry.get_sample_value
    assert value("gateway_requests_total", {"operation": "subscription", "outcome": "ok"}) == 1
    assert value(SECONDS, {"operation": "subscription"}) == 1


def test_a_stream_without_results_has_no_latency(metrics: Metrics) -> None:
    """Whoever leaves before the first result has waited for none."""
    exchanges = Exchanges(metrics)
    exchange = exchanges.begin("POST", {})
    exchange.operation = WATCH
    exchanges.lasting(exchange).ended(End.CLIENT)
    value = metrics.registry.get_sample_value
    assert value("gateway_requests_total", {"operation": "subscription", "outcome": "ok"}) == 1
    assert value(SECONDS, {"operation": "subscription"}) is None


def test_a_stream_that_is_one_too_many_is_a_refusal(metrics: Metrics, log: Recorder) -> None:
    """With its code; what it would have been is nobody's label."""
    exchanges = Exchanges(metrics, None, log)
    exchange = exchanges.begin("POST", {b"x-request-id": "r-1"})
    exchange.status, exchange.operation = 200, WATCH
    body: dict[str, Any] = {"errors": [{"message": "m", "extensions": {"code": "LIMIT_EXCEEDED"}}]}
    course = exchanges.lasting(exchange)
    assert course.refused(body) == {"requestId": "r-1"}
    assert course.refused(body) == {}
    course.ended(End.CLIENT)
    [line] = log.lines
    assert (line["outcome"], line["code"]) == ("LIMIT_EXCEEDED", "LIMIT_EXCEEDED")
    assert "results" not in line
    value = metrics.registry.get_sample_value
    assert value("gateway_requests_total", {"operation": "none", "outcome": "LIMIT_EXCEEDED"}) == 1
