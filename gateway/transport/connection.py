"""One HTTP/1.1 connection, for one request at a time."""

from __future__ import annotations

import asyncio
from typing import cast

import httpx
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from gateway.transport.turns import Turns

_MOST_HEAD_BYTES = 64 * 1024
_MOST_UNREAD_BYTES = 256 * 1024
_SWITCHING_PROTOCOLS = 101
_FIRST_FINAL_STATUS = 200

Headers = list[tuple[bytes, bytes]]


class _UnaskedError(Exception):
    """What was not asked for: another protocol, or a second answer, to be taken for the next request's."""


class Connection(asyncio.Protocol):
    """An open connection; what is read of it waits here until it is asked for.

    Args:
        turns: Of all connections whose answers may come at once.

    Attributes:
        idle_since: When its last answer was complete, by the event loop's clock.
    """

    def __init__(self, turns: Turns) -> None:
        self.idle_since = 0.0
        self._turns = turns
        self._transport: asyncio.Transport
        self._parser = HttpResponseParser(self)
        self._headers: Headers = []
        self._status = 0
        self._begun = False
        self._complete = True
        self._reusable = True
        self._closed = False
        self._error: httpx.TransportError | None = None
        self._head_bytes = 0
        self._unread: list[bytes] = []
        self._unread_bytes = 0
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether another request may be sent."""
        return self._complete and self._reusable and not self._closed

    @property
    def exhausted(self) -> bool:
        """Whether the answer was read to its end."""
        return self._complete and not self._unread

    def send(self, request: bytes) -> None:
        """Send a whole request; what is left of the last answer is thrown away."""
        self._headers = []
        self._unread = []
        self._unread_bytes = 0
        self._status = self._head_bytes = 0
        self._begun = self._complete = False
        self._transport.write(request)

    async def head(self) -> tuple[int, Headers]:
        """Wait for an answer's status and headers.

        Raises:
            httpx.TransportError: There will be none.
        """
        while not self._begun:
            await self._more()
        return self._status, self._headers

    async def read(self) -> bytes:
        """Wait for the next piece of the body; empty at its end.

        Raises:
            httpx.TransportError: The rest of it will not come.
        """
        while not self._unread:
            if self._complete:
                return b""
            await self._more()
        body = self._unread[0] if len(self._unread) == 1 else b"".join(self._unread)
        self._unread = []
        self._unread_bytes = 0
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        return body

    def close(self) -> None:
        """Close it; what is on its way is of no interest any more."""
        self._closed = True
        self._transport.abort()

    def _more(self) -> asyncio.Future[None]:
        if self._error is not None:
            raise self._error
        self._waiter = asyncio.get_running_loop().create_future()
        return self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._turns.wake(self._waiter)

    def _fail(self, error: httpx.TransportError) -> None:
        self._error = self._error or error
        self.close()
        self._wake()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what has come; what nobody asked for ends the connection."""
        if self._complete:
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            # Its text would quote the answer.
            self._fail(httpx.RemoteProtocolError("The answer is not HTTP."))
            return
        if not self._begun:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES:
                self._fail(httpx.RemoteProtocolError("The headers do not end."))
            return
        if self._unread_bytes > _MOST_UNREAD_BYTES and not self._paused and not self._complete:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; a body whose length nobody told is complete with that."""
        self._closed = True
        if not self._complete:
            if exc is None and self._begun and self._ends_with_connection():
                self._complete = True
            elif exc is None:
                self._error = self._error or httpx.RemoteProtocolError("The server hung up.")
            else:
                self._error = self._error or httpx.ReadError("The connection broke.")
        self._wake()

    def _ends_with_connection(self) -> bool:
        names = {name.lower() for name, _ in self._headers}
        return names.isdisjoint({b"content-length", b"transfer-encoding"})

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin an answer; there may be provisional ones before the answer, and nothing after it."""
        if self._complete:
            raise _UnaskedError
        self._headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are left aside."""
        if not self._begun:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the status."""
        self._status = self._parser.get_status_code()
        if self._status == _SWITCHING_PROTOCOLS:
            raise _UnaskedError
        self._begun = self._status >= _FIRST_FINAL_STATUS

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._unread.append(body)
        self._unread_bytes += len(body)

    def on_message_complete(self) -> None:
        """End an answer."""
        if self._begun:
            self._reusable = self._parser.should_keep_alive()
            self._complete = True
