"""The one place where an error becomes what a client sees.

Ours are coded and say what they say. Whatever else escapes a resolver is a fault of the gateway: the client
gets a reference, the log gets the rest.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError

from gateway.domain.errors import GatewayError, ProviderError

_log = logging.getLogger(__name__)

MAX_ERRORS = 10
"""Errors in one answer; a list of fifty videos whose provider is down need not say so fifty times."""

MAX_MESSAGE = 200
"""Characters of a message: enough to explain, too few to echo a hostile document back."""


def refusal(message: str, code: str, **extensions: Any) -> dict[str, Any]:
    """Return the error of a request that was never executed."""
    return {"message": message[:MAX_MESSAGE], "extensions": {"code": code, "retryable": False, **extensions}}


def formatted(
    errors: Iterable[GraphQLError], *, most: int = MAX_ERRORS, longest: int = MAX_MESSAGE
) -> list[dict[str, Any]]:
    """Return the errors of an execution in the form of the specification, section 7.1.2.

    Args:
        errors: All of them.
        most: How many are told.
        longest: Characters of a message.
    """
    answer: list[dict[str, Any]] = []
    for error in errors:
        if len(answer) == most:
            break
        entry: dict[str, Any] = {"message": error.message[:longest]}
        if error.locations:
            entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
        if error.path is not None:
            entry["path"] = list(error.path)
        message, entry["extensions"] = _explained(error)
        if message is not None:
            entry["message"] = message[:longest]
        answer.append(entry)
    return answer


def identified(body: dict[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a response whose errors say which request they belong to.

    Args:
        body: The response object; not changed, since refusals are remembered with their documents.
        ids: What the request is known by.
    """
    errors = body.get("errors")
    if not errors:
        return body
    told = [{**error, "extensions": {**error.get("extensions", {}), **ids}} for error in errors]
    return {**body, "errors": told}


def mistake(error: BaseException, *, at: object) -> dict[str, Any]:
    """Log an error that nobody foresaw; return what a client sees of it."""
    reference = secrets.token_hex(4)
    _log.error("unexpected error %s at %s", reference, at, exc_info=error)
    message = f"The gateway made a mistake; its operators find it under {reference}."
    return refusal(message, "INTERNAL", reference=reference)


def _explained(error: GraphQLError) -> tuple[str | None, dict[str, Any]]:
    """Return the message to show in place of the error's own, and the extensions."""
    original = error.original_error
    if isinstance(original, GatewayError):
        return original.message, _extensions(original)
    if original is None and "code" in (error.extensions or {}):
        return None, {"retryable": False, **(error.extensions or {})}
    masked = mistake(original or error, at=error.path)
    return masked["message"], masked["extensions"]


def _extensions(error: GatewayError) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": error.code, "retryable": error.retryable}
    if error.provider is not None:
        extensions["provider"] = error.provider
    if error.source is not None:
        extensions["source"] = error.source
    if error.retry_after is not None:
        extensions["retryAfterMs"] = round(error.retry_after * 1000)
    if isinstance(error, ProviderError):
        extensions["operation"] = error.operation
        if error.request_id is not None:
            extensions["providerRequestId"] = error.request_id
        if error.provider_code is not None:
            extensions["providerCode"] = error.provider_code
    return extensions
