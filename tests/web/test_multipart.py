"""Answers in parts over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from gateway.web.multipart import PartStream, takes_parts


@pytest.mark.parametrize(
    ("accept", "takes"),
    [
        ("multipart/mixed;incrementalSpec=v0.2,application/json", True),
        ('application/json, Multipart/Mixed; incrementalSpec="v0.2"', False),
        ('application/json, multipart/mixed; boundary="-"; incrementalSpec="v0.2"', True),
        ("multipart/mixed;deferSpec=20220824,application/json", False),
        ("multipart/mixed;boundary=graphql;subscriptionSpec=1.0", False),
        ("multipart/mixed", False),
        ("*/*", False),
        (None, False),
    ],
)
def test_a_client_says_which_parts_it_knows(accept: str | None, takes: object) -> None:
    """There are several dialects, and we write one."""
    assert takes_parts(accept) is takes


class _Parts:
    def __init__(self) -> None:
        self.closed = False

    async def __call__(self, *, stuck: bool) -> AsyncGenerator[bytes]:
        try:
            yield b'{"a":1}'
            if stuck:
                await asyncio.Event().wait()
            yield b'{"a":2}'
        finally:
            self.closed = True


async def _connected() -> Any:
    await asyncio.Event().wait()


async def test_a_part_ends_with_its_delimiter() -> None:
    """What is sent is multipart, and a client need not await the next part to know that one is complete."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    parts = _Parts()
    await PartStream(parts(stuck=False), {"X-Request-Id": "r"}).run(_connected, send)
    start, *bodies = sent
    headers = dict(start["headers"])
    assert headers[b"content-type"] == b'multipart/mixed; boundary="-"; incrementalSpec=v0.2'
    assert headers[b"x-request-id"] == b"r"
    head = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"
    assert [body["body"] for body in bodies] == [
        b"\r\n---" + head + b'{"a":1}\r\n---',
        head + b'{"a":2}\r\n---',
        b"--\r\n",
    ]
    assert [body["more_body"] for body in bodies] == [True, True, False]
    assert parts.closed


async def test_whoever_leaves_is_not_waited_for() -> None:
    """A client that goes away ends the work on what it would have been sent."""
    gone = asyncio.Event()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            gone.set()

    async def receive() -> Any:
        await gone.wait()
        return {"type": "http.disconnect"}

    parts = _Parts()
    await PartStream(parts(stuck=True), {}).run(receive, send)
    assert parts.closed
