"""What one WebSocket's client is sent, and in which order.

A client that reads slowly holds up nobody but itself: replies to its messages wait here, and it is not
listened to while too many do. News of its subscriptions do not wait here at all. They are fetched when the
connection is free, and are the newest then.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Any

from gateway.web.socket_messages import Close

if TYPE_CHECKING:
    from litestar.types import Send

Take = Callable[[str], str | None]
"""Returns the newest message of an operation; None where there is none any more."""

_UNSENT = 50
"""Replies that wait for a client to read before nothing more is read of what it sends."""

_CLOSING = 1.0
"""Seconds that the last message may take."""

_LONGEST_REASON = 123
"""Bytes of a close frame beside its code."""


class SocketWriter:
    """Sends replies, and between them the news of every operation in turn.

    Args:
        send: The server's.
        left: Called when the client turns out to have left.

    Attributes:
        writing_since: When the message that is being sent was begun, by the event loop's clock; None while
            none is.
    """

    __slots__ = ("_left", "_news", "_replies", "_send", "_task", "writing_since")

    def __init__(self, send: Send, left: Callable[[], None]) -> None:
        self._send = send
        self._left = left
        self._replies: deque[str] = deque()
        self._news: dict[str, Take] = {}
        self._task: asyncio.Task[None] | None = None
        self.writing_since: float | None = None

    def reply(self, *messages: str) -> None:
        """Send messages before all news."""
        self._replies.extend(messages)
        self._write_soon()

    def announce(self, operation_id: str, take: Take) -> None:
        """Fetch a message of an operation, and send it, once its turn has come."""
        self._news[operation_id] = take
        self._write_soon()

    def withdraw(self, operation_id: str) -> None:
        """Fetch no message of an operation."""
        self._news.pop(operation_id, None)

    async def caught_up(self) -> None:
        """Wait for a client that asks more than it reads."""
        if len(self._replies) > _UNSENT and self._task is not None:
            await asyncio.wait([self._task])

    def stop(self) -> None:
        """Send nothing more."""
        if self._task is not None:
            self._task.cancel()

    def _write_soon(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._write(), context=Context())

    async def _write(self) -> None:
        """Send all there is."""
        loop = asyncio.get_running_loop()
        try:
            while (text := self._next()) is not None:
                self.writing_since = loop.time()
                message: Any = {"type": "websocket.send", "text": text}
                await self._send(message)
        except (OSError, RuntimeError):
            self._left()  # servers say so in different ways
        finally:
            self.writing_since = None
            self._task = None

    def _next(self) -> str | None:
        if self._replies:
            return self._replies.popleft()
        while self._news:
            operation_id = next(iter(self._news))
            take = self._news.pop(operation_id)
            if (message := take(operation_id)) is not None:
                return message
        return None


async def close(send: Send, code: Close, reason: str = "") -> None:
    """Close a WebSocket, or refuse to accept it."""
    reason = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
    message: Any = {"type": "websocket.close", "code": int(code), "reason": reason}
    try:
        # Whoever reads nothing does not read this either.
        async with asyncio.timeout(_CLOSING):
            await send(message)
    except (OSError, RuntimeError):  # a timeout is the former
        return  # the client was quicker
