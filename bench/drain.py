"""A rolling restart under load, as a cluster does it.

    python -m bench.drain [--requests 10000] [--rate 100] [--replicas 3]

HAProxy plays the Service: it hands out connections and knows nothing of HTTP. This program plays the kubelet
and whoever tells the Service of it: a replica is started before another is ended, is added once it is ready,
and is taken out of the Service only some time after its end has begun, while preStop sleeps; then come
SIGTERM and, at the end of the grace period, SIGKILL. The clients keep connections open and never ask twice.
Beside them are those who stay: at each replica that ends, an idle connection, half a head and half a body.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import httpx
from msgspec import Struct

from bench.servers import free_port, started, started_valkey, wait
from gateway.cli.dev import sandbox_environment

QUERY = "query($ids: [ID!]!) { videos(ids: $ids) { videoId latestTask { status progress } } }"
SLOW = "query($id: ID!) { providerTask(provider: IMS, id: $id, maxAge: 0) { status } }"
_LOST = "lost: "
SLOTS = 6
"""Places in the proxy's table: replicas, those that start and those that end."""

_CONFIGURATION = """
global
    stats socket {folder}/admin level admin
defaults
    mode tcp
    timeout connect 2s
    timeout client 2m
    timeout server 2m
listen service
    bind 127.0.0.1:{port}
    balance roundrobin
    {servers}
"""


class Kubelet(Struct, frozen=True, kw_only=True):
    """The times of an end, seconds.

    Attributes:
        removal: From its beginning until the Service has heard.
        prestop: From its beginning to SIGTERM.
        window: From SIGTERM to the end of listening.
        grace: From its beginning to SIGKILL.
    """

    removal: float = 2.0
    prestop: float = 4.0
    window: float = 5.0
    grace: float = 60.0


class End(Struct, frozen=True, kw_only=True):
    """How a replica ended.

    Attributes:
        took: Seconds from SIGTERM to its exit.
        killed: Whether the grace period ran out.
        status: Of its process.
        stayed: Seconds from SIGTERM to the end of each connection that stayed, by its kind.
    """

    took: float
    killed: bool
    status: int
    stayed: dict[str, float]


class Service:
    """HAProxy.

    Args:
        folder: Where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free = deque(range(SLOTS))
        self.port = free_port()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start and end it."""
        servers = "\n    ".join(f"server s{slot} 127.0.0.1:1 disabled" for slot in range(SLOTS))
        file = self._folder / "haproxy.cfg"
        file.write_text(_CONFIGURATION.format(folder=self._folder, port=self.port, servers=servers))
        process = subprocess.Popen(["haproxy", "-q", "-db", "-f", str(file)])  # noqa: S603, S607
        try:
            _until((self._folder / "admin").exists)
            yield
        finally:
            process.kill()
            process.wait()

    def add(self, port: int) -> int:
        """Route connections to a port; return its place."""
        slot = self._free.popleft()
        self._say(f"set server service/s{slot} addr 127.0.0.1 port {port}")
        self._say(f"set server service/s{slot} state ready")
        return slot

    def remove(self, slot: int) -> None:
        """Route no more connections there; those there are stay."""
        self._say(f"set server service/s{slot} state drain")

    def forget(self, slot: int) -> None:
        """Free the place of a replica that has ended."""
        self._say(f"set server service/s{slot} state maint")
        self._free.append(slot)

    def _say(self, line: str) -> None:
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self._folder / "admin"))
            admin.sendall(line.encode() + b"\n")
            answer = admin.recv(4096).decode().strip()
        if answer and "changed" not in answer and "no need" not in answer:
            raise RuntimeError(f"haproxy: {line}: {answer}")


class Replica(Struct):
    """A gateway.

    Attributes:
        process: Of which it is the main one.
        port: Where it listens.
        slot: Its place in the Service.
    """

    process: subprocess.Popen[bytes]
    port: int
    slot: int


class Cluster:
    """Replicas behind a Service.

    Args:
        service: Running.
        environment: The settings of the replicas.
        kubelet: How they end.
    """

    def __init__(self, service: Service, environment: dict[str, str], kubelet: Kubelet) -> None:
        self._service = service
        self._environment = environment | {"GATEWAY_SERVER_DRAIN_WINDOW": str(kubelet.window)}
        self._kubelet = kubelet
        self._stack = AsyncExitStack()
        self.replicas: deque[Replica] = deque()

    async def start(self) -> None:
        """Add a replica, once it is ready."""
        port = free_port()
        process = self._stack.enter_context(
            started("serve", GATEWAY_SERVER_PORT=str(port), **self._environment)
        )
        async with httpx.AsyncClient() as client:
            deadline = time.monotonic() + 180
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"http://127.0.0.1:{port}/health/ready")).is_success:
                        break
                if time.monotonic() > deadline:
                    raise RuntimeError("a replica did not become ready")
                await asyncio.sleep(0.1)
        self.replicas.append(Replica(process, port, self._service.add(port)))

    async def replace(self) -> End:
        """Start a replica, and end the oldest."""
        await self.start()
        replica = self.replicas.popleft()
        begun = time.monotonic()
        removal = asyncio.create_task(self._remove(replica))
        async with _stayers(replica.port) as stayers:
            await asyncio.sleep(self._kubelet.prestop)
            signalled = time.monotonic()
            replica.process.send_signal(signal.SIGTERM)
            killed = False
            while replica.process.poll() is None:
                if time.monotonic() > begun + self._kubelet.grace and not killed:
                    killed = True
                    replica.process.kill()
                await asyncio.sleep(0.02)
            took = time.monotonic() - signalled
            ended = {kind: await stayer - signalled for kind, stayer in stayers.items()}
        await removal
        self._service.forget(replica.slot)
        return End(took=took, killed=killed, status=replica.process.returncode, stayed=ended)

    async def close(self) -> None:
        """End what runs."""
        await self._stack.aclose()

    async def _remove(self, replica: Replica) -> None:
        await asyncio.sleep(self._kubelet.removal)
        self._service.remove(replica.slot)


@asynccontextmanager
async def _stayers(port: int) -> AsyncIterator[dict[str, asyncio.Task[float]]]:
    """Open connections that nobody uses or finishes; tell when each was ended."""
    halves = {
        "idle": b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n",
        "half a head": b"POST /graphql HTTP/1.1\r\nho",
        "half a body": b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: 100\r\n\r\n{",
    }

    async def stay(sent: bytes) -> float:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        with contextlib.suppress(ConnectionError):
            while await reader.read(4096):
                pass
        writer.close()
        return time.monotonic()

    tasks = {kind: asyncio.create_task(stay(sent)) for kind, sent in halves.items()}
    try:
        yield tasks
    finally:
        for task in tasks.values():
            task.cancel()


class Load:
    """Clients with open connections.

    Args:
        url: Of the Service.
        bodies: Requests, one of which is chosen in turn.
        idle: Seconds for which a connection is kept that nobody uses.
    """

    def __init__(self, url: str, bodies: list[dict[str, object]], *, idle: float) -> None:
        self._url = url
        self._idle = idle
        self._bodies = bodies
        self._asking: set[asyncio.Task[None]] = set()
        self.asked = 0
        self.outcomes: Counter[str] = Counter()

    async def run(self, rate: float, ended: asyncio.Event) -> None:
        """Ask so many times a second, by the clock, until told to end; wait for the answers."""
        # As httpx does. A pool that keeps idle connections for longer than the window may pick one at the
        # very moment at which the server closes it.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=self._idle)
        timeout = aiohttp.ClientTimeout(total=120)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            began = time.monotonic()
            while not ended.is_set():
                while began + self.asked / rate <= time.monotonic():
                    task = asyncio.create_task(
                        self._ask(session, self._bodies[self.asked % len(self._bodies)])
                    )
                    self._asking.add(task)
                    task.add_done_callback(self._asking.discard)
                    self.asked += 1
                await asyncio.sleep(0.002)
            await asyncio.gather(*self._asking)

    async def warm(self) -> None:
        """Ask everything once, uncounted, so that the first load does not find every lane cold."""
        async with aiohttp.ClientSession() as session:
            for body in self._bodies[:40]:
                async with session.post(f"{self._url}/graphql", json=body) as response:
                    await response.read()

    @property
    def failed(self) -> int:
        """How many were not answered with data alone."""
        return self.asked - self.outcomes["ok"]

    @property
    def lost(self) -> list[str]:
        """What became of those that were not answered at all."""
        return [outcome for outcome in self.outcomes if outcome.startswith(_LOST)]

    async def _ask(self, session: aiohttp.ClientSession, body: dict[str, object]) -> None:
        try:
            async with session.post(f"{self._url}/graphql", json=body) as response:
                answer = await response.json(content_type=None)
                well = response.status == 200 and "errors" not in answer  # noqa: PLR2004 - HTTP's own number
                self.outcomes["ok" if well else f"{response.status} {str(answer)[:200]}"] += 1
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            self.outcomes[f"{_LOST}{type(error).__name__}: {error}"] += 1


async def rolling(
    *, requests: int, rate: float, replicas: int, kubelet: Kubelet, rounds: int = 1
) -> tuple[Load, list[End]]:
    """Restart every replica, round by round and until enough was asked.

    Args:
        requests: To be asked at least.
        rate: Requests a second.
        replicas: Behind the Service.
        kubelet: How they end.
        rounds: In which each replica is replaced once.
    """
    ends: list[End] = []
    with tempfile.TemporaryDirectory() as folder, _surroundings() as (sandbox, environment):
        service = Service(Path(folder))
        cluster = Cluster(service, environment, kubelet)
        with service.running():
            try:
                await asyncio.gather(*(cluster.start() for _ in range(replicas)))
                load = Load(
                    f"http://127.0.0.1:{service.port}", _bodies(sandbox), idle=min(5.0, kubelet.window)
                )
                await load.warm()
                ended = asyncio.Event()
                running = asyncio.create_task(load.run(rate, ended))
                while len(ends) < rounds * replicas:
                    ends.append(await cluster.replace())
                while load.asked < requests:  # noqa: ASYNC110 - the load goes on by the clock
                    await asyncio.sleep(0.1)
                ended.set()
                await running
            finally:
                await cluster.close()
    return load, ends


@contextmanager
def _surroundings() -> Iterator[tuple[str, dict[str, str]]]:
    """Start a sandbox and a Valkey; give the one's URL, and the settings of replicas that share both."""
    sandbox, valkey = free_port(), free_port()
    with started("sandbox", "--port", str(sandbox)), started_valkey(valkey):
        wait(f"http://127.0.0.1:{sandbox}/_sandbox/health")
        yield (
            f"http://127.0.0.1:{sandbox}",
            sandbox_environment(sandbox)
            | {
                "GATEWAY_LANES_STORE": f"redis://127.0.0.1:{valkey}/0",
                "GATEWAY_LANES_REPLICAS": str(SLOTS),
                # Everything runs on one machine, and what is late because of that is not what is measured.
                "GATEWAY_SERVER_REQUEST_TIMEOUT": "25",
                "GATEWAY_SERVER_QUEUE_TIMEOUT": "5",
                "GATEWAY_TELEMETRY_LOG_REQUESTS": "false",
            },
        )


def _bodies(sandbox: str) -> list[dict[str, object]]:
    """Return requests of which most are quick, and one in forty is under way for a second at a provider."""
    ids = httpx.get(f"{sandbox}/_sandbox/ids", params={"limit": 200}).json()
    videos, jobs = ids["vod"]["succeeded"], ids["ims"]["succeeded"]
    fault = {"provider": "ims", "kind": "latency", "ms": 1000}
    httpx.post(f"{sandbox}/_sandbox/faults", json=[fault]).raise_for_status()
    quick: list[dict[str, object]] = [
        {"query": QUERY, "variables": {"ids": videos[at : at + 10]}} for at in range(0, len(videos), 10)
    ]
    slow: list[dict[str, object]] = [{"query": SLOW, "variables": {"id": job}} for job in jobs]
    repeated = quick * math.ceil(39 / len(quick))
    return [body for last in slow for body in (*repeated[:39], last)]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("it did not start")
        time.sleep(0.02)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    kubelet = Kubelet()
    load, ends = asyncio.run(
        rolling(
            requests=chosen.requests,
            rate=chosen.rate,
            replicas=chosen.replicas,
            kubelet=kubelet,
            rounds=chosen.rounds,
        )
    )
    print(
        f"{'replica':>8}{'exit':>8}{'status':>8}{'killed':>8}"
        + "".join(f"{kind:>14}" for kind in ends[0].stayed)
    )
    for number, end in enumerate(ends, 1):
        stayed = "".join(f"{seconds:>12.1f} s" for seconds in end.stayed.values())
        print(f"{number:>8}{end.took:>6.1f} s{end.status:>8}{'yes' if end.killed else 'no':>8}{stayed}")
    print(f"seconds from SIGTERM, of which {kubelet.window:.0f} are the window")
    print(f"requests {load.asked}, failed {load.failed}, restarts {len(ends)}")
    for outcome, count in load.outcomes.most_common():
        print(f"  {count:>6} {outcome}")
    sys.exit(1 if load.failed or any(end.killed or end.status for end in ends) else 0)


if __name__ == "__main__":
    main()
