"""GraphQL over WebSocket: who may open one, and what happens on it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import msgspec

from gateway.access.authentication import Authentication
from gateway.access.errors import Unauthenticated
from gateway.access.principal import Principal
from gateway.graph.channels import Stream
from gateway.graph.engine import Engine, Request
from gateway.graph.errors import identified, mistake, refusal
from gateway.telemetry.course import Course, End
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.exchanges import Connection, Exchanges
from gateway.web.guards import from_elsewhere, too_busy
from gateway.web.overload import Gate, Overloaded
from gateway.web.sessions import Sessions, TooMany, expired
from gateway.web.socket_messages import (
    ACK,
    OLDER,
    PING,
    PONG,
    SUBPROTOCOL,
    Bad,
    Close,
    Complete,
    Hello,
    Ping,
    Pong,
    Subscribe,
    completed,
    following,
    read,
    refused,
    requested,
)

if TYPE_CHECKING:
    from litestar.types import Receive, Send, WebSocketScope

_UNSENT = 50
"""Replies that wait for a client to read before nothing more is read of what it sends."""

_CLOSING = 1.0
"""Seconds that the last message may take."""

_encode = msgspec.json.Encoder().encode


class Sockets:
    """Lets clients in.

    Args:
        engine: Executes operations.
        authentication: Who may ask.
        gate: How many operations may begin at the same time.
        sessions: All open connections.
        exchanges: Who is told of operations.
        origins: Origins besides our own whose pages may open a socket; an asterisk for any.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        authentication: Authentication,
        gate: Gate,
        sessions: Sessions,
        exchanges: Exchanges,
        origins: frozenset[str] = frozenset(),
    ) -> None:
        self.engine = engine
        self.authentication = authentication
        self.gate = gate
        self.sessions = sessions
        self.exchanges = exchanges
        self._origins = origins

    async def __call__(self, scope: WebSocketScope, receive: Receive, send: Send) -> None:
        """Serve one socket to its end."""
        opening = await receive()
        if opening["type"] != "websocket.connect":
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        # Browsers let any page open a socket to any place, and say where the page is from.
        if self.sessions.full or from_elsewhere(headers, self._origins):
            await _close(send, Close.FORBIDDEN)  # before it is accepted: HTTP 403
            return
        offered = scope["subprotocols"]
        # A client of the older protocol that finds nothing agreed on drops the connection without listening.
        agreed = next((name for name in (SUBPROTOCOL, OLDER) if name in offered), None)
        connection = self.exchanges.connect(headers)
        accepted: Any = {
            "type": "websocket.accept",
            "subprotocol": agreed,
            "headers": [(b"x-request-id", connection.request_id.encode())],
        }
        await send(accepted)
        if agreed != SUBPROTOCOL:
            await _close(send, Close.BAD_SUBPROTOCOL, "Subprotocol not acceptable")
            return
        address = scope["client"][0] if scope["client"] else None
        credentials = {
            name: headers[name.encode()]
            for name in ("authorization", "x-api-key")
            if name.encode() in headers
        }
        await Socket(self, address, credentials, connection).run(receive, send)


class _Open(msgspec.Struct, frozen=True):
    """A subscription, and who is told how it goes."""

    stream: Stream
    course: Course


class Socket:
    """One socket.

    Args:
        shared: What all sockets have in common.
        address: Where the client is.
        credentials: What it sent with the handshake; what it says later counts more.
        connection: What it is known by.
    """

    __slots__ = (
        "_address",
        "_connection",
        "_credentials",
        "_end",
        "_heard",
        "_news",
        "_opened",
        "_operations",
        "_pinged",
        "_principal",
        "_replies",
        "_send",
        "_shared",
        "_task",
        "_writer",
        "_writing_since",
    )

    def __init__(
        self,
        shared: Sockets,
        address: str | None,
        credentials: Mapping[str, str],
        connection: Connection,
    ) -> None:
        self._shared = shared
        self._address = address
        self._credentials = credentials
        self._connection = connection
        self._principal: Principal | None = None
        self._operations: dict[str, _Open | asyncio.Task[None]] = {}
        self._replies: deque[str] = deque()
        self._news: dict[str, None] = {}
        self._send: Send
        self._task: asyncio.Task[Any] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._writing_since: float | None = None
        self._end: tuple[Close, str] | None = None
        self._opened = self._heard = self._pinged = _now()

    async def run(self, receive: Receive, send: Send) -> None:
        """Read what the client sends until it leaves or has to go."""
        self._send = send
        self._task = asyncio.current_task()
        sessions = self._shared.sessions
        sessions.enter(self)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                self._heard = _now()
                await self._take(message.get("text"))
                if len(self._replies) > _UNSENT and self._writer is not None:
                    await asyncio.wait([self._writer])
        except asyncio.CancelledError:
            if self._end is None:
                raise
            cast("asyncio.Task[Any]", self._task).uncancel()
        except Bad as bad:
            self._end = self._end or (Close.BAD_REQUEST, str(bad))
        except Exception as error:  # noqa: BLE001 - whatever it is, a client is told no more than that
            mistake(error, at="a socket")
            self._end = (Close.MISTAKE, "Internal server error")
        finally:
            for id in list(self._operations):  # noqa: A001
                self._drop(id, End.CLIENT if self._end is None else End.GATEWAY)
            sessions.exit(self)
            if self._writer is not None:
                self._writer.cancel()
        if self._end is not None:
            await _close(send, *self._end)

    def check(self, now: float) -> None:
        """See `Session`."""
        policy = self._shared.sessions.policy
        if self._writing_since is not None:
            if now - self._writing_since > policy.patience:
                self._leave(Close.GOING_AWAY, "Messages are not read")
        elif self._principal is None:
            if now - self._opened > policy.hello:
                self._leave(Close.SLOW_HELLO, "Connection initialisation timeout")
        elif expired(self._principal):
            self._leave(Close.FORBIDDEN, "The credential has ended")
        elif now - self._opened > policy.lifetime:
            self._leave(Close.GOING_AWAY, "This took as long as it may")
        elif not self._operations and now - self._heard > policy.idle:
            self._leave(Close.NORMAL, "Nothing is asked for")
        elif now - self._heard > 3 * policy.heartbeat:
            self._leave(Close.GOING_AWAY, "Nobody is there")
        elif now - max(self._heard, self._pinged) > policy.heartbeat:
            self._pinged = now
            self._reply(PING)

    def leave(self, why: str) -> None:
        """See `Session`."""
        self._leave(Close.RESTART, why)

    def _leave(self, code: Close, why: str) -> None:
        if self._end is None and self._task is not None:
            self._end = (code, why)
            self._task.cancel()

    async def _take(self, text: str | None) -> None:
        """Do what a message asks for."""
        if text is None:
            raise Bad("Messages are text")
        if len(text) > self._shared.sessions.policy.message:
            self._end = (Close.TOO_BIG, "The message is too long")
            raise Bad
        match read(text):
            case Hello() as hello:
                await self._hello(hello)
            case Subscribe() as wanted:
                self._subscribe(wanted)
            case Complete(id=id):
                self._drop(id, End.CLIENT)
            case Ping():
                self._reply(PONG)
            case Pong():
                pass

    async def _hello(self, hello: Hello) -> None:
        if self._principal is not None:
            self._end = (Close.TWO_HELLOS, "Too many initialisation requests")
            raise Bad
        payload = {**self._credentials, **(hello.payload or {})}
        try:
            self._principal = await self._shared.authentication.of_connection(payload, self._address)
        except Unauthenticated as nobody:
            self._end = (Close.FORBIDDEN, nobody.message)
            raise Bad from None
        self._credentials = {}
        self._reply(ACK)

    def _subscribe(self, wanted: Subscribe) -> None:
        if self._principal is None:
            self._end = (Close.UNAUTHORIZED, "Unauthorized")
            raise Bad
        if wanted.id in self._operations:
            # The reason of a close frame has 123 bytes.
            self._end = (Close.SAME_ID, f"Subscriber for {wanted.id[:50]} already exists")
            raise Bad
        request = requested(wanted)
        most = self._shared.sessions.policy.per_connection
        # A context of its own: an operation must not see what another one left behind.
        context = Context()
        exchange = context.run(self._shared.exchanges.operation, self._connection, wanted.id)
        exchange.principal, exchange.name = self._principal.name, request.operation_name
        if len(self._operations) >= most:
            message = f"There may be {most} operations on one connection at the same time."
            self._refuse(wanted.id, exchange, [refusal(message, "LIMIT_EXCEEDED", retryable=True)])
            return
        answering = self._answer(wanted.id, request, self._principal, exchange)
        task = asyncio.create_task(answering, context=context)
        task.add_done_callback(partial(self._over, exchange))
        self._operations[wanted.id] = task

    def _over(self, exchange: Exchange, task: asyncio.Task[None]) -> None:
        if task.cancelled():  # perhaps before it began
            exchange.cancelled()
            self._shared.exchanges.end(exchange)

    async def _answer(self, id: str, request: Request, principal: Principal, exchange: Exchange) -> None:  # noqa: A002
        """Execute an operation, or begin to."""
        shared = self._shared
        try:
            await shared.gate.enter()
            exchange.execute()
            try:
                answer = await shared.engine.stream(request, principal)
            finally:
                shared.gate.leave()
        except Overloaded as overloaded:
            body, _ = too_busy(overloaded)
            self._refuse(id, exchange, body["errors"])
            return
        except Exception as error:  # noqa: BLE001 - as for HTTP
            self._refuse(id, exchange, [mistake(error, at="a socket")])
            return
        exchange.operation = answer.operation
        if isinstance(answer, Stream):
            self._begin(id, answer, principal, exchange)
        elif answer.executed:
            self._finish(id, exchange, answer.body)
        else:
            self._refuse(id, exchange, answer.body["errors"])

    def _begin(self, id: str, stream: Stream, principal: Principal, exchange: Exchange) -> None:  # noqa: A002
        try:
            self._shared.sessions.subscribe(principal)
        except TooMany as many:
            stream.close()
            exchange.operation = None
            self._refuse(id, exchange, [refusal(str(many), "LIMIT_EXCEEDED", retryable=True)])
            return
        self._operations[id] = _Open(stream, self._shared.exchanges.lasting(exchange))
        stream.notify = lambda: self._heard_of(id)
        if stream.waiting:
            self._heard_of(id)

    def _finish(self, id: str, exchange: Exchange, body: dict[str, Any]) -> None:  # noqa: A002
        """Send the only answer to an operation."""
        told = self._tell(id, exchange, body)
        self._reply(following(id, _encode(told).decode()), completed(id))

    def _refuse(self, id: str, exchange: Exchange, errors: list[dict[str, Any]]) -> None:  # noqa: A002
        """Send the errors of an operation of which nothing was executed."""
        self._reply(refused(id, self._tell(id, exchange, {"errors": errors})["errors"]))

    def _tell(self, id: str, exchange: Exchange, body: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
        self._operations.pop(id, None)
        exchange.answered(0, body)
        self._shared.exchanges.end(exchange)
        return identified(body, exchange.error_ids())

    def _drop(self, id: str, end: End) -> None:  # noqa: A002
        operation = self._operations.pop(id, None)
        self._news.pop(id, None)
        if isinstance(operation, _Open):
            operation.stream.close()
            operation.course.ended(end)
            if self._principal is not None:
                self._shared.sessions.unsubscribe(self._principal)
        elif operation is not None:
            operation.cancel()

    def _reply(self, *messages: str) -> None:
        self._replies.extend(messages)
        self._write_soon()

    def _heard_of(self, id: str) -> None:  # noqa: A002
        self._news[id] = None
        self._write_soon()

    def _write_soon(self) -> None:
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), context=Context())

    async def _write(self) -> None:
        """Send all there is: replies first, then the news of every subscription in turn."""
        try:
            while (text := self._next()) is not None:
                self._writing_since = _now()
                message: Any = {"type": "websocket.send", "text": text}
                await self._send(message)
        except (OSError, RuntimeError):
            self._leave(Close.GOING_AWAY, "")  # the client has left; servers say so in different ways
        finally:
            self._writing_since = None
            self._writer = None

    def _next(self) -> str | None:
        if self._replies:
            return self._replies.popleft()
        while self._news:
            id = next(iter(self._news))  # noqa: A001
            del self._news[id]
            operation = self._operations.get(id)
            if not isinstance(operation, _Open) or (payload := operation.stream.take()) is None:
                continue
            stream = operation.stream
            self._shared.sessions.took(stream)
            operation.course.took()
            if stream.finished:
                self._drop(id, End.COMPLETE)
                self._replies.append(completed(id))
            elif stream.waiting:
                self._news[id] = None
            return following(id, payload.form(bytes.decode))
        return None


async def _close(send: Send, code: Close, reason: str = "") -> None:
    message: Any = {"type": "websocket.close", "code": int(code), "reason": reason}
    try:
        # Whoever reads nothing does not read this either.
        async with asyncio.timeout(_CLOSING):
            await send(message)
    except (OSError, RuntimeError):  # a timeout is the former
        return  # the client was quicker


def _now() -> float:
    return asyncio.get_running_loop().time()
