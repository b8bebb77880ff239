"""The operations on one WebSocket, subscriptions or not, from the client's wish to the last message."""

from __future__ import annotations

import asyncio
from contextvars import Context
from functools import partial
from typing import Any

import msgspec

from gateway.access.principal import Principal
from gateway.graph.channels import Stream
from gateway.graph.errors import identified, mistake, refusal
from gateway.graph.requests import Request
from gateway.telemetry.course import Course, End
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.exchanges import Connection
from gateway.web.guards import too_busy
from gateway.web.overload import Overloaded
from gateway.web.sessions import TooMany
from gateway.web.socket_messages import Bad, Close, Subscribe, completed, following, refused, requested
from gateway.web.socket_services import SocketServices
from gateway.web.socket_writer import SocketWriter

_encode = msgspec.json.Encoder().encode


class _Subscription(msgspec.Struct, frozen=True):
    """A stream of answers, whose it is, and who is told how it goes."""

    stream: Stream
    principal: Principal
    course: Course


class Operations:
    """All operations on one connection, by the ids that its client gave them.

    Args:
        services: What all connections share.
        connection: What this one is known by.
        writer: Sends answers.
    """

    __slots__ = ("_connection", "_operations", "_services", "_writer")

    def __init__(self, services: SocketServices, connection: Connection, writer: SocketWriter) -> None:
        self._services = services
        self._connection = connection
        self._writer = writer
        # A task until there is an answer, or a stream of them.
        self._operations: dict[str, asyncio.Task[None] | _Subscription] = {}

    def __len__(self) -> int:
        return len(self._operations)

    def start(self, wanted: Subscribe, principal: Principal) -> None:
        """Begin an operation, or refuse to.

        Raises:
            Bad: Its id is in use, or it is none.
        """
        if wanted.id in self._operations:
            raise Bad(f"Subscriber for {wanted.id[:50]} already exists", Close.SAME_ID)
        request = requested(wanted)
        most = self._services.sessions.policy.per_connection
        # A context of its own: an operation must not see what another one left behind.
        context = Context()
        exchange = context.run(self._services.exchanges.operation, self._connection, wanted.id)
        exchange.principal, exchange.name = principal.name, request.operation_name
        if len(self._operations) >= most:
            message = f"There may be {most} operations on one connection at the same time."
            self._refuse(wanted.id, exchange, [refusal(message, "LIMIT_EXCEEDED", retryable=True)])
            return
        task = asyncio.create_task(self._execute(wanted.id, request, principal, exchange), context=context)
        task.add_done_callback(partial(self._over, exchange))
        self._operations[wanted.id] = task

    def stop(self, operation_id: str, end: End) -> None:
        """End an operation, if it has not ended yet."""
        operation = self._operations.pop(operation_id, None)
        self._writer.withdraw(operation_id)
        if isinstance(operation, _Subscription):
            operation.stream.close()
            operation.course.ended(end)
            self._services.sessions.unsubscribe(operation.principal)
        elif operation is not None:
            operation.cancel()

    def close(self, end: End) -> None:
        """End all operations."""
        for operation_id in list(self._operations):
            self.stop(operation_id, end)

    def _over(self, exchange: Exchange, task: asyncio.Task[None]) -> None:
        if task.cancelled():  # perhaps before it began
            exchange.cancelled()
            self._services.exchanges.end(exchange)

    async def _execute(
        self, operation_id: str, request: Request, principal: Principal, exchange: Exchange
    ) -> None:
        services = self._services
        try:
            await services.gate.enter()
            exchange.execute()
            try:
                answer = await services.engine.stream(request, principal)
            finally:
                services.gate.leave()
        except Overloaded as overloaded:
            body, _ = too_busy(overloaded)
            self._refuse(operation_id, exchange, body["errors"])
            return
        except Exception as error:  # noqa: BLE001 - as for HTTP
            self._refuse(operation_id, exchange, [mistake(error, at="a socket")])
            return
        if isinstance(answer, Stream):
            self._open(operation_id, answer, principal, exchange)
            return
        exchange.operation = answer.operation
        if answer.executed:
            self._finish(operation_id, exchange, answer.body)
        else:
            self._refuse(operation_id, exchange, answer.body["errors"])

    def _open(self, operation_id: str, stream: Stream, principal: Principal, exchange: Exchange) -> None:
        """Send what a subscription tells, from now on."""
        try:
            self._services.sessions.subscribe(principal)
        except TooMany as many:
            stream.close()
            self._refuse(operation_id, exchange, [refusal(str(many), "LIMIT_EXCEEDED", retryable=True)])
            return
        exchange.operation = stream.operation
        course = self._services.exchanges.lasting(exchange)
        self._operations[operation_id] = _Subscription(stream, principal, course)
        stream.notify = partial(self._writer.announce, operation_id, self._take)
        if stream.waiting:
            stream.notify()

    def _take(self, operation_id: str) -> str | None:
        """Return the newest message of a subscription."""
        operation = self._operations.get(operation_id)
        if not isinstance(operation, _Subscription) or (payload := operation.stream.take()) is None:
            return None
        stream = operation.stream
        self._services.sessions.took(stream)
        operation.course.took()
        if stream.finished:
            self.stop(operation_id, End.COMPLETE)
            self._writer.reply(completed(operation_id))
        elif stream.waiting:
            self._writer.announce(operation_id, self._take)
        return following(operation_id, payload.form(bytes.decode))

    def _finish(self, operation_id: str, exchange: Exchange, body: dict[str, Any]) -> None:
        """Send the only answer to an operation."""
        told = self._tell(operation_id, exchange, body)
        self._writer.reply(following(operation_id, _encode(told).decode()), completed(operation_id))

    def _refuse(self, operation_id: str, exchange: Exchange, errors: list[dict[str, Any]]) -> None:
        """Send the errors of an operation of which nothing was executed."""
        told = self._tell(operation_id, exchange, {"errors": errors})
        self._writer.reply(refused(operation_id, told["errors"]))

    def _tell(self, operation_id: str, exchange: Exchange, body: dict[str, Any]) -> dict[str, Any]:
        self._operations.pop(operation_id, None)
        exchange.answered(0, body)
        self._services.exchanges.end(exchange)
        return identified(body, exchange.error_ids())
