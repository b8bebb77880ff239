"""Executes an operation: the graph's front door, knowing nothing of HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import strawberry
from graphql import GraphQLError, OperationType
from msgspec import Struct

from gateway.access.points import Purse
from gateway.access.principal import INSIDE, Principal
from gateway.domain.errors import Forbidden, GatewayError
from gateway.domain.provider import Verb
from gateway.execution import NotCompilable, Plan, Result
from gateway.graph.admission import Admission, Denied, Ticket
from gateway.graph.arguments import MAX_IDS
from gateway.graph.channels import Stream
from gateway.graph.context import Context
from gateway.graph.documents import Document, DocumentStore, only
from gateway.graph.errors import formatted, refusal
from gateway.graph.limits import DEFAULTS, Limits
from gateway.graph.parts import parts
from gateway.graph.prices import KEYS_PER_CALL
from gateway.graph.requests import Answer, Request, refused, unresolved
from gateway.graph.reuse import Answers, Kept, Key
from gateway.graph.schema import schema
from gateway.graph.streams import Streams, Wanted
from gateway.graph.trusted import TrustedDocuments, Unknown
from gateway.listing.cursor import Cursors
from gateway.live.watches import Watches
from gateway.loaders import Loaders
from gateway.lookups import Reads, Upstream
from gateway.telemetry.exchange import CURRENT, Executed


class Subscriptions(Struct, frozen=True, kw_only=True):
    """What can be watched.

    Attributes:
        watches: What is watched.
        ids: How many ids a subscription may have.
    """

    watches: Watches
    ids: int = MAX_IDS


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
        graph: What can be asked.
        subscriptions: Which of it can be watched; None for nothing.
        reuse: Bytes that answers and parts of answers may take to be given again; 0 for none.
        incremental: Whether documents may use `@defer` and `@stream`.
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
        graph: strawberry.Schema = schema,
        reuse: int = 0,
        incremental: bool = False,
        subscriptions: Subscriptions | None = None,
    ) -> None:
        self._upstream = upstream
        self._request_timeout = request_timeout
        self._now = now
        self._schema = graph._schema  # noqa: SLF001 - the GraphQLSchema beneath has no public name
        self._limits = limits
        self._documents = DocumentStore(
            self._schema,
            limits=limits,
            suggestions=suggestions,
            fragment_bytes=reuse // 2,
            incremental=incremental,
            sources=upstream.sources,
        )
        self._answers = Answers(upstream, reuse // 2)
        self._admission = Admission(limits, self._calls, purse)
        self._cursors = cursors
        self._trusted = trusted or TrustedDocuments()
        self._streams: Streams | None = None
        if subscriptions is not None:
            self._streams = Streams(
                self._schema,
                subscriptions.watches,
                upstream,
                ids=subscriptions.ids,
                timeout=request_timeout,
                cursors=cursors,
                now=now,
            )

    def operation_type(self, request: Request) -> OperationType | None:
        """Return whether a request queries or does more; None where it is not for us to say."""
        return self._type(self._documents.get(request.query), request)

    @staticmethod
    def _type(document: Document, request: Request) -> OperationType | None:
        return only(document.operations, request.operation_name)

    async def execute(
        self,
        request: Request,
        principal: Principal = INSIDE,
        *,
        safe: bool = False,
        in_parts: bool = False,
    ) -> Answer:
        """Return the answer to a request; raises nothing.

        Args:
            request: What is asked.
            principal: Who asks.
            safe: Whether it came by a safe method of HTTP: nothing that does more than read is executed, and
                the answer is one that caches can keep.
            in_parts: Whether the client takes an answer in parts.
        """
        try:
            text = self._trusted.text(request.query, request.document_id, request.query_hash)
            key = self._answers.key(text, request.operation_name, request.variables, principal.scopes)
            kept = self._answers.get(key)
            if kept is not None:
                body = {"data": msgspec.Raw(kept.data), "extensions": await self._again(kept, principal)}
                self._trusted.remember(request.query, request.query_hash)
                return Answer(body=body, executed=True, kept=kept, operation=kept.operation)
            document = self._documents.known(text) or await self._read(text, principal)
            kind = self._type(document, request)
            if safe and kind not in {OperationType.QUERY, None}:
                return refused([refusal("GET is for queries; use POST.", "BAD_REQUEST")], status=405)
            refusals = list(document.refusals) or unresolved(document, request)
            if not refusals and kind is OperationType.SUBSCRIPTION:
                refusals = [refusal(_NO_STREAM, "BAD_REQUEST")]
            if refusals:
                return refused(refusals)
            ticket = await self._admission.to_execute(
                document, request.operation_name, request.variables or {}, principal
            )
        except Unknown as unknown:
            return refused([unknown.refusal])
        except Denied as denied:
            return refused([denied.refusal], status=denied.status, retry_after=denied.retry_after)
        self._trusted.remember(request.query, request.query_hash)
        return await self._answer(document, request, key, ticket, safe=safe, in_parts=in_parts)

    async def stream(
        self, request: Request, principal: Principal = INSIDE, *, safe: bool = False
    ) -> Answer | Stream:
        """Return the answers to a subscription, or the answer to anything else; raises nothing.

        Args:
            request: What is asked.
            principal: Who asks.
            safe: See `execute`.
        """
        try:
            text = self._trusted.text(request.query, request.document_id, request.query_hash)
            document = self._documents.known(text) or await self._read(text, principal)
            kind = None if document.refusals else self._type(document, request)
            if kind is not OperationType.SUBSCRIPTION:
                return await self.execute(request, principal, safe=safe)
            if self._streams is None:
                return refused([refusal("There are no subscriptions here.", "BAD_REQUEST")])
            variables = request.variables or {}
            name = request.operation_name
            ticket = await self._admission.to_execute(document, name, variables, principal)
        except Unknown as unknown:
            return refused([unknown.refusal])
        except Denied as denied:
            return refused([denied.refusal], status=denied.status, retry_after=denied.retry_after)
        self._trusted.remember(request.query, request.query_hash)
        plan = self._documents.plan(document, name)
        try:
            opened = self._streams.open(Wanted(text, document, name, plan, variables, principal))
        except GatewayError as error:
            await self._admission.settle(ticket, 0)
            status = 403 if isinstance(error, Forbidden) else None
            return refused([refusal(error.message, error.code)], status=status)
        # Watching is shared by all; only the first look at what nobody watched yet is somebody's own.
        calls = -(-opened.unseen // KEYS_PER_CALL[Verb.LATEST_BY_VIDEO])
        try:
            await self._admission.settle(ticket, calls)
        except BaseException:
            opened.stream.close()  # its client has left meanwhile, and nobody else knows of it
            raise
        opened.stream.operation = self._executed(text, document, request, plan)
        return opened.stream

    async def _read(self, text: str, principal: Principal) -> Document:
        """Return what is to be known of a document.

        Raises:
            Denied: The principal's points do not suffice to read it.
        """
        await self._admission.to_read(principal)
        return self._documents.get(text)

    async def _answer(
        self, document: Document, request: Request, key: Key, ticket: Ticket, *, safe: bool, in_parts: bool
    ) -> Answer:
        """Return the answer to a request that was admitted."""
        principal = ticket.principal
        deadline = asyncio.get_running_loop().time() + self._request_timeout
        loaders = Loaders(self._upstream, deadline=deadline, principal=principal, task=asyncio.current_task())
        exchange = CURRENT.get()
        context = Context(
            loaders=loaders,
            request_id=exchange.request_id if exchange else "",
            principal=principal,
            cursors=self._cursors,
            now=partial(self._time, loaders.reads),
        )
        started = self._now()
        plan = self._documents.plan(document, request.operation_name)
        variables = request.variables or {}
        if in_parts and document.in_parts is not None:
            result = await self._documents.deliver(document, request.operation_name, variables, context)
        else:
            result = await plan.execute(context, variables)
        if not isinstance(result, Result):
            operation = self._executed(key[0], document, request, None)
            extensions = partial(self._extensions, loaders, ticket, started)
            return Answer(
                body={}, executed=True, operation=operation, parts=parts(result, self._formatted, extensions)
            )
        if not result.executed:
            refusals = [refusal(error.message, "BAD_USER_INPUT") for error in result.errors]
            await self._admission.settle(ticket, 0)
            return refused(refusals[: self._limits.errors])
        body = self._body(result)
        operation = self._executed(key[0], document, request, plan)
        kept = None
        worth_keeping = safe or not loaders.spent.waited
        if worth_keeping and not result.errors and self._type(document, request) is OperationType.QUERY:
            kept = self._answers.keep(
                key,
                result.data,
                loaders.reads,
                oldest=loaders.ages.oldest,
                calls=ticket.calls,
                fields=ticket.fields,
            )
            if kept is not None:
                kept.operation = operation
                body["data"] = msgspec.Raw(kept.data)
        body["extensions"] = await self._extensions(loaders, ticket, started)
        return Answer(body=body, executed=True, kept=kept, operation=operation)

    async def _extensions(self, loaders: Loaders, ticket: Ticket, started: datetime) -> dict[str, Any]:
        """Return how fresh an answer is and what it cost; give back what it did not."""
        cost = await self._admission.settle(ticket, loaders.spent.calls(started, KEYS_PER_CALL))
        return {**self._freshness(loaders.ages.oldest), "cost": cost}

    def _executed(
        self, text: str, document: Document, request: Request, plan: Plan | NotCompilable | None
    ) -> Executed:
        """Return what is told of an operation, executed by its plan or, with None, in parts."""
        told = document.told.get((request.operation_name, plan))
        if told is None:
            kind = self._type(document, request)
            told = document.told[request.operation_name, plan] = Executed(
                type=kind.value if kind else "query",
                name=request.operation_name or next(iter(document.operations)),
                trusted=self._trusted.lists(text),
                compiled=isinstance(plan, Plan),
            )
        return told

    def again(self, key: Key, principal: Principal) -> tuple[Kept, dict[str, Any]] | None:
        """Return an answer that was given before, and its extensions now; None where `execute` has to answer.

        Args:
            key: What it was kept by.
            principal: Who asks; somebody of other scopes would see another answer.
        """
        *_, scopes = key
        kept = self._answers.get(key) if scopes == principal.scopes else None
        if kept is None:
            return None
        try:
            cost = self._admission.to_repeat_at_once(principal, calls=kept.calls, fields=kept.fields)
        except Denied:
            return None
        return None if cost is None else (kept, {**self._freshness(kept.oldest), "cost": cost})

    async def _again(self, kept: Kept, principal: Principal) -> dict[str, Any]:
        """Return the extensions of an answer that was given before.

        Raises:
            Denied: The principal's points are used up.
        """
        cost = await self._admission.to_repeat(principal, calls=kept.calls, fields=kept.fields)
        return {**self._freshness(kept.oldest), "cost": cost}

    def fresh_for(self, kept: Kept) -> float:
        """Return for how many seconds more an answer's records are fresh."""
        return self._answers.fresh_for(kept)

    def _time(self, reads: Reads) -> datetime:
        """Return the time of day to an answer that is therefore another one at any other time."""
        reads.fleeting = True
        return self._now()

    @staticmethod
    def _calls(document: Document, operation: str | None, variables: Mapping[str, Any]) -> int:
        return 0 if document.estimates is None else document.estimates.of(operation, variables)

    def _body(self, result: Result) -> dict[str, Any]:
        errors = {"errors": self._formatted(result.errors)} if result.errors else {}
        return {**errors, "data": result.data}

    def _formatted(self, errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
        return formatted(errors, most=self._limits.errors, longest=self._limits.message)

    def _freshness(self, oldest: datetime | None) -> dict[str, Any]:
        if oldest is None:
            return {}
        age = (self._now() - oldest).total_seconds()
        return {"freshness": {"oldestMs": max(0, round(age * 1000))}}


_NO_STREAM = (
    "A subscription is answered over WebSocket (graphql-transport-ws), or as text/event-stream if Accept "
    "asks for it."
)
