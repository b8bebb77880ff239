"""The gateway against those a team would otherwise build, over HTTP.

    python -m bench.gateways [--seconds 4] [--rounds 3] [--only memory|cached|provider|floor]

One worker process each, on one provider that knows every video; one generator of 32 connections asks them in
turn, in the same run, and the rounds alternate, so that whatever else the machine does falls on all.
Compared are answers per second of the server's own processor time where everything is in memory, and answers
per second where the provider takes 20 ms. The figures of a row are medians of its rounds; only their ratios
travel to other machines. What is compared:

- memory: the reference query, with all its videos in memory; Mercurius once with its loaders, and once with
  whole objects for its executor, as no service of its own would have them; ours as it comes, which gives
  answers again while their records are the same, and once with that switched off;
- cached: with each gateway's own cache on, and warm;
- provider: videos that nobody asked for before, so that every answer waits for the provider, which grants
  more calls than anybody makes; both sign their calls, as it would want them;
- floor: ``{ __typename }`` against a handler of bare Litestar.

Peers come from npm (`bench/peers/package.json`) and are left out where Node is absent.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import quote

import httpx
import uvloop
from msgspec import Struct

from bench.execution import REFERENCE
from bench.load import Measured, closed_loop, get, post
from bench.servers import free_port, launched, wait

PEERS = Path(__file__).parent / "peers"
CONNECTIONS = 32
DELAY = 0.02
MOST_IDS = 30
_FRESH = itertools.count()


class Server(Struct, frozen=True):
    """One contender's process."""

    url: str
    pid: int


class Case(Struct, frozen=True, kw_only=True):
    """One row: what is asked of whom.

    Attributes:
        name: Of the row.
        bar: The ratio of ours to each peer that is aimed at; None where the row is there for comparison.
        servers: Who is asked; ours is the first.
        requests: What each is asked, endlessly.
        status: What each answers.
        by_cpu: Whether answers per processor second are compared, rather than answers per second.
    """

    name: str
    bar: float | None
    servers: dict[str, Server]
    requests: dict[str, Callable[[], Iterator[bytes]]]
    status: dict[str, int] = {}
    by_cpu: bool = True


def ids(count: int) -> list[str]:
    """Return the videos that are in everybody's memory."""
    return [f"known-{number:04}" for number in range(count)]


@contextmanager
def process(command: Sequence[str], ready: str, **environment: str) -> Iterator[int]:
    """Run a server until it is no longer needed."""
    with launched(command, environment, errors=subprocess.DEVNULL) as running:
        wait(ready)
        yield running.pid


class Field:
    """Providers and contenders, as they are needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def provider(self, delay: float) -> str:
        """Start a provider; return its URL."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "bench.peers.provider", f"--port={port}", f"--delay={delay}"]
        self._stack.enter_context(process(command, f"{url}/?VideoIds=a"))
        return url

    def ours(self, provider: str, **settings: str) -> Server:
        """Start the gateway."""
        port = free_port()
        environment = {
            "GATEWAY_SERVER_PORT": str(port),
            "GATEWAY_ACCESS_ANONYMOUS": "true",
            "GATEWAY_ACCESS_POINTS_PER_MINUTE": "0",
            "GATEWAY_VOD_ENDPOINT": provider,
            "GATEWAY_VOD_ACCESS_KEY_ID": "benchmark",
            "GATEWAY_VOD_ACCESS_KEY_SECRET": "benchmark",
            "GATEWAY_VOD_CALLS_PER_SECOND": "10000",
            **{f"GATEWAY_{name.upper()}": value for name, value in settings.items()},
        }
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "gateway", "serve"]
        pid = self._stack.enter_context(process(command, f"{url}/health/ready", **environment))
        return Server(f"{url}/graphql", pid)

    def mercurius(self, provider: str, source: str) -> Server | None:
        """Start Mercurius with graphql-jit; None without Node."""
        node = shutil.which("node")
        if node is None:
            return None
        port = free_port()
        environment = {
            "PORT": str(port),
            "PROVIDER": provider,
            "SOURCE": source,
            "IDS": ",".join(ids(MOST_IDS)),
        }
        url = f"http://127.0.0.1:{port}/graphql"
        command = [node, str(PEERS / "mercurius.mjs")]
        ready = f"{url}?query=%7B__typename%7D"
        return Server(url, self._stack.enter_context(process(command, ready, **environment)))

    def shipped(self, provider: str) -> Server:
        """Start Strawberry on Litestar."""
        port = free_port()
        environment = {"PORT": str(port), "PROVIDER": provider, "IDS": ",".join(ids(MOST_IDS))}
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "bench.peers.shipped"]
        return Server(
            f"{url}/graphql", self._stack.enter_context(process(command, f"{url}/floor", **environment))
        )


def same(request: bytes) -> Callable[[], Iterator[bytes]]:
    """Ask the same for ever."""
    return lambda: itertools.repeat(request)


def unseen(url: str, count: int) -> Callable[[], Iterator[bytes]]:
    """Ask for videos that nobody asked for before."""

    def requests() -> Iterator[bytes]:
        while True:
            yield post(url, REFERENCE, {"ids": [f"unseen-{next(_FRESH)}" for _ in range(count)]})

    return requests


def reference(name: str, bar: float | None, count: int, **servers: Server | None) -> Case:
    """Return the row of the reference query on known videos."""
    present = {contender: server for contender, server in servers.items() if server is not None}
    asked = {
        contender: same(post(server.url, REFERENCE, {"ids": ids(count)}))
        for contender, server in present.items()
    }
    return Case(name=name, bar=bar, servers=present, requests=asked)


def in_memory(field: Field) -> Iterator[Case]:
    """Everything in memory."""
    provider = field.provider(0)
    ours, shipped = field.ours(provider), field.shipped(provider)
    anew = field.ours(provider, answers_memory_bytes="0")
    loaders, whole = field.mercurius(provider, "loaders"), field.mercurius(provider, "memory")
    for count in (1, 10, 30):
        yield reference(
            f"memory, {count} videos, Mercurius with loaders", 2.0, count, ours=ours, peer=loaders
        )
        yield reference(
            f"memory, {count} videos, Mercurius on whole objects", 1.0, count, ours=ours, peer=whole
        )
        yield reference(f"memory, {count} videos, Strawberry", 10.0, count, ours=ours, peer=shipped)
        yield reference(
            f"memory, {count} videos, ours anew, Mercurius with loaders", None, count, ours=anew, peer=loaders
        )


def cached(field: Field) -> Iterator[Case]:
    """Each gateway's own cache."""
    provider = field.provider(DELAY)
    ours, peer = field.ours(provider), field.mercurius(provider, "cache")
    yield reference("cached, 1 video, mercurius-cache", 1.0, 1, ours=ours, peer=peer)
    yield reference("cached, 10 videos, mercurius-cache", 1.5, 10, ours=ours, peer=peer)
    if peer is not None:
        yield unchanged(ours, peer)


def unchanged(ours: Server, peer: Server) -> Case:
    """Return the row of a client that already has the answer."""
    asked = "&".join(
        f"{name}={quote(value)}"
        for name, value in {"query": REFERENCE, "variables": f'{{"ids":["{ids(1)[0]}"]}}'}.items()
    )
    url = f"{ours.url}?{asked}"
    headers = {"graphql-require-preflight": "1", "accept-encoding": "identity"}
    tag = httpx.get(url, headers=headers | {"accept": "application/json"}).headers.get("etag", "")
    return Case(
        name="cached, 304 for 1 video, mercurius-cache",
        bar=1.5,
        servers={"ours": ours, "peer": peer},
        requests={
            "ours": same(get(url, graphql_require_preflight="1", if_none_match=tag)),
            "peer": same(post(peer.url, REFERENCE, {"ids": ids(1)})),
        },
        status={"ours": 304},
    )


def behind_a_provider(field: Field) -> Iterator[Case]:
    """Nothing known."""
    provider = field.provider(DELAY)
    ours, peer = field.ours(provider), field.mercurius(provider, "provider")
    for count in (1, 10, 30):
        servers = {"ours": ours} | ({"peer": peer} if peer else {})
        yield Case(
            name=f"provider at 20 ms, {count} unseen videos, Mercurius",
            bar=1.0,
            servers=servers,
            requests={name: unseen(server.url, count) for name, server in servers.items()},
            by_cpu=False,
        )


def floor(field: Field) -> Iterator[Case]:
    """As little as can be asked."""
    provider = field.provider(0)
    ours, shipped = field.ours(provider), field.shipped(provider)
    bare = Server(shipped.url.replace("/graphql", "/floor"), shipped.pid)
    yield Case(
        name="floor, { __typename }, bare Litestar",
        bar=0.5,
        servers={"ours": ours, "peer": bare},
        requests={"ours": same(post(ours.url, "{ __typename }", {})), "peer": same(get(bare.url))},
    )


PARTS = {"memory": in_memory, "cached": cached, "provider": behind_a_provider, "floor": floor}


def alike(case: Case) -> bool:
    """Whether all contenders answer the case alike, ids aside."""
    answers = []
    for name, server in case.servers.items():
        request = next(case.requests[name]())
        if not request.startswith(b"POST") or name in case.status or b"__typename" in request:
            return True
        answer = httpx.post(
            server.url,
            content=request.partition(b"\r\n\r\n")[2],
            headers={"content-type": "application/json", "accept": "application/json"},
        )
        if not case.by_cpu:
            return "errors" not in answer.json()
        answers.append(_without_ids(answer.json()["data"]))
    return all(answer == answers[0] for answer in answers)


def _without_ids(value: object) -> object:
    match value:
        case dict():
            return {name: _without_ids(one) for name, one in value.items() if name != "id"}
        case list():
            return [_without_ids(one) for one in value]
        case float() | int():
            return float(value)
    return value


async def measured(case: Case, seconds: float, rounds: int) -> dict[str, list[Measured]]:
    """Return the rounds of each contender."""
    found: dict[str, list[Measured]] = {name: [] for name in case.servers}
    for _ in range(rounds):
        for name, server in case.servers.items():
            found[name].append(
                await closed_loop(
                    server.url,
                    case.requests[name](),
                    pid=server.pid,
                    connections=CONNECTIONS,
                    seconds=seconds,
                    status=case.status.get(name, 200),
                )
            )
    return found


def told(case: Case, found: dict[str, list[Measured]]) -> bool:
    """Print a row; return whether it holds."""
    speed: dict[str, float] = {}
    for name, rounds in found.items():
        speed[name] = median(one.per_cpu_second if case.by_cpu else one.per_second for one in rounds)
        rate, cpu, p50, p99 = (
            median(getattr(one, figure) for one in rounds)
            for figure in ("per_second", "per_cpu_second", "p50", "p99")
        )
        print(
            f"  {name:<6}{rate:>8.0f}/s{cpu:>8.0f}/CPU s  p50 {p50:>6.1f}  p99 {p99:>6.1f} ms"
            f"  failed {sum(one.failed for one in rounds)}"
        )
    if "peer" not in speed:
        return True
    ratio = speed["ours"] / speed["peer"]
    failed = any(one.failed for rounds in found.values() for one in rounds)
    if case.bar is None:
        print(f"  {ratio:.2f} times the peer's")
        return not failed
    holds = ratio >= case.bar and not failed
    print(f"  {'holds' if holds else 'FAILS'}: {ratio:.2f} times the peer's; aimed at {case.bar}")
    return holds


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=PARTS)
    chosen = parser.parse_args()
    npm = shutil.which("npm")
    if npm and not (PEERS / "node_modules").is_dir():
        subprocess.run([npm, "ci", "--loglevel=error"], cwd=PEERS, check=True)  # noqa: S603 - locked
    for part, cases in PARTS.items():
        if chosen.only in {None, part}:
            with ExitStack() as stack:
                for case in cases(Field(stack)):
                    print(case.name)
                    if not alike(case):
                        raise SystemExit("the answers differ: nothing is compared")
                    told(case, uvloop.run(measured(case, chosen.seconds, chosen.rounds)))


if __name__ == "__main__":
    main()
