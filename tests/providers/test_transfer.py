"""One exchange: its deadline, its size, and the errors of the wire."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.domain.departure import gated
from gateway.domain.errors import (
    BadUserInput,
    Garbled,
    NotOffered,
    ProviderError,
    Rejected,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from gateway.domain.provider import Operation, Verb
from gateway.domain.records import Provider
from gateway.providers.signing import NoAuth
from gateway.providers.transfer import (
    MESSAGES,
    Answer,
    Call,
    Limits,
    error_of_status,
    exchange,
    offered,
    page_number,
    retry_after,
    sendable,
)
from gateway.transport.request import Endpoint
from tests.providers.answers import Prepared

CALL = Call(provider=Provider.VOD, operation="GetTranscodeSummary")
Serve = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(serve: Serve) -> AsyncIterator[str]:
    """Serve raw bytes to whoever connects."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await serve(writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def fetch(
    http: httpx.AsyncClient, url: str, *, total_timeout: float = 5, max_body_bytes: int = 100_000
) -> Answer:
    """Make one exchange."""
    return await exchange(
        http,
        NoAuth(),
        Endpoint(url),
        method="GET",
        headers={},
        call=CALL,
        limits=Limits(total_timeout=total_timeout, max_body_bytes=max_body_bytes),
    )


def sending(body: bytes, *headers: str, length: int | None = None) -> Serve:
    """Return a server of one body."""

    async def serve(writer: asyncio.StreamWriter) -> None:
        lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body) if length is None else length}", *headers]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return serve


async def test_an_answer_is_read_whole(http: httpx.AsyncClient) -> None:
    """Status, headers and body come back, compressed or not."""
    for serve in (sending(b"text"), sending(gzip.compress(b"text"), "Content-Encoding: gzip")):
        async with answering(serve) as url:
            answer = await fetch(http, url)
        assert (answer.status, answer.body) == (200, b"text")
        assert "content-length" in answer.headers


async def test_a_request_names_its_host_and_takes_nothing_but_gzip() -> None:
    """What httpx would add is there, and only codings whose unpacked size is bounded are asked for."""
    answer = Prepared({})
    async with answer.http as http:
        await fetch(http, "https://h.example:90/")
    [request] = answer.requests
    assert dict(request.headers) == {"host": "h.example:90", "accept-encoding": "gzip"}


async def test_a_request_waits_at_the_gate_with_its_connection_made(http: httpx.AsyncClient) -> None:
    """Not a byte leaves before the gate opens; what takes long, connecting, is over by then."""
    connected, opened, asked = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await sending(b"text")(writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        with gated(opened.wait):  # type: ignore[arg-type]
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            exchange = asyncio.create_task(fetch(http, url, total_timeout=20))
        await connected.wait()
        await asyncio.sleep(0.05)
        assert not asked.is_set()
        opened.set()
        assert (await exchange).body == b"text"


async def test_a_dripping_body_ends_at_the_total_deadline(http: httpx.AsyncClient) -> None:
    """Bytes that keep coming do not prolong the exchange."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        await sending(b"", length=1000)(writer)
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with answering(drip) as url:
        started = time.monotonic()
        with pytest.raises(TimedOut):
            await fetch(http, url, total_timeout=0.3)
        assert time.monotonic() - started > 0.25


async def test_a_silent_server_ends_at_the_total_deadline(http: httpx.AsyncClient) -> None:
    """No byte at all is a timeout as well."""

    async def wait(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    async with answering(wait) as url:
        with pytest.raises(TimedOut):
            await fetch(http, url, total_timeout=0.1)


async def test_the_clients_own_timeouts_are_timeouts_too() -> None:
    """Whichever clock runs out first, the verdict is the same."""

    async def wait(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    async with httpx.AsyncClient(timeout=0.1) as http, answering(wait) as url:
        with pytest.raises(TimedOut):
            await fetch(http, url)


@pytest.mark.parametrize(("size", "accepted"), [(1000, True), (1001, False)])
@pytest.mark.parametrize("compressed", [False, True])
async def test_the_size_is_limited_after_decompression(
    http: httpx.AsyncClient, size: int, *, compressed: bool, accepted: bool
) -> None:
    """The limit itself is accepted, one byte more is not."""
    body = b"x" * size
    serve = sending(gzip.compress(body), "Content-Encoding: gzip") if compressed else sending(body)
    async with answering(serve) as url:
        if accepted:
            assert (await fetch(http, url, max_body_bytes=1000)).body == body
        else:
            with pytest.raises(Garbled):
                await fetch(http, url, max_body_bytes=1000)


async def test_a_bomb_is_not_unpacked(http: httpx.AsyncClient) -> None:
    """Fifty megabytes in fifty kilobytes are refused without ever being there."""
    async with answering(sending(gzip.compress(bytes(50_000_000)), "Content-Encoding: gzip")) as url:
        with pytest.raises(Garbled):
            await fetch(http, url)


@pytest.mark.parametrize(
    "serve",
    [
        sending(gzip.compress(b"x" * 1000)[:-5], "Content-Encoding: gzip"),
        sending(b"not gzip", "Content-Encoding: gzip"),
        sending(b"x", "Content-Encoding: br"),
    ],
    ids=["cut short", "not gzip", "not asked for"],
)
async def test_a_body_that_cannot_be_unpacked_is_garbled(http: httpx.AsyncClient, serve: Serve) -> None:
    """Bytes came, and they are not what their header says."""
    async with answering(serve) as url:
        with pytest.raises(Garbled):
            await fetch(http, url)


async def test_a_connection_lost_midway_is_unavailable(http: httpx.AsyncClient) -> None:
    """Before the answer or within it, another try makes sense."""

    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    for serve in (hang_up, sending(b"half", length=8)):
        async with answering(serve) as url:
            with pytest.raises(Unavailable) as caught:
                await fetch(http, url)
        assert caught.value.retryable


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://nowhere.invalid/"])
async def test_no_connection_is_unavailable(http: httpx.AsyncClient, url: str) -> None:
    """Refused or without an address: the error names the call and not the place."""
    with pytest.raises(Unavailable) as caught:
        await fetch(http, url)
    error = caught.value
    assert (error.provider, error.operation) == (Provider.VOD, "GetTranscodeSummary")
    assert url not in str(error)


async def test_a_redirect_is_not_followed() -> None:
    """Even by a client that would: signed requests go where they are configured to go."""

    async def redirect(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    async with httpx.AsyncClient(follow_redirects=True) as http, answering(redirect) as url:
        assert (await fetch(http, url)).status == 302


async def test_a_cancelled_exchange_stays_cancelled(http: httpx.AsyncClient) -> None:
    """A caller that gives up is not told of a timeout."""

    async def wait(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    async with answering(wait) as url:
        task = asyncio.create_task(fetch(http, url))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, None),
        (204, None),
        (302, Garbled),
        (400, Rejected),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, Rejected),
        (408, Unavailable),
        (429, Throttled),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_a_status_alone_has_a_verdict(status: int, expected: type[ProviderError] | None) -> None:
    """HTTP's own meaning, where a provider says no more."""
    assert error_of_status(status) is expected


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-acs-retry-after": "250"}, 0.25),
        ({"retry-after": "3"}, 3.0),
        ({"x-acs-retry-after": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "9" * 400}, 120.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({"retry-after": "-1"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_a_provider_asks_for_is_in_seconds(
    headers: dict[str, str], seconds: float | None
) -> None:
    """Alibaba Cloud counts milliseconds, HTTP seconds, and nobody may ask for more than two minutes."""
    assert retry_after(httpx.Headers(headers)) == seconds


def test_every_kind_of_failure_has_one_sentence() -> None:
    """An error of a call carries what support needs, and a message of ours."""
    for kind, message in MESSAGES.items():
        error = CALL.failed(kind, request_id="r", provider_code="c", retry_after=1)
        assert type(error) is kind
        assert (error.message, error.request_id, error.provider_code) == (message, "r", "c")


def test_only_what_is_on_offer_is_called() -> None:
    """A missing verb is the client's error, a wrong number of keys the caller's."""
    operation = Operation(name="GetTranscodeTask", max_keys=2, per_second=1, documented=True)
    operations = {Verb.TASK_BY_ID: operation}
    assert offered(Provider.VOD, operations, Verb.TASK_BY_ID, 2) is operation
    with pytest.raises(NotOffered):
        offered(Provider.VOD, operations, Verb.JOBS_BY_ID, 1)
    for keys in (0, 3):
        with pytest.raises(ValueError, match="1 to 2 keys"):
            offered(Provider.VOD, operations, Verb.TASK_BY_ID, keys)


@pytest.mark.parametrize("key", ["", "a,b", "a\n", "a\x00b", " a", "a ", "a\u2028b"])
def test_an_odd_id_is_not_sent(key: str) -> None:
    """A comma, a control character or a space around it never reaches a provider."""
    with pytest.raises(BadUserInput):
        sendable(Provider.VOD, key)


def test_other_ids_are_sent_as_they_are() -> None:
    """Documents mask ids with asterisks, and nothing forbids other alphabets."""
    assert [sendable(Provider.VOD, key) for key in ("d486****", "微帧")] == ["d486****", "微帧"]


def test_a_page_is_a_number() -> None:
    """None is the first page; what no listing ever said is refused."""
    assert page_number(Provider.VOD, None, first=1) == 1
    assert page_number(Provider.VOD, "17", first=1) == 17
    for page in ("", "-1", "1_0", "²", "9" * 10, "1\n"):
        with pytest.raises(BadUserInput):
            page_number(Provider.VOD, page, first=1)
