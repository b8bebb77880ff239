"""What the spans of requests and operations are called and say, whichever way they are written.

What differs from each to the next comes last.
"""

from __future__ import annotations

from opentelemetry.util.types import AttributeValue

from gateway.telemetry import names
from gateway.telemetry.exchange import Exchange, Executed

Details = dict[str, AttributeValue]

_ROUTE = "/graphql"


def request_name(exchange: Exchange) -> str:
    """Return what a request of HTTP's is called."""
    return f"{exchange.method} {_ROUTE}"


def of_request(exchange: Exchange) -> Details:
    """Return what a request says; its id is the last."""
    details: Details = {}
    if exchange.method:
        details |= {
            names.METHOD: exchange.method,
            names.ROUTE: _ROUTE,
            names.STATUS_CODE: exchange.status,
        }
    details[names.OUTCOME] = exchange.outcome
    if exchange.principal:
        details[names.USER] = exchange.principal
    if exchange.code:
        details |= {names.ERROR_TYPE: exchange.code, names.ERRORS: exchange.errors}
    details[names.REQUEST_ID] = exchange.request_id
    return details


def failure(exchange: Exchange) -> str | None:
    """Return what went wrong with a request; None if nothing did, or not everything."""
    return exchange.code if exchange.code and exchange.outcome != "partial" else None


def operation_name(operation: Executed) -> str:
    """Return what an operation is called: nothing a client can make up."""
    return f"{operation.type} {operation.name}" if operation.trusted and operation.name else operation.type


def of_operation(exchange: Exchange, operation: Executed) -> Details:
    """Return what an operation says; the age of what it was answered with, if that is known, is the last."""
    details: Details = {
        names.OPERATION_TYPE: operation.type,
        names.EXECUTION: "compiled" if operation.compiled else "interpreted",
    }
    if operation.trusted and operation.name:
        details[names.OPERATION_NAME] = operation.name
    if exchange.calls:
        details |= {names.CACHE: "miss", names.CALLS_SHARED: exchange.calls}
    elif exchange.hits:
        details[names.CACHE] = "stale" if exchange.stale else "hit"
    if exchange.cost is not None:
        details[names.COST] = exchange.cost
    if exchange.age is not None:
        details[names.RECORD_AGE_MS] = exchange.age
    return details
