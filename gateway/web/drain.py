"""The end of a process, in an order that no client notices.

Whoever routes requests here learns late that this process is about to end: a Service, a proxy and every
client with an open connection each find out in their own time. So at SIGTERM nothing stops at first.
Readiness says no, requests are answered as ever, and every answer asks its client to come back on another
connection, which then leads elsewhere. After that window what would never end by itself is closed, the
server stops listening and finishes what it has begun, and the application closes what it opened.

The server's own part begins with SIGINT, which we send ourselves: it has handlers for both signals, and ours
takes the place of the one for SIGTERM. A client that does not read its answer would hold the server for as
long as a connection may be idle; it is not waited for.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, NoReturn

from gateway.server.shortcut import WHOLE

Closer = Callable[[], Awaitable[None]]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]
"""Any ASGI application, whichever library's types it is written with."""

_CLOSING = 1.0
"""Seconds that closers have."""

_SETTLING = 1.0
"""Seconds after the last answer in which the server is done, unless somebody does not read theirs."""

_APPLICATION = 3.0
"""Seconds that the application has to close what it opened; telemetry is sent by then or lost."""

_CLOSE = (b"connection", b"close")


class Drain:
    """Ends a process.

    Args:
        window: Seconds between SIGTERM and the end of listening.
        patience: Seconds that a request may take in all, from its first byte to its answer.
    """

    def __init__(self, *, window: float = 0.0, patience: float = 0.0) -> None:
        self._window = window
        self._patience = patience
        self._closers: list[Closer] = []
        self._in_flight = 0
        self._quiet = asyncio.Event()
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._overdue = False
        self._task: asyncio.Task[None] | None = None
        self.draining = False

    @property
    def longest(self) -> int:
        """Seconds from SIGTERM after which the process has ended, whatever its clients do."""
        return math.ceil(self._window + _CLOSING + self._patience + _SETTLING + _APPLICATION) + 1

    def closes(self, closer: Closer) -> None:
        """Close what has no end of its own, such as a subscription, once the window is over."""
        self._closers.append(closer)

    def around(self, app: Application) -> Application:
        """Return the application as a server should run it: drained when the process is told to end."""

        async def drained(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await self._lifespan(app, scope, receive, send)
                return
            self._in_flight += 1
            try:
                closing = self.draining and scope["type"] == "http" and scope["http_version"].startswith("1")
                if closing:
                    scope.pop(WHOLE, None)
                await app(scope, receive, _closing(send) if closing else send)
            finally:
                self._in_flight -= 1
                if not self._in_flight:
                    self._quiet.set()

        return drained

    def begin(self) -> None:
        """Begin to end; once."""
        if self._task is None:
            self.draining = True
            self._task = asyncio.get_running_loop().create_task(self._end())

    async def _lifespan(self, app: Application, scope: Message, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()

        async def forward() -> None:
            while True:
                message = await receive()
                if message["type"] == "lifespan.shutdown" and self._task is not None:
                    self._task.cancel()  # the server is done by itself
                await self._told.put(message)

        async def started(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                with suppress(NotImplementedError):  # no such signal: the server ends in its own way
                    loop.add_signal_handler(signal.SIGTERM, self.begin)

        forwarding = loop.create_task(forward())
        try:
            await app(scope, self._told.get, started)
        finally:
            forwarding.cancel()
            if self._task is not None:
                self._task.cancel()
        if self._overdue:
            _leave()

    async def _end(self) -> None:
        await asyncio.sleep(self._window)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                await asyncio.gather(*(closer() for closer in self._closers), return_exceptions=True)
        signal.raise_signal(signal.SIGINT)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._silence()
        await asyncio.sleep(_SETTLING)
        self._overdue = True
        await self._told.put({"type": "lifespan.shutdown"})

    async def _silence(self) -> None:
        while self._in_flight:
            self._quiet.clear()
            await self._quiet.wait()


def _closing(send: Send) -> Send:
    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], _CLOSE]}
        await send(message)

    return closing


def _leave() -> NoReturn:
    """End the process with everything closed, past a server that still waits for somebody to read."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
