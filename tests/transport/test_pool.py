"""Which connection a request takes, and what comes of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.transport.pool import Pool
from tests.transport.servers import OK, Serve, Talk, always, certificate, saying, serving


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    """A transport as the composition root makes it."""
    async with Pool() as pool:
        yield pool


async def fetch(pool: Pool, url: str, **request: object) -> httpx.Response:
    """Send one request and read its answer."""
    async with asyncio.timeout(20):
        response = await pool.handle_async_request(httpx.Request("POST", url, **request))  # type: ignore[arg-type]
        await response.aread()
        await response.aclose()
    return response


async def _pieces() -> AsyncIterator[bytes]:
    yield b"piece"


async def test_a_request_is_sent_as_it_is(pool: Pool) -> None:
    """Target, headers and body, byte by byte: they are signed."""
    heard: list[bytes] = []

    async def serve(talk: Talk) -> None:
        heard.append(await talk.asked())
        heard.append(await talk.reader.readexactly(4))
        await talk.say(OK)

    async with serving(serve) as url:
        response = await fetch(pool, f"{url}a%2Fb?c=d%2Ce", headers={"x-acs-a": "1"}, content=b"body")
    assert (response.status_code, response.content) == (200, b"text")
    lines = heard[0].split(b"\r\n")
    assert lines[0] == b"POST /a%2Fb?c=d%2Ce HTTP/1.1"
    assert {b"x-acs-a: 1", b"Content-Length: 4"} < set(lines)
    assert heard[1] == b"body"


async def test_connections_are_used_again(pool: Pool) -> None:
    """One after the other on one, at the same time on several."""
    taken: list[int] = []

    async def serve(talk: Talk) -> None:
        while True:
            await talk.asked()
            taken.append(talk.number)
            await talk.say(OK)

    async with serving(serve) as url:
        for _ in range(3):
            await fetch(pool, url)
        assert taken == [1, 1, 1]
        await asyncio.gather(*(fetch(pool, url) for _ in range(3)))
        assert sorted(taken[3:]) == [1, 2, 3]


async def test_an_unread_answer_takes_its_connection_with_it(pool: Pool) -> None:
    """The rest of it would be taken for the next one."""
    taken: list[int] = []

    async def serve(talk: Talk) -> None:
        await talk.asked()
        taken.append(talk.number)
        await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await talk.reader.read()

    async with serving(serve) as url:
        for _ in range(2):
            response = await pool.handle_async_request(httpx.Request("GET", url))
            await response.aclose()
    assert taken == [1, 2]


async def test_a_body_that_nobody_read_is_not_the_next_ones(pool: Pool) -> None:
    """It is whole, so that the connection is good for another request, and it is gone."""
    answers = iter((b"HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nwrong", OK))

    async def serve(talk: Talk) -> None:
        for answer in answers:
            await talk.asked()
            await talk.say(answer)
        await talk.reader.read()

    async with serving(serve) as url:
        unread = await pool.handle_async_request(httpx.Request("GET", url))
        await unread.aclose()
        assert (await fetch(pool, url)).content == b"text"


async def test_a_connection_hung_up_on_is_not_used_again(pool: Pool) -> None:
    """Even if the server does so while the request waits for its turn to leave."""
    hung_up = asyncio.Event()

    async def serve(talk: Talk) -> None:
        await talk.asked()
        await talk.say(OK)
        if talk.number == 1:
            await hung_up.wait()
        else:
            await always(talk)

    waited = 0

    async def wait(_event: str, _info: object) -> None:
        nonlocal waited
        waited += 1
        if waited == 1:
            hung_up.set()
            await asyncio.sleep(0.1)

    async with serving(serve) as url:
        await fetch(pool, url)
        assert (await fetch(pool, url, extensions={"trace": wait})).status_code == 200
    assert waited == 2  # and it has its turn to leave on the new connection


async def test_a_connection_is_not_kept_for_ever() -> None:
    """Servers hang up on idle ones, and some without a word."""
    numbers: list[int] = []

    async def serve(talk: Talk) -> None:
        while True:
            await talk.asked()
            numbers.append(talk.number)
            await talk.say(OK)

    async with Pool(keep_for=0.05) as pool, serving(serve) as url:
        await fetch(pool, url)
        await asyncio.sleep(0.2)
        await fetch(pool, url)
    assert numbers == [1, 2]


async def test_no_more_connections_are_kept_than_agreed() -> None:
    """Those beyond are closed at once."""
    closed = asyncio.Event()

    async def serve(talk: Talk) -> None:
        try:
            await always(talk)
        finally:
            closed.set()

    async with Pool(keep=1) as pool, serving(serve) as url:
        await asyncio.gather(*(fetch(pool, url) for _ in range(2)))
        async with asyncio.timeout(20):
            await closed.wait()


@pytest.mark.parametrize(
    ("serve", "error"),
    [(saying(), httpx.RemoteProtocolError), (saying(b"nonsense\r\n\r\n"), httpx.RemoteProtocolError)],
)
async def test_no_answer_is_an_error(pool: Pool, serve: Serve, error: type[Exception]) -> None:
    """A server that hangs up may have acted: whether to ask again is not decided here."""
    async with serving(serve) as url:
        with pytest.raises(error):
            await fetch(pool, url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://nowhere.invalid/", "http://[::1]:1/"])
async def test_no_connection_is_an_error(pool: Pool, url: str) -> None:
    """Refused, or without an address."""
    with pytest.raises(httpx.ConnectError):
        await fetch(pool, url)


async def test_connecting_takes_no_longer_than_agreed() -> None:
    """A port whose queue is full answers nobody."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(address)
        try:
            with pytest.raises(httpx.ConnectTimeout):
                await fetch(Pool(connect_timeout=0.1), f"http://127.0.0.1:{address[1]}/")
        finally:
            for one in waiting:
                one.close()


async def test_reading_takes_no_longer_than_the_request_says(pool: Pool) -> None:
    """For the headers and for each piece of the body."""

    async def silent(talk: Talk) -> None:
        await talk.asked()
        if talk.number == 2:
            await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await talk.reader.read()

    async with serving(silent) as url:
        for _ in range(2):
            with pytest.raises(httpx.ReadTimeout):
                await fetch(pool, url, extensions={"timeout": {"read": 0.1}})


async def test_giving_up_closes_the_connection(pool: Pool) -> None:
    """The answer that may still come is nobody's."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def serve(talk: Talk) -> None:
        await talk.asked()
        asked.set()
        await talk.reader.read()
        gone.set()

    async with serving(serve) as url:
        task = asyncio.create_task(fetch(pool, url))
        async with asyncio.timeout(20):
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await gone.wait()


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (httpx.Request("GET", "http://127.0.0.1:1/", headers={"a": "b\r\nc: d"}), httpx.LocalProtocolError),
        (httpx.Request("GET", "http://127.0.0.1:1/", headers={"a": "b\nc: d"}), httpx.LocalProtocolError),
        (httpx.Request("GET", "http://127.0.0.1:1/", headers={"a": "\0"}), httpx.LocalProtocolError),
        (httpx.Request("POST", "http://127.0.0.1:1/", content=_pieces()), httpx.UnsupportedProtocol),
        (httpx.Request("HEAD", "http://127.0.0.1:1/"), httpx.UnsupportedProtocol),
        (httpx.Request("GET", "ftp://127.0.0.1:1/"), httpx.UnsupportedProtocol),
    ],
    ids=["a break", "half a break", "a zero", "no length", "HEAD", "ftp"],
)
async def test_what_cannot_be_sent_is_not(
    pool: Pool, request_: httpx.Request, error: type[Exception]
) -> None:
    """Nothing is connected to for it either."""
    with pytest.raises(error):
        await pool.handle_async_request(request_)


async def test_certificates_are_verified(pool: Pool, tmp_path: Path) -> None:
    """An unknown authority is no connection; a known one is, if the name is right."""
    key = certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(key)
    trusting = ssl.create_default_context(cafile=str(key))
    async with serving(always, ssl=server) as url:
        with pytest.raises(httpx.ConnectError):
            await fetch(pool, url)
        async with Pool(verify=trusting) as trusted:
            assert (await fetch(trusted, url)).content == b"text"
            with pytest.raises(httpx.ConnectError):
                await fetch(trusted, url.replace("127.0.0.1", "localhost"))
