"""Executes an operation: the graph's front door, knowing nothing of HTTP."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from graphql import OperationType
from msgspec import Struct

from gateway.access.points import Purse
from gateway.access.principal import INSIDE, Principal
from gateway.execution import Result
from gateway.graph.admission import Admission, Denied
from gateway.graph.context import Context
from gateway.graph.cost import estimate
from gateway.graph.documents import Document, DocumentStore
from gateway.graph.errors import formatted, refusal
from gateway.graph.limits import DEFAULTS, Limits
from gateway.graph.schema import schema
from gateway.graph.trusted import TrustedDocuments, Unknown
from gateway.listing.cursor import Cursors
from gateway.loaders import Ages, Loaders, Upstream


class Request(Struct, frozen=True, kw_only=True):
    """One operation to execute, as GraphQL over HTTP names its parts."""

    query: str = ""
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    document_id: str | None = None
    query_hash: str | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """What came of it.

    Attributes:
        body: The response object of the specification, section 7.1.
        executed: False where the operation was refused before any of it ran.
        status: HTTP's word for a refusal; None where the media type decides.
        retry_after: Seconds after which trying again makes sense.
    """

    body: dict[str, Any]
    executed: bool
    status: int | None = None
    retry_after: float | None = None


class Engine:
    """Parses, validates and executes.

    Args:
        upstream: Where records come from.
        request_timeout: Seconds an operation may take in all.
        now: The time of day, for the ages of records.
        limits: What a request may amount to.
        suggestions: Whether errors name what else there is.
        purse: Everybody's points; None where nobody counts.
        trusted: Documents by id.
        cursors: Seals and opens the cursors of lists.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        request_timeout: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        limits: Limits = DEFAULTS,
        suggestions: bool = True,
        purse: Purse | None = None,
        trusted: TrustedDocuments | None = None,
        cursors: Cursors = Cursors(),  # noqa: B008  never changes
    ) -> None:
        self._upstream = upstream
        self._request_timeout = request_timeout
        self._now = now
        self._schema = schema._schema  # noqa: SLF001 - the GraphQLSchema beneath has no public name
        self._limits = limits
        self._documents = DocumentStore(self._schema, limits=limits, suggestions=suggestions)
        self._admission = Admission(limits, self._calls, purse)
        self._cursors = cursors
        self._trusted = trusted or TrustedDocuments()

    def operation_type(self, request: Request) -> OperationType | None:
        """Return whether a request queries or does more; None where it is not for us to say."""
        return self._type(self._documents.get(request.query), request)

    @staticmethod
    def _type(document: Document, request: Request) -> OperationType | None:
        if request.operation_name is None and len(document.operations) == 1:
            return next(iter(document.operations.values()))
        return document.operations.get(request.operation_name)

    async def execute(
        self, request: Request, principal: Principal = INSIDE, *, queries_only: bool = False
    ) -> Answer:
        """Return the answer to a request; raises nothing.

        Args:
            request: What is asked.
            principal: Who asks.
            queries_only: Whether an operation that does more than read is refused.
        """
        try:
            text = self._trusted.text(request.query, request.document_id, request.query_hash)
            if not self._documents.known(text):
                await self._admission.to_read(principal)
            document = self._documents.get(text)
            if queries_only and self._type(document, request) not in {OperationType.QUERY, None}:
                return _refused([refusal("GET is for queries; use POST.", "BAD_REQUEST")], status=405)
            refusals = list(document.refusals) or _unresolved(document, request)
            if refusals:
                return _refused(refusals)
            ticket = await self._admission.to_execute(
                document, request.operation_name, request.variables or {}, principal
            )
        except Unknown as unknown:
            return _refused([unknown.refusal])
        except Denied as denied:
            return _refused([denied.refusal], status=denied.status, retry_after=denied.retry_after)
        self._trusted.remember(request.query, request.query_hash)
        deadline = asyncio.get_running_loop().time() + self._request_timeout
        loaders = Loaders(self._upstream, deadline=deadline, principal=principal)
        context = Context(
            loaders=loaders,
            request_id=secrets.token_hex(8),
            principal=principal,
            cursors=self._cursors,
            now=self._now,
        )
        started = self._now()
        plan = self._documents.plan(document, request.operation_name)
        result = await plan.execute(context, request.variables)
        if not result.executed:
            refusals = [refusal(error.message, "BAD_USER_INPUT") for error in result.errors]
            await self._admission.settle(ticket, 0)
            return _refused(refusals[: self._limits.errors])
        body = self._body(result, loaders.ages)
        cost = await self._admission.settle(ticket, loaders.spent.calls(started))
        body.setdefault("extensions", {})["cost"] = cost
        return Answer(body=body, executed=True)

    def _calls(self, document: Document, operation: str | None, variables: Mapping[str, Any]) -> int:
        return 0 if document.ast is None else estimate(self._schema, document.ast, operation, variables)

    def _body(self, result: Result, ages: Ages) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = formatted(result.errors, most=self._limits.errors, longest=self._limits.message)
        body["data"] = result.data
        if ages.oldest is not None:
            age = (self._now() - ages.oldest).total_seconds()
            body["extensions"] = {"freshness": {"oldestMs": max(0, round(age * 1000))}}
        return body


def _refused(refusals: list[dict[str, Any]], **how: Any) -> Answer:
    return Answer(body={"errors": refusals}, executed=False, **how)


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
