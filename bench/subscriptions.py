"""What ten thousand subscribers cost, and how soon they know.

    python -m bench.subscriptions [--ways events sockets] [--subscribers 10000] [--videos 100] [--seconds 60]

A sandbox with the real quota of fifteen calls a second, a gateway process as it is served, and in this
process clients that do no more than they must. Nine videos in ten end within the run, the rest go on.
Subscribers come over events, a connection each, or over WebSockets, a hundred on each. What is measured:

- final states that did not arrive;
- *delay* of an end, from the moment of the sandbox's own world to the message at the client, in paces: the
  time in which all videos are looked at once, which is the quick pause unless the share of the quota is less;
- calls at the sandbox, beside those for one subscriber a video;
- memory of the gateway's process for each subscriber, and that of a bare application on the same server;
- tasks and connections of the process after all have left.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import resource
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvloop
from msgspec import Struct

from bench.figures import Figure, table
from bench.servers import free_port, started, wait
from gateway.cli.dev import sandbox_environment
from gateway.sandbox.videos import LIVELY
from gateway.sandbox.world import World

RESULTS = Path(__file__).parent / "results"
QUERY = """subscription($ids: [ID!]!) { videos(ids: $ids) {
    id finished trouble { code } video { latestTask { status progress completedAt } } } }"""
HOST = "127.0.0.1"
SEED = 7  # the sandbox's own
AT_A_TIME = 50
ON_A_SOCKET = 100
_LONG, _LONGER = 126, 127
_ESTABLISHED, _CLOSE_WAIT = "01", "08"


class Told:
    """What all clients heard.

    Attributes:
        ends: When the videos that end within the run do, by the wall clock.
        messages: How many there were.
        troubles: How many of them told of trouble.
        ended: Final states by video.
        delays: Seconds from an end to each message that told of it.
    """

    def __init__(self, ends: dict[str, float]) -> None:
        self.ends = ends
        self.messages = 0
        self.troubles = 0
        self.ended: Counter[str] = Counter()
        self.delays: list[float] = []

    def hear(self, video: str, message: bytes) -> None:
        """Take note of a message."""
        self.messages += 1
        self.troubles += b'"trouble":null' not in message
        if b'"finished":true' in message:
            self.ended[video] += 1
            if video in self.ends:
                self.delays.append(time.time() - self.ends[video])


class Client(asyncio.Protocol):
    """One connection with one subscription or more.

    Args:
        videos: What its subscriptions watch.
        told: Where it notes what it hears.
        address: Of the gateway.
    """

    def __init__(self, videos: list[str], told: Told, address: str) -> None:
        self.videos = videos
        self.told = told
        self.address = address
        self.ready = asyncio.get_running_loop().create_future()
        self.transport: Any = None
        self.rest = b""
        self.waiting = len(videos)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send what opens the subscriptions."""
        raise NotImplementedError

    def heard(self, video: str, message: bytes) -> None:
        """Take note of a message."""
        self.told.hear(video, message)
        if self.waiting:
            self.waiting -= 1
            if not self.waiting and not self.ready.done():
                self.ready.set_result(None)

    def connection_lost(self, _error: Exception | None) -> None:
        """Whoever waited for the first message waits no more."""
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("refused"))


class Events(Client):
    """One subscription over server-sent events."""

    each = 1

    def ask(self) -> None:
        """Send the request."""
        body = json.dumps(_request(self.videos[0]))
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: {self.address}\r\nAccept: text/event-stream\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.transport.write((head + body).encode())

    def data_received(self, data: bytes) -> None:
        """Take apart what arrived."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: {"):
                self.heard(self.videos[0], line)


class Sockets(Client):
    """Many subscriptions over one WebSocket."""

    each = ON_A_SOCKET

    def ask(self) -> None:
        """Send the handshake."""
        self.agreed = False
        nonce = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET /graphql HTTP/1.1\r\nHost: {self.address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        self.transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        """Take frames apart."""
        self.rest += data
        if not self.agreed:
            if b"\r\n\r\n" not in self.rest:
                return
            _, self.rest = self.rest.split(b"\r\n\r\n", 1)
            self.agreed = True
            self.say({"type": "connection_init"})
            for number, video in enumerate(self.videos):
                self.say({"type": "subscribe", "id": str(number), "payload": _request(video)})
        while (frame := self.frame()) is not None:
            if b'"type":"next"' in frame:
                self.heard(self.videos[int(frame[7 : frame.index(b'"', 7)])], frame)
            elif frame == b'{"type":"ping"}':
                self.say({"type": "pong"})

    def say(self, message: dict[str, Any]) -> None:
        """Send a frame, masked with zeros."""
        body = json.dumps(message).encode()
        size = bytes([0x80 | len(body)]) if len(body) < _LONG else struct.pack("!BH", 0x80 | _LONG, len(body))
        self.transport.write(b"\x81" + size + b"\0\0\0\0" + body)

    def frame(self) -> bytes | None:
        """Return the next whole frame."""
        rest = self.rest
        if len(rest) < 2:  # noqa: PLR2004 - two bytes of head
            return None
        size, start = rest[1], 2
        if size == _LONG:
            size, start = int.from_bytes(rest[2:4], "big"), 4
        elif size == _LONGER:
            size, start = int.from_bytes(rest[2:10], "big"), 10
        if len(rest) < start + size:
            return None
        self.rest = rest[start + size :]
        return rest[start : start + size]


def _request(video: str) -> dict[str, Any]:
    return {"query": QUERY, "variables": {"ids": [video]}}


WAYS: dict[str, type[Events | Sockets]] = {"events": Events, "sockets": Sockets}


class Process(Struct, frozen=True):
    """A server process, seen from outside."""

    pid: int
    port: int

    def memory(self) -> int:
        """Return its resident bytes."""
        fields = Path(f"/proc/{self.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def connections(self) -> int:
        """Return how many connections its clients have."""
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        ours = f":{self.port:04X}"
        return sum(
            local.endswith(ours) and state in {_ESTABLISHED, _CLOSE_WAIT}
            for _, local, _, state, *_ in map(str.split, lines)
        )

    def tasks(self) -> int:
        """Return how many tasks its event loop has."""
        tasks: int = httpx.get(f"http://{HOST}:{self.port}/_inspect", timeout=30).json()["tasks"]
        return tasks


@contextmanager
def inspected(what: str, **environment: str) -> Iterator[Process]:
    """Run one of `bench.inspected`."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bench.inspected", what, str(port)],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(f"http://{HOST}:{port}/_inspect")
        yield Process(process.pid, port)
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def serving() -> Iterator[tuple[Process, str]]:
    """Start a sandbox and a gateway that lets one address subscribe as often as it likes."""
    port = free_port()
    sandbox = f"http://{HOST}:{port}"
    with started("sandbox", "--port", str(port)):
        wait(f"{sandbox}/_sandbox/health")
        environment = sandbox_environment(port) | {
            "GATEWAY_LIVE_PER_PRINCIPAL": "1000000",
            "GATEWAY_SERVER_QUEUE": "10000",  # they all come at the same moment
            "GATEWAY_SERVER_QUEUE_TIMEOUT": "10",
            "GATEWAY_SERVER_DRAIN_WINDOW": "0",
            "GATEWAY_TELEMETRY_LOG_LEVEL": "error",
        }
        with inspected("gateway", **environment) as process:
            yield process, sandbox


async def opened(way: type[Events | Sockets], videos: list[str], told: Told, port: int) -> list[Client]:
    """Connect so many subscribers, a batch at a time; return once each has had a message."""
    loop = asyncio.get_running_loop()
    clients: list[Client] = []
    batch = max(1, AT_A_TIME // way.each) * way.each
    for first in range(0, len(videos), batch):
        some = [
            way(videos[at : at + way.each], told, f"{HOST}:{port}")
            for at in range(first, min(first + batch, len(videos)), way.each)
        ]
        async with asyncio.timeout(60):
            for one in some:
                await loop.create_connection(lambda one=one: one, HOST, port)  # type: ignore[misc]
            await asyncio.gather(*(one.ready for one in some))
        clients += some
    return clients


async def crowd(  # noqa: PLR0917 - what watches what, how, and when
    process: Process,
    sandbox: str,
    way: type[Events | Sockets],
    videos: int,
    count: int,
    lead: float,
    seconds: float,
) -> dict[str, float]:
    """Let so many subscribers watch for a while; return what came of it.

    Args:
        process: The gateway.
        sandbox: URL of its providers.
        way: How to subscribe.
        videos: Which are shared.
        count: Subscribers.
        lead: Seconds until all are there. No video ends before, and nothing is counted.
        seconds: How long is counted.
    """
    begun = time.monotonic()
    ends, longest = chosen(videos, lead, seconds)
    told = Told(ends)
    wanted = [*ends, *longest]
    asked = [wanted[n % videos] for n in range(count)]
    await asyncio.sleep(1)
    before, memory = process.tasks(), process.memory()
    opening = time.monotonic()
    clients = await opened(way, asked, told, process.port)
    took = time.monotonic() - opening
    await asyncio.sleep(max(0.0, begun + lead - time.monotonic()))
    peak = process.memory()
    httpx.post(f"{sandbox}/_sandbox/reset").raise_for_status()
    messages, until = told.messages, time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(1)
        peak = max(peak, process.memory())
    calls = httpx.get(f"{sandbox}/_sandbox/calls").json().values()
    messages = told.messages - messages
    await asyncio.sleep(max(0.0, max(ends.values()) + 5 - time.time()))
    for one in clients:
        one.transport.abort()
    left = time.monotonic()
    while process.connections() and time.monotonic() - left < 30:  # noqa: ASYNC110, PLR2004
        await asyncio.sleep(0.02)
    gone = time.monotonic() - left
    delays = sorted(told.delays)
    due = sum(video in ends for video in asked)
    return {
        "opened": took,
        "messages": messages / seconds,
        "calls": sum(count["made"] for count in calls) / seconds,
        "due": due,
        "missed": due - sum(told.ended[video] for video in ends),
        "troubles": told.troubles,
        "p50": delays[len(delays) // 2] if delays else float("nan"),
        "p95": delays[int(len(delays) * 0.95)] if delays else float("nan"),
        "memory": (peak - memory) / count / 1000,
        "connections": process.connections(),
        "tasks": process.tasks() - before,
        "gone": gone,
    }


def chosen(count: int, lead: float, seconds: float) -> tuple[dict[str, float], list[str]]:
    """Return videos with the moments when they end, spread over the run; and some that outlast it."""
    world = World(SEED, time.time)
    now = world.now()
    latest = [world.videos.latest(world.videos.video(number), now) for number in range(LIVELY)]
    left = sorted((task.finished - now, task.video.id) for task in latest if task and task.finished > now)
    within = [(after, video) for after, video in left if lead < after < lead + seconds - 5]
    most = count * 9 // 10
    ends = {video: now + after for after, video in within[:: max(1, len(within) // most)][:most]}
    return ends, [video for _, video in left[len(ends) - count :]]


async def bare(what: str, count: int) -> float:
    """Return the kilobytes of one connection to a bare application on the same server."""
    way = WAYS[what]
    with inspected(what) as process:
        told = Told({})
        memory = process.memory()
        loop = asyncio.get_running_loop()
        clients = []
        for _ in range(count):
            _, client = await loop.create_connection(
                lambda: way(["x"], told, f"{HOST}:{process.port}"), HOST, process.port
            )
            clients.append(client)
        await asyncio.sleep(3)
        each = (process.memory() - memory) / count / 1000
        for client in clients:
            client.ready.cancel()  # nothing was to come
            client.transport.abort()
        return each


def figures(one: dict[str, float], many: dict[str, float], videos: int, bare: float) -> list[Figure]:
    """Return what was measured, beside what it should be."""
    pace = max(1.0, videos / 10 / (15 * 0.75))
    return [
        Figure(name="opened, s", value=many["opened"]),
        Figure(name="messages/s", value=many["messages"]),
        Figure(name="final states due", value=many["due"], goal=1, at_least=True),
        Figure(name="final states missed", value=many["missed"], goal=0),
        Figure(name="messages of trouble", value=many["troubles"]),
        Figure(name="delay of an end p50, paces", value=many["p50"] / pace),
        Figure(name="delay of an end p95, paces", value=many["p95"] / pace, goal=1.5),
        Figure(name="... one subscriber a video", value=one["p95"] / pace),
        Figure(name="calls/s", value=many["calls"]),
        Figure(name="calls / those for one a video", value=many["calls"] / one["calls"], goal=1.05),
        Figure(name="KB a subscriber", value=many["memory"], goal=20),
        Figure(name="... a bare connection", value=bare),
        Figure(name="tasks left", value=many["tasks"], goal=0),
        Figure(name="connections left", value=many["connections"], goal=0),
        Figure(name="gone after, s", value=many["gone"], goal=1),
    ]


async def measure(name: str, subscribers: int, videos: int, seconds: float) -> list[Figure]:
    """Measure one subscriber a video, then the crowd."""
    runs = []
    lead = 5 + subscribers / 300  # the same for both, or more videos would move while one of them is counted
    for count in (videos, subscribers):
        with serving() as (process, sandbox):
            runs.append(await crowd(process, sandbox, WAYS[name], videos, count, lead, seconds))
    return figures(runs[0], runs[1], videos, await bare(name, 1000))


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--subscribers", type=int, default=10_000)
    parser.add_argument("--videos", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    found = {}
    for way in given.ways:
        found[way] = uvloop.run(measure(way, given.subscribers, given.videos, given.seconds))
        print(table(f"{given.subscribers} subscriptions over {way}", found[way]), flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "subscriptions.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))


if __name__ == "__main__":
    main()
