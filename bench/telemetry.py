"""What telemetry costs: processor time per request with and without traces, and the time /metrics takes.

    python -m bench.telemetry [--seconds 3] [--rounds 5] [--bars]

Gateways that differ in one setting answer the reference query side by side, on one sandbox; rounds alternate,
so that whatever else the machine does falls on all, and a row's figures are medians of ratios to the gateway
without traces in the same round. The collector takes everything and makes nothing of it; one gateway sends to
a port where nobody listens, and one to a collector that never answers. The query is asked of gateways that
put every answer together anew, and of gateways that give one again while nothing has changed.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from statistics import median

import httpx
import uvloop

from bench.execution import REFERENCE
from bench.gateways import Server, process
from bench.load import Measured, closed_loop, post
from bench.servers import free_port
from gateway.cli.dev import sandbox_environment

CONNECTIONS = 16
BARS = {"10 %": 1.1, "100 %": 1.3}
_TAKEN = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@asynccontextmanager
async def collector(*, answers: bool) -> AsyncIterator[str]:
    """Take whatever is sent; yield the URL."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                await reader.readexactly(length)
                if answers:
                    writer.write(_TAKEN)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def settings(collector: str, silent: str) -> dict[str, dict[str, str]]:
    """Return what the contenders differ in."""
    nobody = f"http://127.0.0.1:{free_port()}"
    return {
        "off": {},
        "10 %": {"OTLP_ENDPOINT": collector, "SAMPLE_RATIO": "0.1"},
        "100 %": {"OTLP_ENDPOINT": collector, "SAMPLE_RATIO": "1"},
        "100 %, nobody there": {"OTLP_ENDPOINT": nobody, "SAMPLE_RATIO": "1"},
        "100 %, no answer": {"OTLP_ENDPOINT": silent, "SAMPLE_RATIO": "1"},
        "off, no lines": {"LOG_REQUESTS": "false"},
    }


def start(stack: ExitStack, told: dict[str, str], sandbox_port: int, reuse: str) -> Server:
    """Start a gateway."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = sandbox_environment(sandbox_port) | {
        "GATEWAY_SERVER_PORT": str(port),
        "GATEWAY_ANSWERS_MEMORY_BYTES": reuse,
        **{f"GATEWAY_TELEMETRY_{name}": value for name, value in told.items()},
    }
    command = (sys.executable, "-m", "gateway", "serve")
    return Server(url, stack.enter_context(process(command, f"{url}/health/ready", **environment)))


async def measured(
    servers: dict[str, Server], requests: dict[str, bytes], *, seconds: float, rounds: int
) -> dict[str, list[Measured]]:
    """Return what each round gave, contenders alternating."""
    found: dict[str, list[Measured]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            found[name].append(
                await closed_loop(
                    server.url,
                    itertools.repeat(requests[name]),
                    pid=server.pid,
                    connections=CONNECTIONS,
                    seconds=seconds,
                )
            )
    return found


async def exposition(url: str) -> tuple[float, int]:
    """Return the milliseconds that /metrics takes, and its lines."""
    times, lines = [], 0
    async with httpx.AsyncClient() as http:
        for _ in range(30):
            began = time.perf_counter()
            answer = await http.get(f"{url}/metrics")
            times.append((time.perf_counter() - began) * 1000)
            lines = len(answer.text.splitlines())
    return median(times), lines


async def compare(seconds: float, rounds: int, *, bars: bool) -> None:
    """Print the figures; of those gateways only that there is a bar for, if wanted."""
    async with collector(answers=True) as taking, collector(answers=False) as silent:
        for title, reuse in (("answers made anew", "0"), ("answers given again", "67108864")):
            with ExitStack() as stack:
                sandbox_port = free_port()
                sandbox = f"http://127.0.0.1:{sandbox_port}"
                command = (sys.executable, "-m", "gateway", "sandbox", "--port", str(sandbox_port))
                stack.enter_context(process(command, f"{sandbox}/_sandbox/health"))
                found = httpx.get(f"{sandbox}/_sandbox/ids", params={"limit": 10, "provider": "vod"}).json()
                ids = found["vod"]["succeeded"][:10]
                servers = {
                    name: start(stack, told, sandbox_port, reuse)
                    for name, told in settings(taking, silent).items()
                    if not bars or name in {"off", *BARS}
                }
                requests = {
                    name: post(f"{server.url}/graphql", REFERENCE, {"ids": ids})
                    for name, server in servers.items()
                }
                results = await measured(servers, requests, seconds=seconds, rounds=rounds)
                took, lines = await exposition(servers["100 %"].url)
            _print(title, results)
            print(f"/metrics: {took:.1f} ms, {lines} lines (bar: 10 ms)\n")


def _print(title: str, results: dict[str, list[Measured]]) -> None:
    print(f"{title:24} {'µs CPU':>8} {'ratio':>7} {'bar':>5} {'p50 ms':>7} {'p99 ms':>7} {'p99 ratio':>9}")
    base = results["off"]
    for name, rounds in results.items():
        cpu = median(1e6 / one.per_cpu_second for one in rounds)
        ratio = median(b.per_cpu_second / one.per_cpu_second for one, b in zip(rounds, base, strict=True))
        slower = median(one.p99 / b.p99 for one, b in zip(rounds, base, strict=True))
        p50, p99 = (median(getattr(one, which) for one in rounds) for which in ("p50", "p99"))
        bar = f"{BARS[name]:.1f}" if name in BARS else ""
        print(f"  {name:22} {cpu:8.0f} {ratio:7.2f} {bar:>5} {p50:7.2f} {p99:7.2f} {slower:9.2f}")
        if failed := sum(one.failed for one in rounds):
            print(json.dumps({"failed": failed}))


def main() -> None:
    """Read the arguments and print the figures."""
    arguments = argparse.ArgumentParser(description="What telemetry costs.")
    arguments.add_argument("--seconds", type=float, default=3)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--bars", action="store_true", help="leave out what there is no bar for")
    given = arguments.parse_args()
    uvloop.run(compare(given.seconds, given.rounds, bars=given.bars))


if __name__ == "__main__":
    main()
