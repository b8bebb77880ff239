"""Connections that are open, and the way to more: a transport of httpx."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine
from functools import cached_property, partial
from typing import Any, TypeVar

import httpx
from aiohappyeyeballs import start_connection

from gateway.transport.connection import Connection
from gateway.transport.request import Origin, Request, head_of, origin_of
from gateway.transport.response import Response
from gateway.transport.turns import Turns

_SENDING = "http11.send_request_headers.started"

# Seconds after which the next address of a host is tried beside the one before (RFC 8305).
_NEXT_ADDRESS = 0.25

T = TypeVar("T")


class Pool(httpx.AsyncBaseTransport):
    """Sends each request on a connection of its own, and keeps connections for the next ones.

    Of a request's extensions it knows ``timeout``, where connect and read count, and of ``trace`` the one
    event ``http11.send_request_headers.started``: the hook is awaited with the connection ready, right before
    the first byte leaves.

    Args:
        connect_timeout: Seconds until a connection must be open, where a request does not say.
        keep: Idle connections that are kept for an origin at most.
        keep_for: Seconds for which an idle connection is kept.
        verify: What servers' certificates are verified by; None trusts the usual authorities.
    """

    def __init__(
        self,
        *,
        connect_timeout: float = 5.0,
        keep: int = 50,
        keep_for: float = 30.0,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        self._connect_timeout = connect_timeout
        self._keep = keep
        self._keep_for = keep_for
        self._verify = verify
        self._idle: dict[Origin, list[Connection]] = {}
        self._connection = partial(Connection, Turns())
        self._closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; return its answer as soon as its headers are here.

        Raises:
            httpx.TransportError: There is no answer.
            RuntimeError: This is closed.
        """
        if self._closed:
            raise RuntimeError("Nothing is sent any more: the connections are closed.")
        if request.method == "HEAD":
            raise httpx.UnsupportedProtocol("HEAD is not supported.")
        message = head_of(request)
        if not isinstance(request, Request):
            message += await _body_of(request)
        origin = origin_of(request)
        extensions = request.extensions
        timeouts = extensions.get("timeout", {})
        trace = extensions.get("trace")
        connection = self._kept(origin) or await self._connected(origin, timeouts)
        try:
            if trace is not None:
                await trace(_SENDING, {"request": request})
                # A server may have hung up while the hook took its time, and connecting takes time itself.
                while not connection.idle:
                    connection = self._kept(origin) or await self._connected(origin, timeouts)
                    await trace(_SENDING, {"request": request})
            connection.send(message)
            patience = timeouts.get("read")
            status, headers = await _bounded(connection.head(), patience)
        except BaseException:
            connection.close()
            raise
        return Response(status, headers, stream=_Body(self, origin, connection, patience), request=request)

    async def aclose(self) -> None:
        """Close all idle connections; the others are closed by those who use them."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()
        self._closed = True

    def release(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection whose answer was read to its end for the next request; close any other."""
        if self._closed or not connection.idle:
            connection.close()
            return
        connection.idle_since = asyncio.get_running_loop().time()
        connections = self._idle.setdefault(origin, [])
        connections.append(connection)
        if len(connections) > self._keep:
            connections.pop(0).close()

    def _kept(self, origin: Origin) -> Connection | None:
        """Return the connection that was used last, the least likely to be hung up on."""
        connections = self._idle.get(origin)
        oldest = asyncio.get_running_loop().time() - self._keep_for
        while connections:
            connection = connections.pop()
            if connection.idle_since < oldest:
                # Those below have been idle for longer.
                connections.append(connection)
                for connection in connections:
                    connection.close()
                connections.clear()
            elif connection.idle:
                return connection
        return None

    async def _connected(self, origin: Origin, timeouts: dict[str, float | None]) -> Connection:
        scheme, host, port = origin
        patience = timeouts.get("connect", self._connect_timeout)
        loop = asyncio.get_running_loop()
        context = self._context if scheme == "https" else None
        try:
            async with asyncio.timeout(patience):
                addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                opened = await start_connection(
                    addresses, happy_eyeballs_delay=_NEXT_ADDRESS, interleave=1, loop=loop
                )
                try:
                    _, connection = await loop.create_connection(
                        self._connection, sock=opened, ssl=context, server_hostname=host if context else None
                    )
                except BaseException:
                    opened.close()
                    raise
        except TimeoutError as error:
            raise httpx.ConnectTimeout("No connection in time.") from error
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError("No connection.") from error
        return connection

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Read when it is first needed: certificates take megabytes, and not every deployment has TLS."""
        context = self._verify or httpx.create_ssl_context(trust_env=False)
        context.set_alpn_protocols(["http/1.1"])
        return context


class _Body(httpx.AsyncByteStream):
    """The body of an answer; its connection is free again when this is closed."""

    def __init__(self, pool: Pool, origin: Origin, connection: Connection, timeout: float | None) -> None:
        self._pool = pool
        self._origin = origin
        self._connection = connection
        self._timeout = timeout
        self._closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        # No generator: an event loop keeps a list of those, to end them all with itself.
        return self

    async def __anext__(self) -> bytes:
        if self._connection.exhausted:
            raise StopAsyncIteration
        piece = await _bounded(self._connection.read(), self._timeout)
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self._pool.release(self._origin, self._connection)


async def _body_of(request: httpx.Request) -> bytes:
    body = await request.aread()
    if body and "content-length" not in request.headers:
        raise httpx.UnsupportedProtocol("A body of unknown length is not supported.")
    return body


def _bounded(work: Coroutine[Any, Any, T], seconds: float | None) -> Coroutine[Any, Any, T]:
    return work if seconds is None else _ended(work, seconds)


async def _ended(work: Coroutine[Any, Any, T], seconds: float) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise httpx.ReadTimeout("No answer in time.") from error
