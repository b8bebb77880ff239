"""How an answer travels to the client: whole, or as the faults of transport have it."""

import asyncio
import os
import socket
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from stat import S_ISSOCK
from typing import Final

from gateway.sandbox.messages import Answer, Receive, Scope, Send
from gateway.sandbox.rules import AnyRule, Drip, GzipBomb, Oversize, Reset, Truncate

PIECE: Final = 65_536  # bytes sent at a time
FLUSH: Final = 0.05  # seconds a server gets to write out what it was given, before the socket is shut
GZIP: Final = 16 + zlib.MAX_WBITS  # zlib's way of asking for gzip


async def deliver(answer: Answer, rule: AnyRule | None, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the answer."""
    body = answer.body
    match rule:
        case Reset():
            hang_up(scope)
            # The server still expects an answer; it goes nowhere.
            await _start(answer, len(body), send)
            await _finish(body, send)
        case Truncate(content_length="matching"):
            await _start(answer, len(body) // 2, send)
            await _finish(body[: len(body) // 2], send)
        case Truncate():
            half = len(body) // 2
            await _start(answer, len(body), send)
            await send({"type": "http.response.body", "body": body[:half], "more_body": True})
            await asyncio.sleep(FLUSH)
            hang_up(scope)
            await _finish(body[half:], send)
        case Drip():
            await _drip(answer, rule.bytes_per_second, receive, send)
        case Oversize():
            size = max(rule.bytes, len(body))
            await _start(answer, size, send)
            await send({"type": "http.response.body", "body": body, "more_body": True})
            for sent in range(len(body), size, PIECE):
                blanks = b" " * min(PIECE, size - sent)
                await send({"type": "http.response.body", "body": blanks, "more_body": True})
            await _finish(b"", send)
        case GzipBomb():
            # Compressing hundreds of megabytes takes a second or two, during which others want answers.
            bomb = await asyncio.to_thread(_bomb, body, rule.bytes)
            await _start(answer, len(bomb), send, ("content-encoding", "gzip"))
            await _finish(bomb, send)
        case _:
            await _start(answer, len(body), send)
            await _finish(body, send)


def hang_up(scope: Scope) -> None:
    """Close the client's connection under the server's feet.

    ASGI offers no way to drop a connection before answering. But server and application share a process, so
    the socket is among its file descriptors, recognisable by the client's address.

    Raises:
        ConnectionResetError: If there is no such socket, because the application is called in process.
    """
    host, port = scope["client"]
    for path in Path("/dev/fd").iterdir():
        descriptor = int(path.name)
        # The descriptor may be gone by now, or be a socket that has no peer.
        with suppress(OSError):
            if not S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
            with socket.socket(fileno=os.dup(descriptor)) as connection:
                if connection.getpeername()[:2] == (host, port):
                    connection.shutdown(socket.SHUT_RDWR)
                    return
    raise ConnectionResetError("The sandbox was told to drop this connection.")


async def _start(answer: Answer, length: int, send: Send, *more: tuple[str, str]) -> None:
    headers = [("content-type", answer.content_type), ("content-length", str(length)), *answer.headers, *more]
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers],
        }
    )


async def _finish(body: bytes, send: Send) -> None:
    await send({"type": "http.response.body", "body": body})


async def _drip(answer: Answer, rate: float, receive: Receive, send: Send) -> None:
    """Send byte by byte, until the end or until the client has had enough."""
    await _start(answer, len(answer.body), send)
    gone = asyncio.ensure_future(receive())
    try:
        # Above a hundred bytes a second several go at once: a timer finer than 10 ms is not to be had.
        step = max(1, round(rate / 100))
        for sent in range(0, len(answer.body), step):
            await send(
                {"type": "http.response.body", "body": answer.body[sent : sent + step], "more_body": True}
            )
            if (await asyncio.wait({gone}, timeout=step / rate))[0]:
                return
        await _finish(b"", send)
    finally:
        gone.cancel()


@lru_cache(maxsize=2)
def _bomb(body: bytes, size: int) -> bytes:
    packer = zlib.compressobj(wbits=GZIP)
    blanks = b" " * (1 << 20)
    parts = [packer.compress(body)]
    left = max(0, size - len(body))
    parts += [
        packer.compress(blanks[: min(len(blanks), left - done)]) for done in range(0, left, len(blanks))
    ]
    return b"".join([*parts, packer.flush()])
