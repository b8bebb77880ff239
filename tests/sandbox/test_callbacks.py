"""Notifications over HTTP."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import md5
from typing import Any

import pytest

from gateway.sandbox.app import create_app

from .clients import Caller, Clock


@asynccontextmanager
async def listener() -> AsyncIterator[tuple[int, asyncio.Queue[bytes]]]:
    """A server that takes down every request and answers 200."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(
            next(line for line in head.lower().split(b"\r\n") if b"content-length" in line).split()[1]
        )
        heard.put_nowait(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], heard


async def test_ends_are_told_signed(clock: Clock) -> None:
    """When work ends by the world's clock, its provider's target hears of it, signed as documented."""
    async with listener() as (port, heard), Caller(create_app(now=clock, quota=math.inf)) as caller:
        url = f"http://127.0.0.1:{port}/push/vod"
        targets = [{"provider": "VOD", "url": url, "key": "test123"}]
        answer = await caller.http.post("/_sandbox/callbacks", json=targets)
        assert answer.json() == {"targets": {"VOD": url}, "answers": {}}
        clock.moment += 5
        async with asyncio.timeout(20):
            request = await heard.get()
        head = dict(line.split(": ", 1) for line in request.decode().split("\r\n\r\n")[0].split("\r\n")[1:])
        text = f"{url}|{head['X-VOD-TIMESTAMP']}|test123".encode()
        assert head["X-VOD-SIGNATURE"] == md5(text, usedforsecurity=False).hexdigest()
        assert b'"EventType":"TranscodeComplete"' in request
        answer = await caller.http.delete("/_sandbox/callbacks")
        assert answer.json() == {"targets": {}, "answers": {}}


@pytest.mark.parametrize(
    "target",
    [
        {"provider": "OTHER", "url": "http://127.0.0.1:1/"},
        {"provider": "VOD", "url": "http://example.com:80/"},
        {"provider": "VOD", "url": "https://127.0.0.1:1/"},
        {"provider": "VOD", "url": "http://127.0.0.1/"},
        {"provider": "VOD", "url": "http://127.0.0.1:1/\r\nX: y"},
        {"provider": "VOD"},
    ],
)
async def test_nothing_leaves_this_machine(caller: Caller, target: dict[str, Any]) -> None:
    """A target that is not a plain address on loopback is refused."""
    answer = await caller.http.post("/_sandbox/callbacks", json=[target])
    assert answer.status_code == 400
    assert answer.json()["error"]
