"""Answers in parts over HTTP: multipart/mixed, each part a payload of incremental delivery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING

from gateway.web.guards import SECURITY, head

if TYPE_CHECKING:
    from litestar.types import Receive, Send

_SPEC = "incrementalspec=v0.2"
_TYPE = 'multipart/mixed; boundary="-"; incrementalSpec=v0.2'
_HEADERS = {
    "Content-Type": _TYPE,
    "X-Accel-Buffering": "no",  # nginx would hold parts back until its buffer is full
    **SECURITY,
}
_PART = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n%b\r\n---"


def takes_parts(accept: str | None) -> bool:
    """Return whether a client takes answers in parts, of the kind that we write."""
    if accept is None or "multipart/mixed" not in accept:
        return False
    for entry in accept.lower().split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        if name == "multipart/mixed" and _SPEC in (
            one.replace(" ", "").replace('"', "") for one in parameters
        ):
            return True
    return False


class PartStream:
    """One answer in parts.

    A delimiter follows its part at once, so that a client knows the part's end before the next one comes.

    Args:
        parts: Encoded payloads.
        headers: Headers of the response besides those that every such answer has.
    """

    __slots__ = ("_headers", "_parts")

    def __init__(self, parts: AsyncGenerator[bytes], headers: Mapping[str, str]) -> None:
        self._parts = parts
        self._headers = {**_HEADERS, **headers}

    async def run(self, receive: Receive, send: Send) -> None:
        """Send all of it; stop when nobody listens any more."""
        sending = asyncio.ensure_future(self._sent(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _sent(self, send: Send) -> None:
        await send(head(200, self._headers))
        opening = b"\r\n---"
        async with aclosing(self._parts) as parts:
            async for part in parts:
                await send({"type": "http.response.body", "body": opening + _PART % part, "more_body": True})
                opening = b""
        await send({"type": "http.response.body", "body": b"--\r\n", "more_body": False})


async def _left(receive: Receive) -> None:
    """Wait for the client to leave."""
    while (await receive())["type"] != "http.disconnect":
        pass
