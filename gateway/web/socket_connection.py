"""One WebSocket from its acceptance to its end: hello, operations, signs of life, and why it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from gateway.access.errors import Unauthenticated
from gateway.access.principal import Principal
from gateway.graph.errors import mistake
from gateway.telemetry.course import End
from gateway.telemetry.exchanges import Connection
from gateway.web.sessions import expired
from gateway.web.socket_messages import (
    ACK,
    PING,
    PONG,
    Bad,
    Close,
    Complete,
    Hello,
    Ping,
    Pong,
    Subscribe,
    read,
)
from gateway.web.socket_operations import Operations
from gateway.web.socket_services import SocketServices
from gateway.web.socket_writer import SocketWriter, close

if TYPE_CHECKING:
    from litestar.types import Receive, Send


class Handshake(Struct, frozen=True, kw_only=True):
    """What is known of a client before it says anything.

    Attributes:
        connection: What the connection is known by.
        address: Where the client is.
        credentials: What it sent along; what it says later counts more.
    """

    connection: Connection
    address: str | None
    credentials: Mapping[str, str]


class SocketConnection:
    """One WebSocket.

    Args:
        services: What all connections share.
        handshake: How it was opened.
        send: The server's.
    """

    __slots__ = (
        "_address",
        "_credentials",
        "_end",
        "_heard",
        "_opened",
        "_operations",
        "_pinged",
        "_principal",
        "_send",
        "_services",
        "_task",
        "_writer",
    )

    def __init__(self, services: SocketServices, handshake: Handshake, send: Send) -> None:
        self._services = services
        self._address = handshake.address
        self._credentials = handshake.credentials
        self._principal: Principal | None = None
        self._send = send
        self._writer = SocketWriter(send, lambda: self._leave(Close.GOING_AWAY, ""))
        self._operations = Operations(services, handshake.connection, self._writer)
        self._task: asyncio.Task[Any] | None = None
        self._end: tuple[Close, str] | None = None
        self._opened = self._heard = self._pinged = _now()

    async def run(self, receive: Receive) -> None:
        """Read what the client sends until it leaves or has to go."""
        self._task = asyncio.current_task()
        sessions = self._services.sessions
        sessions.enter(self)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                self._heard = _now()
                await self._take(message.get("text"))
                await self._writer.caught_up()
        except asyncio.CancelledError:
            if self._end is None:
                raise
            cast("asyncio.Task[Any]", self._task).uncancel()
        except Bad as bad:
            self._end = self._end or (bad.code, bad.reason)
        except Exception as error:  # noqa: BLE001 - whatever it is, a client is told no more than that
            mistake(error, at="a socket")
            self._end = (Close.MISTAKE, "Internal server error")
        finally:
            self._operations.close(End.CLIENT if self._end is None else End.GATEWAY)
            sessions.exit(self)
            self._writer.stop()
        if self._end is not None:
            await close(self._send, *self._end)

    def check(self, now: float) -> None:
        """See `Session`."""
        policy = self._services.sessions.policy
        if self._writer.writing_since is not None:
            if now - self._writer.writing_since > policy.patience:
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
            self._writer.reply(PING)

    def leave(self, why: str) -> None:
        """See `Session`."""
        self._leave(Close.RESTART, why)

    def _leave(self, code: Close, why: str) -> None:
        if self._end is None and self._task is not None:
            self._end = (code, why)
            self._task.cancel()

    async def _take(self, text: str | None) -> None:
        """Do what a message asks for.

        Raises:
            Bad: The protocol does not allow it.
        """
        if text is None:
            raise Bad("Messages are text")
        if len(text) > self._services.sessions.policy.message:
            raise Bad("The message is too long", Close.TOO_BIG)
        match read(text):
            case Hello(payload=payload):
                await self._hello(payload or {})
            case Subscribe() as wanted:
                if self._principal is None:
                    raise Bad("Unauthorized", Close.UNAUTHORIZED)
                self._operations.start(wanted, self._principal)
            case Complete(id=operation_id):
                self._operations.stop(operation_id, End.CLIENT)
            case Ping():
                self._writer.reply(PONG)
            case Pong():
                pass

    async def _hello(self, payload: Mapping[str, Any]) -> None:
        if self._principal is not None:
            raise Bad("Too many initialisation requests", Close.TWO_HELLOS)
        credentials = {**self._credentials, **payload}
        try:
            self._principal = await self._services.authentication.of_connection(credentials, self._address)
        except Unauthenticated as nobody:
            raise Bad(nobody.message, Close.FORBIDDEN) from None
        self._credentials = {}
        self._writer.reply(ACK)


def _now() -> float:
    return asyncio.get_running_loop().time()
