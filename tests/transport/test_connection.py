"""What a connection makes of the bytes that a server sends."""

from __future__ import annotations

import asyncio
import socket
from struct import pack

import httpx
import pytest

from gateway.transport.connection import Connection
from gateway.transport.turns import Turns
from tests.transport.servers import OK, Talk, saying, serving

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
REQUEST = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"


async def connected(url: str) -> Connection:
    """Open a connection."""
    address = httpx.URL(url)
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: Connection(Turns()), address.host, address.port or 80
    )
    return connection


async def answer(connection: Connection) -> tuple[int, bytes]:
    """Ask, and return status and body."""
    connection.send(REQUEST)
    async with asyncio.timeout(20):
        status, _ = await connection.head()
        body = bytearray()
        while piece := await connection.read():
            body += piece
    return status, bytes(body)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([OK], (200, b"text")),
        ([bytes([byte]) for byte in OK], (200, b"text")),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], (204, b"")),
        ([CHUNKED, b"3\r\nabc\r\n1\r\nd\r\n0\r\nX: y\r\n\r\n"], (200, b"abcd")),
        ([b"HTTP/1.1 200 OK\r\n\r\nuntil the end"], (200, b"until the end")),
        ([b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", OK], (200, b"text")),
        ([b"HTTP/1.0 500 No\r\nContent-Length: 2\r\n\r\nno"], (500, b"no")),
    ],
    ids=["whole", "byte by byte", "empty", "in chunks", "until the end", "after a hint", "HTTP/1.0"],
)
async def test_an_answer_is_read_however_it_comes(pieces: list[bytes], expected: tuple[int, bytes]) -> None:
    """Its body ends by its length, by its last chunk, or with the connection."""
    async with serving(saying(*pieces)) as url:
        connection = await connected(url)
        assert await answer(connection) == expected
        connection.close()


async def test_headers_come_as_they_were_sent() -> None:
    """Repeated ones too; those of a provisional answer and those after the body are not among them."""
    pieces = (
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nLate: 3\r\n\r\n",
    )
    async with serving(saying(*pieces)) as url:
        connection = await connected(url)
        connection.send(REQUEST)
        _, headers = await connection.head()
        assert headers == [(b"A", b"1"), (b"a", b"2"), (b"Transfer-Encoding", b"chunked")]
        assert await connection.read() == b""
        connection.close()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        CHUNKED + b"9\r\nhalf",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
    ],
    ids=[
        "nothing",
        "half a head",
        "half a body",
        "half a chunk",
        "not HTTP",
        "endless headers",
        "an upgrade",
    ],
)
async def test_what_is_no_answer_is_an_error(said: bytes) -> None:
    """Whether it ends too soon or says something else, and never in silence."""
    async with serving(saying(said)) as url:
        connection = await connected(url)
        with pytest.raises(httpx.RemoteProtocolError) as caught:
            await answer(connection)
        assert not connection.idle
        assert "HTTP/1.1" not in str(caught.value)


async def test_a_connection_that_breaks_says_so() -> None:
    """A reset is not taken for the end of a body."""

    async def reset(talk: Talk) -> None:
        await talk.asked()
        await talk.say(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        await talk.asked()
        # Closing at once, with nothing lingering, is a reset.
        talk.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
        talk.writer.transport.abort()

    async with serving(reset) as url:
        connection = await connected(url)
        connection.send(REQUEST)
        await connection.head()
        assert await connection.read() == b"half"
        connection._transport.write(REQUEST)
        with pytest.raises(httpx.ReadError):
            await connection.read()


async def test_the_next_request_follows_the_whole_answer() -> None:
    """A connection is idle between, and only where the server keeps it."""

    async def serve(talk: Talk) -> None:
        await talk.asked()
        await talk.say(OK)
        await talk.asked()
        await talk.say(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        await talk.reader.read()

    async with serving(serve) as url:
        connection = await connected(url)
        assert connection.idle
        for kept in (True, False):
            assert await answer(connection) == (200, b"text")
            assert connection.idle is kept
        connection.close()


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_nobody_asked_for_ends_the_connection(*, at_once: bool) -> None:
    """The answer that was asked for is whole; a second one would be taken for the next request's."""
    gone = asyncio.Event()

    async def serve(talk: Talk) -> None:
        await talk.asked()
        if at_once:
            await talk.say(OK + OK)
        else:
            await talk.say(OK)
            await asyncio.sleep(0.05)
            await talk.say(OK)
        await talk.reader.read()
        gone.set()

    async with serving(serve) as url:
        connection = await connected(url)
        assert await answer(connection) == (200, b"text")
        async with asyncio.timeout(20):
            await gone.wait()
        assert not connection.idle


async def test_a_server_is_not_read_faster_than_its_answer_is_used() -> None:
    """Sixty megabytes wait where they are, and all of them arrive in the end."""
    size = 60_000_000
    sent = 0

    async def serve(talk: Talk) -> None:
        nonlocal sent
        await talk.asked()
        await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        while sent < size:
            await talk.say(bytes(1_000_000))
            sent += 1_000_000

    async with serving(serve) as url:
        connection = await connected(url)
        connection.send(REQUEST)
        async with asyncio.timeout(20):
            await connection.head()
            await asyncio.sleep(0.3)
            assert sent < size / 2
            got = 0
            while piece := await connection.read():
                got += len(piece)
        assert got == size
        connection.close()
