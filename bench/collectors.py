"""Collectors of three tempers, gateways that send to them, and what a gateway loses by one that is away."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from statistics import median

import httpx

from bench.execution import REFERENCE
from bench.figures import Figure
from bench.gateways import Server, process
from bench.load import Measured, closed_loop, post
from bench.servers import free_port, started, wait
from gateway.cli.dev import sandbox_environment

CONNECTIONS = 16
OFF = "no collector"
ANSWERS, AGAIN, REFUSES, HANGS = "answers", "answers, once more", "refuses", "never answers"
MOST_LATER, LONGEST_END = 1.02, 3.0
_TAKEN = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
_ENDS = 3


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


@asynccontextmanager
async def collectors() -> AsyncIterator[dict[str, str]]:
    """Run one of each temper; yield their URLs."""
    async with AsyncExitStack() as stack:
        taking = await stack.enter_async_context(collector(answers=True))
        silent = await stack.enter_async_context(collector(answers=False))
        nobody = f"http://127.0.0.1:{free_port()}"
        yield {ANSWERS: taking, AGAIN: taking, REFUSES: nobody, HANGS: silent}


class Field:
    """A sandbox, and gateways on it until the stack is closed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.port = free_port()
        sandbox = f"http://127.0.0.1:{self.port}"
        command = (sys.executable, "-m", "gateway", "sandbox", "--port", str(self.port))
        stack.enter_context(process(command, f"{sandbox}/_sandbox/health"))
        found = httpx.get(f"{sandbox}/_sandbox/ids", params={"limit": 10, "provider": "vod"}).json()
        self._ids = found["vod"]["succeeded"][:10]

    def environment(self, told: Mapping[str, str], **more: str) -> dict[str, str]:
        """Return a gateway's environment, its port included."""
        return (
            sandbox_environment(self.port)
            | {"GATEWAY_SERVER_PORT": str(free_port())}
            | {f"GATEWAY_TELEMETRY_{name}": value for name, value in told.items()}
            | more
        )

    def gateway(self, told: Mapping[str, str], **more: str) -> Server:
        """Start a gateway with settings of telemetry, and others."""
        environment = self.environment(told, **more)
        url = f"http://127.0.0.1:{environment['GATEWAY_SERVER_PORT']}"
        command = (sys.executable, "-m", "gateway", "serve")
        return Server(url, self._stack.enter_context(process(command, f"{url}/health/ready", **environment)))

    async def rounds(
        self, servers: Mapping[str, Server], *, seconds: float, rounds: int
    ) -> dict[str, list[Measured]]:
        """Return what each round gave, contenders alternating; what comes once only is over by the first."""
        for server in servers.values():
            async with httpx.AsyncClient() as http:
                body = {"query": REFERENCE, "variables": {"ids": self._ids}}
                (await http.post(f"{server.url}/graphql", json=body, timeout=60)).raise_for_status()
        found: dict[str, list[Measured]] = {name: [] for name in servers}
        for _ in range(rounds):
            for name, server in servers.items():
                found[name].append(await self.load(server.url, server.pid, seconds))
        return found

    async def load(self, url: str, pid: int, seconds: float) -> Measured:
        """Ask the reference query for a while."""
        request = post(f"{url}/graphql", REFERENCE, {"ids": self._ids})
        return await closed_loop(
            url, itertools.repeat(request), pid=pid, connections=CONNECTIONS, seconds=seconds
        )


async def away(*, launches: int, rounds: int, seconds: float) -> list[Figure]:
    """Compare gateways that trace everything with one whose collector takes it, and with one that does not.

    The one has its twin: what these two differ in is what the machine, and the luck of a process with its
    memory, makes of nothing. The collectors share the load generator's processor, so that one which has
    nothing to do leaves more to the load: only what is above 1 is a cost.
    """
    later: dict[str, list[float]] = {}
    dearer: dict[str, list[float]] = {}
    lost: dict[str, float] = {}
    async with collectors() as urls:
        for _ in range(launches):
            with ExitStack() as stack:
                field = Field(stack)
                servers = {
                    name: field.gateway({"OTLP_ENDPOINT": url, "SAMPLE_RATIO": "1"})
                    for name, url in urls.items()
                }
                servers[OFF] = field.gateway({})
                found = await field.rounds(servers, seconds=seconds, rounds=rounds)
                for name, server in servers.items():
                    pairs = list(zip(found[name], found[ANSWERS], strict=True))
                    later.setdefault(name, []).append(median(one.p99 / base.p99 for one, base in pairs))
                    dearer.setdefault(name, []).append(
                        median(base.per_cpu_second / one.per_cpu_second for one, base in pairs)
                    )
                    lost[name] = lost.get(name, 0.0) + _dropped(server.url)
    figures = []
    for name in (AGAIN, OFF, REFUSES, HANGS):
        goal = MOST_LATER if name in {REFUSES, HANGS} else None
        figures += [
            Figure(name=f"{name}: p99, ratio", value=median(later[name]), goal=goal),
            Figure(name=f"{name}: CPU, ratio", value=median(dearer[name])),
        ]
        if goal is not None:
            figures.append(
                Figure(name=f"{name}: spans counted as lost", value=lost[name], goal=1, at_least=True)
            )
    return figures


def _dropped(url: str) -> float:
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("gateway_spans_dropped_total{"))


async def ends() -> list[Figure]:
    """Measure from SIGTERM to the end of gateways that are under load until then; without a drain window."""
    figures = []
    async with collectors() as urls:
        with ExitStack() as stack:
            field = Field(stack)
            took = [await _end(field, {}) for _ in range(_ENDS)]
            figures.append(Figure(name=f"{OFF}: end, s", value=median(took)))
            for name in (ANSWERS, REFUSES, HANGS):
                told = {
                    "OTLP_ENDPOINT": urls[name],
                    "SAMPLE_RATIO": "1",
                    "OTLP_METRICS": "true",
                    "OTLP_INTERVAL": "1",
                }
                took = [await _end(field, told) for _ in range(_ENDS)]
                figures.append(Figure(name=f"{name}: end, s, the longest", value=max(took), goal=LONGEST_END))
    return figures


async def _end(field: Field, told: Mapping[str, str]) -> float:
    environment = field.environment(told)
    url = f"http://127.0.0.1:{environment['GATEWAY_SERVER_PORT']}"
    with started("serve", **environment) as gateway:
        wait(f"{url}/health/ready")
        await field.load(url, gateway.pid, 2.0)
        began = time.perf_counter()
        gateway.terminate()
        await asyncio.to_thread(gateway.wait)
        return time.perf_counter() - began
