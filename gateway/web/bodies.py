"""Bodies of requests: whole, small enough, and in time.

A client may announce a body and send it a byte an hour, or never. Every request is watched for that, so
watching costs next to nothing: one timer for all that wait, and the longest waiting looked at first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

Receive = Callable[[], Awaitable[Any]]
"""An ASGI server's messages."""

_LONGEST_LENGTH = 18
"""Digits of a Content-Length that is worth reading."""


class TooLarge(Exception):
    """A body has more bytes than it may."""


class Left(Exception):
    """The client was gone before its body was whole."""


class Patience:
    """Lets clients have so many seconds, each.

    Args:
        seconds: For which one is waited for.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # In the order in which they are due, as all have the same time.
        self._due: dict[asyncio.Task[Any], float] = {}
        self._overdue: set[asyncio.Task[Any]] = set()
        self._alarm: asyncio.TimerHandle | None = None

    async def with_(self, waiting: Awaitable[T]) -> T:
        """Wait for something.

        Raises:
            TimeoutError: It took too long.
        """
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - who else would wait
        self._due[task] = loop.time() + self._seconds
        if self._alarm is None:
            self._alarm = loop.call_later(self._seconds, self._look, loop)
        try:
            return await waiting
        except asyncio.CancelledError:
            if task in self._overdue and task.uncancel() == 0:
                raise TimeoutError from None
            raise
        finally:
            self._due.pop(task, None)
            self._overdue.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send away whoever is overdue; look again when the next may be."""
        self._alarm = None
        for task, due in list(self._due.items()):
            if due > loop.time():
                self._alarm = loop.call_at(due, self._look, loop)
                return
            del self._due[task]
            self._overdue.add(task)
            task.cancel()


class Bodies:
    """Reads bodies.

    Args:
        most: Bytes that one may have.
        seconds: That a client may take to send it.
    """

    def __init__(self, *, most: int, seconds: float) -> None:
        self.most = most
        self._patience = Patience(seconds)

    async def whole(self, receive: Receive, headers: Mapping[bytes, str]) -> bytes:
        """Return a body.

        Args:
            receive: The server's messages.
            headers: Of the request.

        Raises:
            TooLarge: It has more bytes than it may.
            Left: The client did not send all of it.
            TimeoutError: It took too long.
        """
        length = _declared(headers.get(b"content-length", ""))
        if length is not None and length > self.most:
            raise TooLarge
        return await self._patience.with_(self._read(receive, length))

    async def _read(self, receive: Receive, length: int | None) -> bytes:
        body: bytes = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise Left
            body += message["body"]
            if len(body) > self.most:
                raise TooLarge
            # Some servers tell in a message of its own that there is no more, which need not be waited for.
            if not message.get("more_body") or len(body) == length:
                return body


def _declared(content_length: str) -> int | None:
    """Return how many bytes are announced; None where that is not known."""
    if not content_length.isdecimal():
        return None
    return int(content_length[:_LONGEST_LENGTH])
