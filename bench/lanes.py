"""How a crowd of pollers fares against fifteen calls a second.

    python -m bench.lanes [scenario ...] [--seconds 30]

Sandbox, gateways and clients are processes of this machine that talk HTTP over loopback. The sandbox counts
the calls of every sliding second and refuses the sixteenth, as VOD does; clients poll like browsers, each on
a clock of its own, and take the age of a record from its ``observedAt`` when the answer has arrived. The
first seconds, in which every id is seen for the first time, are counted apart.

Compared is what the quota allows: ten ids a call at ``q`` calls a second cannot keep ``n`` moving ids younger
than ``n / 10 q`` seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import aiohttp
import httpx
import msgspec
import pygal
from msgspec import Struct

from bench.servers import Servers, running

RESULTS = Path(__file__).parent / "results"
QUERY = """query($ids: [ID!]!) { videos(ids: $ids) {
    videoId latestTask { status progress observedAt jobs { status progress } } } }"""
FIRST_SIGHT = 2.0


class Answer(Struct, frozen=True):
    """One poll: when, how long it took in seconds, ages of its records in seconds, error codes."""

    at: float
    took: float
    ages: tuple[float, ...]
    errors: tuple[str, ...]


class Scenario(Struct, frozen=True, kw_only=True):
    """One measurement.

    Attributes:
        clients: Pollers.
        ids: Moving videos they share.
        per_poll: Ids of one poll, at most.
        every: Seconds from poll to poll of one client.
        replicas, share_store: As for `bench.servers.running`.
        disturb: What happens to the servers meanwhile.
    """

    clients: int
    ids: int
    per_poll: int = 2
    every: float = 2.0
    replicas: int = 1
    share_store: bool = False
    disturb: Callable[[Servers], Coroutine[None, None, None]] | None = None


async def _kill_store(servers: Servers) -> None:
    await asyncio.sleep(8)
    if servers.valkey:
        servers.valkey.kill()


async def _stop_store(servers: Servers) -> None:
    await asyncio.sleep(8)
    if servers.valkey:
        servers.valkey.send_signal(signal.SIGSTOP)
        await asyncio.sleep(8)
        servers.valkey.send_signal(signal.SIGCONT)


SCENARIOS: dict[str, Scenario] = {
    "200 pollers": Scenario(clients=200, ids=100),
    "200 pollers, 2 replicas": Scenario(clients=200, ids=100, replicas=2, share_store=True),
    "400 pollers": Scenario(clients=400, ids=250),
    "300 moving": Scenario(clients=30, ids=300, per_poll=50, every=1.0),
    "1000 moving": Scenario(clients=60, ids=1000, per_poll=50, every=2.0),
    "2000 moving": Scenario(clients=80, ids=2000, per_poll=50, every=2.0),
    "3 replicas": Scenario(clients=60, ids=1200, per_poll=50, replicas=3, share_store=True),
    "3 replicas, store killed": Scenario(
        clients=60, ids=1200, per_poll=50, replicas=3, share_store=True, disturb=_kill_store
    ),
    "3 replicas, store stopped": Scenario(
        clients=60, ids=1200, per_poll=50, replicas=3, share_store=True, disturb=_stop_store
    ),
}


async def _poller(
    client: aiohttp.ClientSession,
    scenario: Scenario,
    *,
    number: int,
    ids: list[str],
    until: float,
    log: list[Answer],
) -> None:
    dice = random.Random(number)  # noqa: S311 - the same crowd every time
    if scenario.per_poll >= 50:  # noqa: PLR2004 - crowds that look at everything take turns through it
        chunks = [ids[n : n + scenario.per_poll] for n in range(0, len(ids), scenario.per_poll)]
        wanted = chunks[number % len(chunks)]
    else:
        wanted = dice.sample(ids, dice.randint(1, scenario.per_poll))
    await asyncio.sleep(dice.uniform(0, scenario.every))
    while time.time() < until:
        started = time.time()
        request = {"query": QUERY, "variables": {"ids": wanted}}
        async with client.post("/graphql", json=request) as response:
            log.append(_read(started, await response.read()))
        await asyncio.sleep(max(0.0, started + scenario.every - time.time()))


def _read(started: float, answer: bytes) -> Answer:
    now = datetime.now(UTC)
    took = time.time() - started
    body = msgspec.json.decode(answer)
    errors = tuple(error["extensions"]["code"] for error in body.get("errors", ()))
    tasks = [video["latestTask"] for video in (body.get("data") or {}).get("videos") or () if video]
    ages = tuple((now - datetime.fromisoformat(task["observedAt"])).total_seconds() for task in tasks if task)
    return Answer(started, took, ages, errors)


async def _measure(scenario: Scenario, seconds: float) -> tuple[dict[str, float], list[Answer]]:
    with running(replicas=scenario.replicas, share_store=scenario.share_store) as servers:
        query: dict[str, str | int] = {"limit": scenario.ids, "provider": "vod", "state": "running"}
        ids = httpx.get(f"{servers.sandbox}/_sandbox/ids", params=query).json()["vod"]["running"]
        httpx.post(f"{servers.sandbox}/_sandbox/reset").raise_for_status()
        log: list[Answer] = []
        begin = time.time()
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(
                    aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0))
                )
                for url in servers.gateways
            ]
            pollers = [
                _poller(
                    clients[number % scenario.replicas],
                    scenario,
                    number=number,
                    ids=ids,
                    until=begin + seconds,
                    log=log,
                )
                for number in range(scenario.clients)
            ]
            disturbance = asyncio.create_task(scenario.disturb(servers)) if scenario.disturb else None
            await asyncio.gather(*pollers)
            if disturbance:
                await disturbance
        calls = httpx.get(f"{servers.sandbox}/_sandbox/calls").json()["GetTranscodeSummary"]
    took = time.time() - begin
    # A crowd of many ids needs longer than a poll to see each for the first time.
    settled = begin + max(FIRST_SIGHT, 1.5 * scenario.ids / 140 + scenario.every)
    later = [answer for answer in log if answer.at >= settled]
    ages = sorted(age for answer in later for age in answer.ages)
    times = sorted(answer.took for answer in later)
    row = {
        "answers": len(log),
        "errors": sum(len(answer.errors) for answer in later),
        "errors at first sight": sum(len(answer.errors) for answer in log if answer.at < settled),
        "refused": calls["refused"],
        "peak calls/s": calls["peak"],
        "calls/s": calls["made"] / took,
        "ids/call": calls["ids"] / calls["made"],
        "age p50 s": _at(ages, 0.5),
        "age p95 s": _at(ages, 0.95),
        "age max s": ages[-1],
        "bound s": scenario.ids / 140,
        "answer p50 ms": _at(times, 0.5) * 1000,
        "answer p99 ms": _at(times, 0.99) * 1000,
        "first sight p99 ms": _at(sorted(a.took for a in log if a.at < settled), 0.99) * 1000,
    }
    return row, log


def _at(values: list[float], part: float) -> float:
    return values[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


def _plot(name: str, log: list[Answer]) -> None:
    begin = min(answer.at for answer in log)
    by_second: dict[int, list[float]] = {}
    for answer in log:
        by_second.setdefault(int(answer.at - begin), []).extend(answer.ages)
    seconds = sorted(second for second, ages in by_second.items() if ages)
    title = f"{name}: age of records, seconds"
    chart = pygal.Line(title=title, x_title="seconds since the start", show_dots=False)
    chart.x_labels = [str(second) for second in seconds]
    chart.add("median", [median(by_second[second]) for second in seconds])
    chart.add("oldest", [max(by_second[second]) for second in seconds])
    chart.render_to_file(str(RESULTS / f"{name.replace(' ', '-').replace(',', '')}.svg"))


def main() -> None:
    """Run the scenarios named, or all; print a table, keep numbers and plots in ``bench/results``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS), help=", ".join(SCENARIOS))
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    rows = {}
    for name in arguments.scenarios:
        rows[name], log = asyncio.run(_measure(SCENARIOS[name], arguments.seconds))
        _plot(name, log)
        table = "".join(f"  {key:<22}{value:10.2f}\n" for key, value in rows[name].items())
        print(name, table, sep="\n", flush=True)
    (RESULTS / "lanes.json").write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
