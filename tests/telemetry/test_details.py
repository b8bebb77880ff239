"""What spans say, where it is not plain from a whole request's (see `test_story`)."""

from __future__ import annotations

from gateway.telemetry.details import failure, of_operation, of_request
from gateway.telemetry.exchange import Exchange, Executed


def test_what_differs_comes_last() -> None:
    """That is what forms have blanks for."""
    exchange = Exchange("id", "POST", None, None)
    exchange.principal, exchange.code, exchange.cost, exchange.age = "frontend", "INTERNAL", 3, 7
    operation = Executed(type="query", name="Videos", trusted=True, compiled=True)
    assert list(of_request(exchange))[-1] == "gateway.request.id"
    assert list(of_operation(exchange, operation))[-1] == "gateway.record.age_ms"


def test_an_answer_with_data_is_no_failure() -> None:
    """Its first error is told all the same."""
    exchange = Exchange("id", "POST", None, None)
    assert failure(exchange) is None
    exchange.code, exchange.outcome = "NOT_FOUND", "partial"
    assert failure(exchange) is None
    assert of_request(exchange)["error.type"] == "NOT_FOUND"
    exchange.outcome = "failed"
    assert failure(exchange) == "NOT_FOUND"
