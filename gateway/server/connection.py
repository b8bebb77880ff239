"""One HTTP/1.1 connection of a client.

Uvicorn's, which parses with llhttp, and four things besides. Requests that the application knows are
answered where they are read: a task, its messages and the way through an application cost several times what
such an answer does. Those that it may have known it is given whole, and may answer so. A client is waited for
so long: a connection that is idle, whose request does not get on or whose answer is not read is closed. And a
head may be so large.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from contextvars import Context
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.eager import begin
from gateway.server.shortcut import SHORTCUT, WHOLE, Answer, Shortcut

_MOST_HEAD_BYTES = 64 * 1024

_MOMENT = 0.05
"""Seconds in which the body of a request that may be known has to be there. Many clients send it apart."""

_OFFERS_HTTP2 = re.compile(rb"\r\nupgrade:[ \t]*h2c[ \t]*(?=\r\n)", re.IGNORECASE)

_TOO_LARGE = STATUS_LINE[431] + b"connection: close\r\ncontent-length: 0\r\n\r\n"


class Connection(HttpToolsProtocol):
    """A connection, as `uvicorn.Config` takes it for its ``http``; `timeout_keep_alive` is for every wait."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._shortcut: Shortcut | None = app_state.get(SHORTCUT)
        self._address: str | None = None
        self._messages = 0
        self._in_message = self._in_head = False
        self._head_bytes = 0
        self._reading = False
        self._held: tuple[RequestResponseCycle, ASGI3Application] | None = None
        self._moment: asyncio.TimerHandle | None = None
        self._waiting_since: float | None = None
        self._alarm: asyncio.TimerHandle | None = None

    # What the event loop calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and wait for a request."""
        super().connection_made(transport)
        _give_up_after(self.timeout_keep_alive, transport)
        self._address = self.client[0] if self.client else None
        self._wait()
        self._alarm = self.loop.call_later(self.timeout_keep_alive, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._held = None
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer what is known, and have the rest answered."""
        between = not self._in_message
        if self._shortcut is not None and between and self._free:
            answer = self._known(self._shortcut.repeated, data)
            if answer is not None:
                self._give(answer)
                self._wait()
                return
        before = self._messages
        self._reading = True
        super().data_received(_asked(data) if between and b"h2c" in data else data)
        self._reading = False
        if self._held is not None:
            self._settle(data if between and self._messages == before + 1 else None)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._messages += 1
        self._in_message = self._in_head = True
        self._head_bytes = 0
        if self._free:
            self._wait()

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        self._in_head = False
        self._waiting_since = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request."""
        self._in_message = False
        super().on_message_complete()

    # What answers are made by.

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            super()._start_asgi_task(*self.pipeline.pop())
        else:
            self._wait()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to another protocol, unless that makes nothing of the request."""
        self._stop()
        super().handle_websocket_upgrade()
        if not getattr(self.transport.get_protocol(), "handshake_initiated", True):
            self.send_400_response("Invalid WebSocket handshake received.")

    @property
    def _free(self) -> bool:
        """Whether nothing is being answered, and the client reads."""
        cycle: RequestResponseCycle | None = self.cycle
        return (cycle is None or cycle.response_complete) and not self.flow.write_paused

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Have a request answered, unless it may be known: then wait for its body."""
        if (
            self._shortcut is not None
            and self._reading
            and app is self.app
            and cycle.keep_alive
            and not cycle.waiting_for_100_continue
            and self._shortcut.takes(cycle.scope)
        ):
            self._held = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    def _settle(self, data: bytes | None) -> None:
        """Answer the request that was held, or have it answered, once all of it is there."""
        assert self._held is not None and self._shortcut is not None  # noqa: PT018, S101 - or nothing is held
        cycle, _ = self._held
        if cycle.more_body:
            if self._moment is None:
                self._moment = self.loop.call_later(_MOMENT, self._release)
            return
        answer = None
        body = bytes(cycle.body)
        if cycle.keep_alive and not self.flow.write_paused:
            answer = self._known(self._shortcut.recognised, cycle.scope, body, data)
        if answer is None:
            scope: Any = cycle.scope
            scope[WHOLE] = _Whole(self, cycle, body)
            self._release()
            return
        self._held = None
        self._forget_moment()
        self.complete(cycle, answer)

    def _known(self, ask: Callable[..., Answer | None], *about: Any) -> Answer | None:
        """Ask for an answer; whoever cannot be asked knows none."""
        try:
            return ask(*about, self._address)
        except Exception:
            self.logger.exception("a request could not be looked up")
            return None

    def _release(self) -> None:
        """Have the request answered that was held; what lacks of its body will come, or not."""
        self._forget_moment()
        if self._held is not None:
            (cycle, app), self._held = self._held, None
            task = begin(cycle.run_asgi(app), context=Context())
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    def _forget_moment(self) -> None:
        if self._moment is not None:
            self._moment.cancel()
            self._moment = None

    def complete(self, cycle: RequestResponseCycle, answer: Answer) -> None:
        """Answer a request, and be done with it."""
        self._give(answer, last=not cycle.keep_alive)
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def _give(self, answer: Answer, *, last: bool = False) -> None:
        content = [STATUS_LINE[answer.status]]
        for name, value in self.server_state.default_headers:
            content += (name, b": ", value, b"\r\n")
        content += (answer.head, b"connection: close\r\n\r\n" if last else b"\r\n", answer.body)
        self.transport.write(b"".join(content))

    # How long a client may take. One timer that looks now and then costs less than one for every request.

    def _wait(self) -> None:
        """Wait for the client."""
        self._waiting_since = self.loop.time()

    def _look(self) -> None:
        """Close the connection if the client has been waited for long enough; else look again."""
        now = self.loop.time()
        since = now if self._waiting_since is None else self._waiting_since
        if now - since < self.timeout_keep_alive:
            self._alarm = self.loop.call_at(since + self.timeout_keep_alive, self._look)
        else:
            self.transport.close()

    def _stop(self) -> None:
        """Look no more."""
        self._forget_moment()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


class _Whole:
    """A request that was there whole when the application was called; see `gateway.server.shortcut`."""

    __slots__ = ("_connection", "_cycle", "body")

    def __init__(self, connection: Connection, cycle: RequestResponseCycle, body: bytes) -> None:
        self._connection = connection
        self._cycle = cycle
        self.body = body

    async def give(self, answer: Answer) -> None:
        """Send an answer, unless the client is gone."""
        cycle = self._cycle
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if not cycle.disconnected:
            self._connection.complete(cycle, answer)


def _asked(data: bytes) -> bytes:
    """Return the beginning of a request without its offer of HTTP/2 in clear.

    Java's client makes it with every request, and the parser would take all behind the head for HTTP/2.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    return _OFFERS_HTTP2.sub(b"", head + end[:2]) + end[2:] + rest


def _give_up_after(seconds: float, transport: asyncio.Transport) -> None:
    """Have the system end a connection whose client does not read what it was sent.

    It is the only one to know: what we have closed may still wait to be read, whether it was HTTP or became a
    WebSocket. Where the system has no such option, nobody does.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connection = transport.get_extra_info("socket")
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1000))
