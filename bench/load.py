"""A closed-loop generator: so many connections, each asking again as soon as it is answered."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

_TICK = os.sysconf("SC_CLK_TCK")


class Measured(Struct, frozen=True):
    """What one stretch of load gave.

    Attributes:
        per_second: Answers a second.
        per_cpu_second: Answers per second of the server's processor time, its children's included.
        p50, p99: Latency in milliseconds.
        failed: Answers of another status than the one wanted.
    """

    per_second: float
    per_cpu_second: float
    p50: float
    p99: float
    failed: int


def post(url: str, query: str, variables: dict[str, object]) -> bytes:
    """Return a whole request of GraphQL over HTTP."""
    parts = urlsplit(url)
    body = msgspec.json.encode({"query": query, "variables": variables})
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
        f"accept: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(url: str, **headers: str) -> bytes:
    """Return a whole GET request."""
    parts = urlsplit(url)
    lines = [f"GET {parts.path}?{parts.query} HTTP/1.1", f"host: {parts.netloc}", "accept: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


class _Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, requests: Iterator[bytes], status: bytes, took: list[float]) -> None:
        self._requests = requests
        self._status = status
        self._took = took
        self._buffer = b""
        self._sent = 0.0
        self.failed = 0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask at once."""
        self.transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        self._sent = time.perf_counter()
        self.transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        """Ask again once the answer is whole."""
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        self._buffer = b""
        if head[9:12] != self._status:
            self.failed += 1
        self._took.append(time.perf_counter() - self._sent)
        self._ask()


async def closed_loop(
    url: str,
    requests: Iterator[bytes],
    *,
    pid: int,
    connections: int,
    seconds: float,
    status: int = 200,
) -> Measured:
    """Load a server and measure it.

    Args:
        url: Where it listens.
        requests: Whole requests, without end.
        pid: Its process; the processor time of its descendants counts as its own.
        connections: How many ask at the same time.
        seconds: For how long; a quarter of it is spent before measuring begins.
        status: The status that is wanted.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    loop = asyncio.get_running_loop()
    took: list[float] = []
    opened = [
        (await loop.create_connection(lambda: _Connection(requests, b"%d" % status, took), host, port))[1]
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds / 4)
    took.clear()
    spent, began = cpu_seconds(pid), time.perf_counter()
    await asyncio.sleep(seconds * 3 / 4)
    ended, spent = time.perf_counter(), cpu_seconds(pid) - spent
    done = sorted(took)
    for connection in opened:
        connection.transport.abort()
    return Measured(
        per_second=len(done) / (ended - began),
        per_cpu_second=len(done) / max(spent, 1 / _TICK),
        p50=done[len(done) // 2] * 1000,
        p99=done[int(len(done) * 0.99)] * 1000,
        failed=sum(connection.failed for connection in opened),
    )


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its descendants have used."""
    parents: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
            used[int(entry.name)] = (int(fields[11]) + int(fields[12])) / _TICK
    family, total = [pid], 0.0
    while family:
        one = family.pop()
        total += used.get(one, 0.0)
        family += parents.get(one, [])
    return total
