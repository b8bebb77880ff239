"""Connections, over real sockets: what is known is answered at once, and nobody is waited for too long."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from gateway.server import connection
from gateway.server.connection import Connection
from gateway.server.shortcut import SHORTCUT, WHOLE, Answer

KNOWN = b"known"
ROOM = 16 * 1024 * 1024


class Application:
    """Answers with the body it was sent, and knows one answer beforehand.

    Attributes:
        wholly: Whether requests that are there whole are answered so.
        whole: Bodies of those that were.
        long: Bodies that went the long way.
        by_bytes: How many requests were known by their bytes.
        hold: Set to let requests to ``/wait`` be answered.
        left: How many clients left before they were answered.
        connections: Those of its server.
    """

    def __init__(self, *, wholly: bool = False) -> None:
        self.wholly = wholly
        self.whole: list[bytes] = []
        self.long: list[bytes] = []
        self.by_bytes = 0
        self.left = 0
        self.connections: set[Any] = set()
        self.hold = asyncio.Event()
        self._seen: set[bytes] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Run."""
        if scope["type"] == "lifespan":
            scope["state"][SHORTCUT] = self
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
            return
        if scope["path"] == "/refuse":
            await _send(send, b"no")
            return
        whole = scope.pop(WHOLE, None) if self.wholly else None
        if whole is not None:
            self.whole.append(whole.body)
            if whole.body.startswith(b"wait"):
                await self.hold.wait()
            body = bytes(ROOM) if whole.body == b"much" else whole.body
            await whole.give(Answer(200, b"content-length: %d\r\n" % len(body), body))
            return
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left += 1
                return
            body += message["body"]
            more = message["more_body"]
        self.long.append(body)
        if scope["path"] == "/wait":
            await self.hold.wait()
        await _send(send, bytes(ROOM) if scope["path"] == "/much" else body)

    def takes(self, scope: Any) -> bool:
        """See `Shortcut`."""
        return bool(scope["path"] == "/")

    def repeated(self, data: bytes, address: str | None) -> Answer | None:
        """See `Shortcut`."""
        if data not in self._seen:
            return None
        self.by_bytes += 1
        return _answer(address)

    def recognised(self, scope: Any, body: bytes, data: bytes | None, address: str | None) -> Answer | None:
        """See `Shortcut`."""
        if body != KNOWN:
            return None
        if data is not None:
            self._seen.add(data)
        return _answer(address)


def _answer(address: str | None) -> Answer:
    assert address == "127.0.0.1"
    return Answer(200, b"content-length: 5\r\n", b"again")


async def _send(send: Any, body: bytes) -> None:
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def send(self, *parts: bytes) -> None:
        """Send some bytes, and let them arrive."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0.01)

    async def answer(self) -> tuple[int, bytes]:
        """Return the status and the body of the next answer."""
        async with asyncio.timeout(20):
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            assert b"\r\ndate: " in head or b" 431 " in head
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return int(head.split()[1]), await self._reader.readexactly(length)

    async def head(self) -> bytes:
        """Return the head of the next answer; its body is read with it."""
        async with asyncio.timeout(20):
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            await self._reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            return head

    async def is_left(self) -> None:
        """Wait for the server to close the connection."""
        async with asyncio.timeout(20):
            assert await self._reader.read() == b""


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something to hold."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(app: Application, idle: float = 30.0) -> AsyncIterator[int]:
    """Serve an application on this event loop; yield its port."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=Connection,
        log_level="critical",
        timeout_keep_alive=idle,  # type: ignore[arg-type]
    )
    server = uvicorn.Server(config)
    app.connections = server.server_state.connections
    serving = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        app.hold.set()
        server.should_exit = True
        await serving


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    """Open a connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


def post(body: bytes, path: str = "/", *more: str) -> tuple[bytes, bytes]:
    """Return a request's head and body."""
    lines = [f"POST {path} HTTP/1.1", "host: x", f"content-length: {len(body)}", *more]
    return "\r\n".join([*lines, "", ""]).encode(), body


async def test_what_is_known_is_answered_where_it_is_read() -> None:
    """By what it says, and from then on by its bytes; between them others go the long way."""
    app = Application()
    async with running(app) as port, connected(port) as client:
        for body, expected in ((KNOWN, b"again"), (b"other", b"other"), (KNOWN, b"again"), (KNOWN, b"again")):
            await client.send(b"".join(post(body)))
            assert await client.answer() == (200, expected)
    assert app.long == [b"other"]
    assert app.by_bytes == 2


async def test_a_body_may_come_apart_from_its_head() -> None:
    """As many clients send it; what is known so is known by its bytes when they come in one piece."""
    app = Application()
    head, body = post(KNOWN)
    async with running(app) as port, connected(port) as client:
        for parts in (
            (head, body),
            (head[:20], head[20:], body[:2], body[2:]),
            (head + body,),
            (head + body,),
        ):
            await client.send(*parts)
            assert await client.answer() == (200, b"again")
    assert app.long == []
    assert app.by_bytes == 1


async def test_a_body_that_is_late_is_waited_for_on_the_long_way() -> None:
    """It is the application that says how long it waits."""
    app = Application()
    head, body = post(KNOWN)
    async with running(app) as port, connected(port) as client:
        await client.send(head, body[:2])
        await asyncio.sleep(4 * connection._MOMENT)
        await client.send(body[2:])
        assert await client.answer() == (200, KNOWN)
        await client.send(head + body)
        assert await client.answer() == (200, b"again")
    assert app.long == [KNOWN]


async def test_requests_that_come_at_once_are_answered_in_their_order() -> None:
    """Known ones and others, in one piece and cut anywhere."""
    app = Application()
    asked = [b"one", KNOWN, KNOWN, b"two", KNOWN]
    data = b"".join(part for body in asked for part in post(body))
    async with running(app) as port, connected(port) as client:
        for cut in (0, 30, 75, len(data) - 3):
            await client.send(*filter(None, (data[:cut], data[cut:])))
            answers = [await client.answer() for _ in asked]
            assert [body for _, body in answers][::3] == [b"one", b"two"]
            assert all(body in {b"again", KNOWN} for _, body in answers[1:3])
    # Two requests are not remembered for one.
    assert not any(data.startswith(seen) and seen != b"".join(post(KNOWN)) for seen in app._seen)


async def test_what_is_there_whole_may_be_answered_whole() -> None:
    """However it came, and one after the other; what came too late, or is the last, goes by messages."""
    app = Application(wholly=True)
    head, body = post(b"one")
    async with running(app) as port, connected(port) as client:
        for parts in ((head + body,), (head, body), (head[:20], head[20:] + body[:1], body[1:])):
            await client.send(*parts)
            assert await client.answer() == (200, b"one")
        await client.send(b"".join(post(b"two") + post(b"three") + post(KNOWN)))
        assert [(await client.answer())[1] for _ in range(3)] == [b"two", b"three", KNOWN]
        await client.send(b"".join(post(b"last", "/", "connection: close")))
        assert await client.answer() == (200, b"last")
        await client.is_left()
    assert app.whole[:3] == [b"one"] * 3
    assert app.long[-1] == b"last"


async def test_a_server_that_ends_closes_behind_a_whole_answer() -> None:
    """The client is told, as with any other."""
    app = Application(wholly=True)
    async with running(app) as port, connected(port) as client:
        await client.send(b"".join(post(b"wait")))
        await until(lambda: bool(app.whole))
        for one in list(app.connections):
            one.shutdown()
        app.hold.set()
        assert b"connection: close\r\n" in await client.head()
        await client.is_left()


async def test_a_whole_answer_waits_for_whoever_does_not_read() -> None:
    """And is not sent to who left."""
    app = Application(wholly=True)
    async with running(app) as port:
        async with connected(port) as client:
            await client.send(b"".join(post(b"much")), b"".join(post(b"one")))
            assert await client.answer() == (200, bytes(ROOM))
            assert await client.answer() == (200, b"one")
        async with connected(port) as client:
            await client.send(b"".join(post(b"wait")))
            await until(lambda: b"wait" in app.whole)
        await until(lambda: not app.connections)
        app.hold.set()
        async with connected(port) as client:
            await client.send(b"".join(post(b"two")))
            assert await client.answer() == (200, b"two")


async def test_a_shortcut_that_fails_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's answer depends on it."""

    def fails(*_: object) -> Answer:
        raise RuntimeError

    app = Application()
    async with running(app) as port, connected(port) as client:
        for name in ("recognised", "repeated"):
            monkeypatch.setattr(app, name, fails)
            await client.send(b"".join(post(KNOWN)))
            assert await client.answer() == (200, KNOWN)
    assert app.long == [KNOWN, KNOWN]


async def test_a_client_that_leaves_meanwhile_is_forgotten() -> None:
    """Its request was not begun, and is not."""
    app = Application()
    head, body = post(KNOWN)
    async with running(app) as port:
        async with connected(port) as client:
            await client.send(head, body[:2])
        async with connected(port) as client:
            await client.send(head + body)
            assert await client.answer() == (200, b"again")
        await asyncio.sleep(2 * connection._MOMENT)
    assert app.long == []
    assert app.left == 0


@pytest.mark.parametrize(
    "request_",
    [
        b"".join(post(KNOWN, "/", "connection: close")),
        b"".join(post(KNOWN)).replace(b"HTTP/1.1", b"HTTP/1.0"),
    ],
)
async def test_who_wants_no_more_is_left(request_: bytes) -> None:
    """Such requests go the long way, which knows how to close."""
    app = Application()
    async with running(app) as port, connected(port) as client:
        await client.send(request_)
        assert await client.answer() == (200, KNOWN)
        await client.is_left()


async def test_an_offer_of_another_protocol_is_passed_over() -> None:
    """Java's HTTP client offers HTTP/2 with every request; what it asks is answered all the same."""
    app = Application()
    offer = "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", "Upgrade: h2c"
    async with running(app) as port, connected(port) as client:
        for asked in (b"one", KNOWN, KNOWN, b"\r\nUpgrade: h2c\r\n"):
            head, body = post(asked, "/", *offer)
            for parts in ((head + body,), (head, body)):
                await client.send(*parts)
                assert await client.answer() == (200, b"again" if asked == KNOWN else asked)


@pytest.mark.parametrize("odd", [("content-length: 2",), (f"x: {'y' * 9000}",), ("x: y",) * 200])
async def test_a_websocket_whose_handshake_is_odd_is_refused(odd: tuple[str, ...]) -> None:
    """What the other protocol makes nothing of would stay open for as long as its client likes."""
    asked = ["GET / HTTP/1.1", "host: x", "connection: upgrade", "upgrade: websocket", *odd, "", ""]
    async with running(Application()) as port, connected(port) as client:
        await client.send("\r\n".join(asked).encode())
        async with asyncio.timeout(20):
            assert b" 400 " in await client._reader.read()


async def test_a_head_may_be_so_large() -> None:
    """One that does not end is refused, however quickly it comes."""
    async with running(Application()) as port, connected(port) as client:
        await client.send(b"GET / HTTP/1.1\r\nhost: x\r\n", *[b"x: %b\r\n" % (b"y" * 30_000)] * 3)
        assert await client.answer() == (431, b"")
        await client.is_left()


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nhost: x\r\n"])
async def test_whoever_does_not_get_on_is_left(begun: bytes) -> None:
    """Before a request, and in the middle of a head."""
    async with running(Application(), idle=0.3) as port, connected(port) as client:
        await client.send(begun)
        await client.is_left()


async def test_a_body_that_nobody_wants_is_not_waited_for() -> None:
    """A client that was refused may drip its body for ever, but not here."""
    async with running(Application(), idle=0.3) as port, connected(port) as client:
        await client.send(post(bytes(1000), "/refuse")[0], b"a")
        assert await client.answer() == (200, b"no")
        await client.send(b"b")
        await client.is_left()


async def test_whoever_waits_for_an_answer_is_not_left() -> None:
    """However long it takes; and a connection in use is not idle."""
    app = Application()
    async with running(app, idle=0.3) as port, connected(port) as client:
        await client.send(b"".join(post(b"a", "/wait")))
        await asyncio.sleep(0.8)
        app.hold.set()
        assert await client.answer() == (200, b"a")
        for _ in range(8):
            await client.send(b"".join(post(KNOWN)))
            assert await client.answer() == (200, b"again")
            await asyncio.sleep(0.1)


async def test_whoever_does_not_read_is_left() -> None:
    """What waits to be sent to them takes room."""
    app = Application()
    async with running(app, idle=0.3) as port:
        with socket.create_connection(("127.0.0.1", port)) as silent:
            silent.sendall(b"".join(post(b"", "/much")))
            await until(lambda: bool(app.connections))
            await until(lambda: not app.connections)
    assert app.long == [b""]
