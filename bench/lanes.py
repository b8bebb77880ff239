"""How a crowd of pollers fares against fifteen calls a second.

    python -m bench.lanes [scenario ...] [--seconds 30]

Sandbox, gateways and clients are processes of this machine that talk HTTP over loopback. The sandbox counts
the calls of every sliding second and refuses the sixteenth, as VOD does; clients poll like browsers and take
the age of a record from its ``observedAt`` when the answer has arrived. The first seconds, in which every id
is seen for the first time, are left out of all figures but errors and calls.

How many calls a second holds is counted by their arrival in the kernel, and once more by the sandbox, which
may read two late and together where it has no machine of its own. If calls are refused and the wire has seen
no second with too many, the sandbox was late.

Where the store is in trouble, polls are answered from memory and may notice next to nothing. A fetch needs a
slot. Replicas that change from the store's slots to their shares, or back, make no call for the spacing of a
share, ``replicas / q`` seconds, or the second in which they change would hold too many; a fetch that comes
just then waits so much longer, and no bound below that could be promised. Before and after, busy replicas
take turns, with the store as without: the wait for a slot is the same.

Ages compare with what the quota allows: ten ids a call at ``q`` calls a second cannot keep ``n`` moving ids
younger than ``n / 10 q`` seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import httpx
import pygal
from msgspec import Struct

from bench.crowd import VIDEOS, Answer, crowd, fetching, percentile, sharing
from bench.figures import Figure, table
from bench.servers import Servers, running
from bench.troubles import AILING, TROUBLES, ailing
from bench.wire import most_in_a_second

RESULTS = Path(__file__).parent / "results"
RATE = 14.0
"""Calls a second that the gateway allows itself of the provider's fifteen."""


class Scenario(Struct, frozen=True, kw_only=True):
    """One measurement of a crowd.

    Attributes:
        clients, ids, per_poll, every: How many poll which part of how many videos, and how often.
        whole: Whether they look at all of them together, and not each at a few of its choice.
        replicas: Gateways; more than one share a Valkey.
        trouble: What happens to that Valkey when a third of the time is over.
        seconds: At least.
        goals: The most that a figure may be; for those in ``AT_LEAST``, the least.
    """

    clients: int
    ids: int
    per_poll: int = 2
    every: float = 2.0
    whole: bool = False
    replicas: int = 1
    trouble: str | None = None
    seconds: float = 0.0
    goals: dict[str, float]

    @property
    def bound(self) -> float:
        """Seconds in which the quota can serve every video once."""
        return self.ids / 10 / RATE


class Measured(NamedTuple):
    """What came of a scenario: figures, all answers, and when it began."""

    figures: list[Figure]
    log: list[Answer]


AT_LEAST = {"quota used", "ids per call"}
SAFE = {"errors": 0.0, "refused": 0.0, "most calls in a second": 15.0}
HOT = SAFE | {"age p50, s": 0.45, "age p95, s": 0.85, "answer p50, ms": 5.0, "answer p99, ms": 150.0}


def _moving(ids: int) -> Scenario:
    goals = SAFE | {"age max, s": 1.2 * ids / 140, "quota used": 0.9, "ids per call": 9.5}
    return Scenario(clients=ids // 25, ids=ids, per_poll=50, whole=True, goals=goals)


def _replicas(goals: dict[str, float], trouble: str | None = None) -> Scenario:
    return Scenario(
        clients=60,
        ids=1200,
        per_poll=50,
        whole=True,
        replicas=REPLICAS,
        trouble=trouble,
        seconds=60,
        goals=SAFE | goals,
    )


REPLICAS = 3
ADDED = {"added p99 of polls, ms": 20.0, "added p99 of fetches, ms": 1000 * REPLICAS / RATE}
SCENARIOS: dict[str, Scenario] = {
    "200 pollers": Scenario(clients=200, ids=100, goals=HOT),
    "200 pollers, 2 replicas": Scenario(clients=200, ids=100, replicas=2, goals=HOT),
    "400 pollers": Scenario(clients=400, ids=250, goals=SAFE | {"age p95, s": 2.0}),
    "300 moving": _moving(300),
    "1000 moving": _moving(1000),
    "2000 moving": _moving(2000),
    "3 replicas": _replicas({"quota used": 0.85}),
    **{f"3 replicas, store {trouble}": _replicas(ADDED, trouble) for trouble in TROUBLES},
}
COLD = "500 cold ids"


async def _measure(scenario: Scenario, seconds: float) -> Measured:
    seconds = max(seconds, scenario.seconds)
    with running(replicas=scenario.replicas, share_store=scenario.replicas > 1, wire=True) as servers:
        ids = _ids(servers, "running", scenario.ids)
        # What has not been seen yet has to fit into the deadline of whoever asks for it.
        ramp = 1.3 * scenario.bound if scenario.whole else 0.0
        clients = [
            *sharing(
                servers.gateways,
                ids,
                count=scenario.clients,
                most=scenario.per_poll,
                every=scenario.every,
                whole=scenario.whole,
                ramp=ramp,
            )
        ]
        begin = time.time()
        settled = begin + ramp + scenario.every + max(1.0, scenario.bound)
        troubled, end = settled + seconds / 3, settled + seconds
        if scenario.trouble:
            finished = [{"ids": [video]} for video in _ids(servers, "succeeded", 5 * scenario.replicas)]
            for number, gateway in enumerate(servers.gateways):
                own = finished[number :: scenario.replicas]
                clients += fetching("fetches", gateway, VIDEOS, own, every=1.0)
        polling = asyncio.create_task(crowd(clients, until=lambda: time.time() >= end))
        await asyncio.sleep(settled - time.time())
        before = _calls(servers)
        if scenario.trouble and servers.valkey:
            await asyncio.sleep(troubled - time.time())
            troubled = time.time()
            await TROUBLES[scenario.trouble](servers.valkey, seconds / 3)
        await asyncio.sleep(end - time.time())
        after = _calls(servers)
        log = await polling
        after["peak"] = most_in_a_second(_arrivals(servers))
    later = [answer for answer in log if answer.at >= settled]
    values = _values(later, {name: after[name] - before[name] for name in ("made", "ids")}, after, seconds)
    values["errors"] = float(sum(len(answer.errors) for answer in log))
    if scenario.trouble:
        values |= _added(later, troubled)
        values["trouble began, s"] = troubled - begin
    return Measured(
        [
            Figure(name=name, value=value, goal=scenario.goals.get(name), at_least=name in AT_LEAST)
            for name, value in values.items()
        ],
        log,
    )


def _values(
    log: list[Answer], made: dict[str, int], calls: dict[str, int], seconds: float
) -> dict[str, float]:
    ages = [age for answer in log if answer.group == "polls" for age in answer.ages]
    times = [answer.took * 1000 for answer in log if answer.group == "polls"]
    return {
        "answers": float(len(log)),
        "refused": float(calls["refused"]),
        "most calls in a second": float(calls["peak"]),
        "most calls read in a second": float(calls["peak_offered"]),
        "quota used": made["made"] / seconds / RATE,
        "ids per call": made["ids"] / max(made["made"], 1),
        "age p50, s": median(ages),
        "age p95, s": percentile(ages, 0.95),
        "age max, s": max(ages),
        "answer p50, ms": percentile(times, 0.5),
        "answer p99, ms": percentile(times, 0.99),
    }


def _added(log: list[Answer], troubled: float) -> dict[str, float]:
    """Compare answers before the trouble with those from a tenth of a second after its begin."""
    values = {}
    for group in ("polls", "fetches"):
        calm = [answer.took for answer in log if answer.group == group and answer.at < troubled]
        after = [answer.took for answer in log if answer.group == group and answer.at >= troubled + 0.1]
        values[f"p99 of {group} before, ms"] = percentile(calm, 0.99) * 1000
        values[f"added p99 of {group}, ms"] = (percentile(after, 0.99) - percentile(calm, 0.99)) * 1000
    return values


async def _cold() -> Measured:
    """Ask for five hundred videos that nobody has asked for, in requests of fifty, all at once."""
    with running(wire=True) as servers:
        ids = _ids(servers, "succeeded", 500)
        clients = sharing(servers.gateways, ids, count=10, most=50, every=1e-3, whole=True, ramp=0.0)
        end = time.time() + 1
        log = await crowd(list(clients), until=lambda: time.time() >= end)
        calls = _calls(servers)
        most = most_in_a_second(_arrivals(servers))
    figures = [
        Figure(name="errors", value=float(sum(len(answer.errors) for answer in log)), goal=0.0),
        Figure(name="calls", value=float(calls["made"]), goal=50.0),
        Figure(name="refused", value=float(calls["refused"]), goal=0.0),
        Figure(name="most calls in a second", value=float(most), goal=SAFE["most calls in a second"]),
        Figure(name="most calls read in a second", value=float(calls["peak_offered"])),
        Figure(name="last answer, s", value=max(answer.took for answer in log)),
    ]
    return Measured(figures, log)


def _ids(servers: Servers, state: str, count: int) -> list[str]:
    query: dict[str, Any] = {"limit": count, "provider": "vod", "state": state}
    ids: list[str] = httpx.get(f"{servers.sandbox}/_sandbox/ids", params=query, timeout=60).json()["vod"][
        state
    ]
    return ids


def _calls(servers: Servers) -> dict[str, int]:
    calls = httpx.get(f"{servers.sandbox}/_sandbox/calls").json()
    made: dict[str, int] = calls.get(
        "GetTranscodeSummary", {"made": 0, "ids": 0, "refused": 0, "peak_offered": 0}
    )
    return made


def _arrivals(servers: Servers) -> list[float]:
    """Return when VOD's summaries were asked for, in order."""
    lines = servers.arrivals.read_text().splitlines() if servers.arrivals else []
    return sorted(float(at) for name, at in map(str.split, lines) if name == "GetTranscodeSummary")


def _errors(log: list[Answer]) -> dict[str, dict[str, int]]:
    """Return how many errors of which code came in which second of the run, by group of clients."""
    begin = min(answer.at for answer in log)
    found: dict[str, Counter[str]] = {}
    for answer in sorted(log, key=lambda answer: answer.at):
        for code in answer.errors:
            second = int(answer.at + answer.took - begin)
            found.setdefault(f"{answer.group} {code}", Counter())[str(second)] += 1
    return {code: dict(seconds) for code, seconds in found.items()}


def _told(errors: dict[str, dict[str, int]]) -> str:
    lines = (
        f"  {sum(seconds.values())} x {code}, in second "
        + ", ".join(f"{second} ({count})" for second, count in seconds.items())
        for code, seconds in errors.items()
    )
    return "".join(f"{line}\n" for line in lines)


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
    names = [*SCENARIOS, COLD, AILING]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("scenarios", nargs="*", default=names, help="; ".join(names))
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    written = RESULTS / "lanes.json"
    results = json.loads(written.read_text()) if written.exists() else {}
    for name in arguments.scenarios:
        if name == COLD:
            figures, log = asyncio.run(_cold())
        elif name == AILING:
            figures, log = asyncio.run(ailing(arguments.seconds))
        else:
            figures, log = asyncio.run(_measure(SCENARIOS[name], arguments.seconds))
        _plot(name, log)
        errors = _errors(log)
        print(table(name, figures) + _told(errors), flush=True)
        results[name] = {figure.name: figure.value for figure in figures} | {"errors by second": errors}
        written.write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
