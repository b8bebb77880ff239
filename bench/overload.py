"""What is left of a gateway that is asked twice what it can answer.

    python -m bench.overload [--seconds 10] [--query small|large]

The generator is open-loop: requests leave by the clock, whatever became of those before, and a latency
counts from the moment at which its request should have left. Tools that wait for an answer before they ask
again slow down with the server, and never see a collapse. It runs in a process of its own and shares the
machine with the gateway, so that what counts are the ratios: goodput at twice the capacity against its peak,
and how soon the usual latency is back once the load has dropped.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import deque
from typing import cast
from urllib.parse import urlsplit

import httpx
import msgspec
import uvloop
from msgspec import Struct

from bench.servers import running

QUERIES = {
    "small": "query($ids: [ID!]!) { videos(ids: $ids) { videoId latestTask { status progress } } }",
    "large": """query($ids: [ID!]!) { videos(ids: $ids) { videoId latestTask {
        id status providerStatus progress createdAt observedAt
        jobs {
          id status progress template { id } error { code message }
          output { format definition width height fps bitrate duration fileSize }
        } } } }""",
}
IDS = 10
CONNECTIONS = 1500
"""More than the gateway takes on at once, or the generator would be what limits the load."""


class Answer(Struct, frozen=True):
    """One request: when it should have left, how long after that its answer was there, its status."""

    at: float
    took: float
    status: int


class _Connection(asyncio.Protocol):
    """One keep-alive connection that carries one request at a time."""

    def __init__(self, pool: deque[_Connection]) -> None:
        self._pool = pool
        self._transport: asyncio.Transport
        self._buffer = b""
        self._answered: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready."""
        self._transport = cast("asyncio.Transport", transport)
        self._pool.append(self)

    def ask(self, request: bytes) -> asyncio.Future[int]:
        """Send a request; the future is the status of its answer."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answered

    def data_received(self, data: bytes) -> None:
        """Read until the answer is whole."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start:].split(b"\r\n", 1)[0])
        if len(body) < length or self._answered is None:
            return
        answered, self._answered, self._buffer = self._answered, None, b""
        if not answered.done():
            answered.set_result(int(head[9:12]))
        self._pool.append(self)

    def connection_lost(self, _: Exception | None) -> None:
        """Count what was under way as failed."""
        if self in self._pool:
            self._pool.remove(self)
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(0)


class Load:
    """A generator."""

    def __init__(self, url: str, body: bytes) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._request = (
            f"POST /graphql HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        ).encode() + body
        self._pool: deque[_Connection] = deque()

    async def connect(self) -> None:
        """Open all connections."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            await loop.create_connection(lambda: _Connection(self._pool), self._host, self._port)

    async def run(self, per_second: float, seconds: float) -> list[Answer]:
        """Ask so many times a second, for so long."""
        answers: list[Answer] = []
        began, sent = time.perf_counter(), 0
        while (now := time.perf_counter()) < began + seconds:
            while began + sent / per_second <= now:
                self._send(began + sent / per_second, answers)
                sent += 1
            await asyncio.sleep(0.001)
        await asyncio.sleep(1.5)
        return answers

    def _send(self, at: float, answers: list[Answer]) -> None:
        if not self._pool:
            answers.append(Answer(at, 0.0, -1))
            return
        self._pool.popleft().ask(self._request).add_done_callback(
            lambda answered: answers.append(Answer(at, time.perf_counter() - at, answered.result()))
        )


def _percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


def _told(name: str, answers: list[Answer], seconds: float) -> float:
    good = [answer.took for answer in answers if answer.status == 200]  # noqa: PLR2004 - HTTP's own number
    shed = [answer.took for answer in answers if answer.status == 503]  # noqa: PLR2004 - likewise
    lost = len(answers) - len(good) - len(shed)
    print(
        f"{name:<12}{len(answers) / seconds:>8.0f}/s asked {len(good) / seconds:>8.0f}/s answered"
        f"  p50 {_percentile(good, 0.5) * 1e3:>5.0f} p99 {_percentile(good, 0.99) * 1e3:>5.0f} ms"
        f"  refused {len(shed) / seconds:>6.0f}/s p99 {_percentile(shed, 0.99) * 1e3:>5.0f} ms  lost {lost}"
    )
    return len(good) / seconds


async def _measure(url: str, body: bytes, seconds: float) -> None:
    load = Load(url, body)
    await load.connect()
    await load.run(50, 1)
    peak, rate = 0.0, 100.0
    while True:  # up to the knee: where asking for more is answered less
        answers = await load.run(rate, 2)
        answered = _told(f"ramp {rate:.0f}", answers, 2)
        peak = max(peak, answered)
        if answered < 0.8 * rate:
            break
        rate *= 1.4
    calm = await load.run(0.5 * peak, seconds / 2)
    _told("half", calm, seconds / 2)
    busy = await load.run(2 * peak, seconds)
    goodput = _told("twice", busy, seconds)
    after = await load.run(0.5 * peak, seconds)
    _told("half again", after, seconds)
    usual = max(0.02, 2 * _percentile([answer.took for answer in calm], 0.99))
    began = min(answer.at for answer in after)
    slow = [answer.at - began for answer in after if answer.status != 200 or answer.took > usual]  # noqa: PLR2004
    late = [
        second for second in range(int(seconds)) if sum(second <= at < second + 1 for at in slow) > peak / 50
    ]
    recovered = max(late) + 1 if late else 0
    print(f"goodput at twice the capacity: {goodput / peak:.0%} of peak; usual again after {recovered} s")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--query", choices=QUERIES, default="large")
    parser.add_argument("settings", nargs="*", help="name=value, e.g. server_queue=64")
    chosen = parser.parse_args()
    with running(**dict(setting.split("=", 1) for setting in chosen.settings)) as servers:
        ids = httpx.get(f"{servers.sandbox}/_sandbox/ids", params={"limit": IDS}).json()["vod"]["succeeded"]
        body = msgspec.json.encode({"query": QUERIES[chosen.query], "variables": {"ids": ids[:IDS]}})
        answer = httpx.post(
            f"{servers.gateways[0]}/graphql", content=body, headers={"content-type": "application/json"}
        )
        print(json.dumps(answer.json().get("errors", "warm")))
        uvloop.run(_measure(servers.gateways[0], body, chosen.seconds))


if __name__ == "__main__":
    main()
