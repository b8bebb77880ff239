"""The end of a process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.server.shortcut import WHOLE
from gateway.web import drain as module
from gateway.web.drain import Drain

HTTP = {"type": "http", "http_version": "1.1"}


class Server:
    """What a server is to an application: messages in, messages out, and a handler for SIGINT."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[str] = []
        self.events: list[str] = []
        self.left = asyncio.Event()
        self.stopped = asyncio.Event()
        monkeypatch.setattr(signal, "raise_signal", self._stop)
        monkeypatch.setattr(module, "_leave", self._leave)
        monkeypatch.setattr(module, "_SETTLING", 0.01)

    def _stop(self, number: int) -> None:
        self.events.append(f"signal {number}")
        self.stopped.set()

    def _leave(self) -> None:
        self.events.append("left")
        self.left.set()

    async def send(self, message: dict[str, Any]) -> None:
        """Take a message."""
        self.sent.append(message["type"])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server to run an application with."""
    return Server(monkeypatch)


class Application:
    """Answers when it is told to, and says when it was closed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.started = asyncio.Event()
        self.answer = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Run."""
        if scope["type"] == "lifespan":
            assert (await receive())["type"] == "lifespan.startup"
            await send({"type": "lifespan.startup.complete"})
            self.started.set()
            assert (await receive())["type"] == "lifespan.shutdown"
            self._server.events.append("closed")
            await send({"type": "lifespan.shutdown.complete"})
            return
        await self.answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        self._server.events.append("answered")


@contextmanager
def _running(drain: Drain, app: Application, server: Server) -> Iterator[Any]:
    running = drain.around(app)
    server.told.put_nowait({"type": "lifespan.startup"})
    lifespan = asyncio.ensure_future(running({"type": "lifespan"}, server.told.get, server.send))
    try:
        yield running, lifespan
    finally:
        lifespan.cancel()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)


async def _nothing() -> dict[str, Any]:
    raise AssertionError("nothing is received")


async def test_what_is_in_flight_ends_before_the_application(server: Server) -> None:
    """Closers run, the server stops, the last answer goes out; only then is everything closed."""
    drain, app = Drain(patience=20), Application(server)

    async def closer() -> None:
        server.events.append("subscriptions closed")

    drain.closes(closer)
    with _running(drain, app, server) as (running, _):
        await app.started.wait()
        request = asyncio.ensure_future(running(HTTP, _nothing, server.send))
        await asyncio.sleep(0)
        drain.begin()
        drain.begin()
        assert drain.draining
        await server.stopped.wait()
        app.answer.set()
        await server.left.wait()
        await request
    assert server.events == ["subscriptions closed", "signal 2", "answered", "closed", "left"]


async def test_the_server_may_be_quicker(server: Server) -> None:
    """A server that is done by itself closes the application, and nobody leaves past it."""
    drain, app = Drain(), Application(server)
    with _running(drain, app, server) as (_, lifespan):
        await app.started.wait()
        drain.begin()
        server.told.put_nowait({"type": "lifespan.shutdown"})
        await lifespan
        await asyncio.sleep(0.05)
    assert server.events[-1] == "closed"
    assert server.sent[-1] == "lifespan.shutdown.complete"


async def test_answers_ask_for_another_connection(server: Server) -> None:
    """From SIGTERM on, where HTTP has such a header."""
    drain, app = Drain(), Application(server)
    app.answer.set()
    starts: list[Any] = []

    async def send(message: dict[str, Any]) -> None:
        starts.append(message["headers"])

    running = drain.around(app)
    await running(HTTP, _nothing, send)
    drain.draining = True
    await running(HTTP, _nothing, send)
    await running(HTTP | {"http_version": "2"}, _nothing, send)
    assert starts == [[], [(b"connection", b"close")], []]


@pytest.mark.parametrize("draining", [False, True])
async def test_no_answer_goes_around_the_header(server: Server, draining: bool) -> None:  # noqa: FBT001
    """A server that takes whole answers is not offered one that lacks it."""
    drain, app = Drain(), Application(server)
    app.answer.set()
    drain.draining = draining
    scope = {**HTTP, WHOLE: object()}
    await drain.around(app)(scope, _nothing, server.send)
    assert (WHOLE in scope) is not draining


async def test_a_closer_that_hangs_or_fails_holds_nobody(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end goes on without it."""
    monkeypatch.setattr(module, "_CLOSING", 0.01)
    drain, app = Drain(), Application(server)

    async def fails() -> None:
        raise RuntimeError

    drain.closes(asyncio.Event().wait)  # type: ignore[arg-type]
    drain.closes(fails)
    with _running(drain, app, server):
        await app.started.wait()
        drain.begin()
        await server.left.wait()
    assert server.events == ["signal 2", "closed", "left"]


async def test_a_request_without_end_is_not_waited_for(server: Server) -> None:
    """Past the time that a request may take, the process ends all the same."""
    drain, app = Drain(patience=0.01), Application(server)
    with _running(drain, app, server) as (running, _):
        await app.started.wait()
        request = asyncio.ensure_future(running(HTTP, _nothing, server.send))
        await asyncio.sleep(0)
        drain.begin()
        await server.left.wait()
        request.cancel()
    assert server.events == ["signal 2", "closed", "left"]


def test_the_longest_end_counts_every_part() -> None:
    """Whoever kills what does not end by itself leaves time for window, request and telemetry."""
    assert Drain(window=5, patience=15.5).longest >= 5 + 15.5 + 3
