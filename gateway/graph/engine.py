"""Executes an operation: the graph's front door, knowing nothing of HTTP."""

from __future__ import annotations

import asyncio
import inspect
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from graphql import ExecutionResult, OperationType, execute
from msgspec import Struct

from gateway.graph.context import Context
from gateway.graph.documents import Document, DocumentStore
from gateway.graph.errors import MAX_ERRORS, formatted, refusal
from gateway.graph.schema import schema
from gateway.loaders import Ages, Loaders, Upstream


class Request(Struct, frozen=True, kw_only=True):
    """One operation to execute, as GraphQL over HTTP names its parts."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """What came of it.

    Attributes:
        body: The response object of the specification, section 7.1.
        executed: False where the operation was refused before any of it ran.
    """

    body: dict[str, Any]
    executed: bool


class Engine:
    """Parses, validates and executes.

    Args:
        upstream: Where records come from.
        request_timeout: Seconds an operation may take in all.
        now: The time of day, for the ages of records.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        request_timeout: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._upstream = upstream
        self._request_timeout = request_timeout
        self._now = now
        self._schema = schema._schema  # noqa: SLF001 - the GraphQLSchema beneath has no public name
        self._documents = DocumentStore(self._schema)

    def operation_type(self, request: Request) -> OperationType | None:
        """Return whether a request queries or does more; None where it is not for us to say."""
        document = self._documents.get(request.query)
        if request.operation_name is None and len(document.operations) == 1:
            return next(iter(document.operations.values()))
        return document.operations.get(request.operation_name)

    async def execute(self, request: Request) -> Answer:
        """Return the answer to a request; raises nothing."""
        document = self._documents.get(request.query)
        refusals = list(document.refusals) or _unresolved(document, request)
        if refusals:
            return Answer(body={"errors": refusals}, executed=False)
        deadline = asyncio.get_running_loop().time() + self._request_timeout
        loaders = Loaders(self._upstream, deadline=deadline)
        context = Context(loaders=loaders, request_id=secrets.token_hex(8))
        result = execute(
            self._schema,
            document.ast,  # type: ignore[arg-type]  # a document without refusals was parsed
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation_name,
            max_coercion_errors=MAX_ERRORS,
        )
        if inspect.isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)  # noqa: S101 - incremental delivery is not enabled
        if result.errors and result.data is None and not any(error.path for error in result.errors):
            # Only errors of the variables have no path: nothing was executed.
            refusals = [refusal(error.message, "BAD_USER_INPUT") for error in result.errors]
            return Answer(body={"errors": refusals}, executed=False)
        return Answer(body=self._body(result, loaders.ages), executed=True)

    def _body(self, result: ExecutionResult, ages: Ages) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = formatted(result.errors)
        body["data"] = result.data
        if ages.oldest is not None:
            age = (self._now() - ages.oldest).total_seconds()
            body["extensions"] = {"freshness": {"oldestMs": max(0, round(age * 1000))}}
        return body


def _unresolved(document: Document, request: Request) -> list[dict[str, Any]]:
    """Return why no one operation of a valid document is meant; empty where one is."""
    if request.operation_name is None:
        if len(document.operations) == 1:
            return []
        message = "The document does not hold exactly one operation; operationName must say which."
    elif request.operation_name in document.operations:
        return []
    else:
        message = "The document holds no operation of that operationName."
    return [refusal(message, "OPERATION_RESOLUTION_FAILURE")]
