"""Answers in parts, so that a slow provider does not hold back what a quick one has told.

The payloads are those of incremental delivery as clients know it under ``incrementalSpec=v0.2``: a first part
with what is there and what is ``pending``, further ones with ``incremental`` and ``completed``, the last with
``hasNext: false``. `extensions` come with the last: only then is it known what the answer took.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

import msgspec
from graphql import GraphQLError
from graphql.execution import ExperimentalIncrementalExecutionResults

from gateway.graph.errors import mistake

Errors = Callable[[Sequence[GraphQLError]], list[dict[str, Any]]]
"""Returns errors as clients see them."""

_encode = msgspec.json.Encoder().encode


async def parts(
    results: ExperimentalIncrementalExecutionResults,
    errors: Errors,
    extensions: Callable[[], Awaitable[dict[str, Any]]],
) -> AsyncGenerator[bytes]:
    """Yield encoded payloads, the last one whatever happens.

    Args:
        results: From the executor.
        errors: Formats errors.
        extensions: Awaited when all is told, or nobody listens any more.
    """
    settled = False
    try:
        async with aclosing(results.subsequent_results) as following:
            yield _encode(_told(results.initial_result, errors))
            async for result in following:
                payload = _told(result, errors)
                if not payload["hasNext"]:
                    settled = True
                    payload["extensions"] = await extensions()
                yield _encode(payload)
    except Exception as error:  # noqa: BLE001 - whatever it is, a client is told no more than that
        yield _encode({"errors": [mistake(error, at="a part of an answer")], "hasNext": False})
    finally:
        if not settled:
            await extensions()


def _told(result: Any, errors: Errors) -> dict[str, Any]:
    """Return a payload whose errors are as clients see them."""
    payload: dict[str, Any] = dict(result.formatted)
    _explain(payload, result, errors)
    for name in ("incremental", "completed"):
        if name in payload:
            payload[name] = [dict(one) for one in payload[name]]
            for one, original in zip(payload[name], getattr(result, name), strict=True):
                _explain(one, original, errors)
    return payload


def _explain(payload: dict[str, Any], result: Any, errors: Errors) -> None:
    if payload.get("errors"):
        payload["errors"] = errors(result.errors)
