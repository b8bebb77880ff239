"""What telemetry costs: processor time per request with and without traces, and the time /metrics takes.

    python -m bench.telemetry [costs] [away] [ends] [--launches 3] [--rounds 5] [--seconds 1]

*costs*: gateways that differ in one setting answer the reference query side by side, on one sandbox, once
putting every answer together anew and once giving it again while nothing has changed. *away*: the same with
collectors that refuse connections, and that take everything and never answer. *ends*: the time from SIGTERM
to the end with each of them.

Rounds alternate, so that whatever else the machine does falls on all, and a figure is the median of ratios to
another gateway in the same round. Two processes of one program differ as well, by some hundredths and as long
as they live: all are launched several times, and each table has a twin of what it compares with.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from statistics import median

import httpx
import uvloop
from msgspec import Struct

from bench.collectors import Field, away, collector, ends
from bench.figures import table
from bench.load import Measured

OFF, TWIN = "off", "off, once more"
BARS = {"10 %": 1.1, "100 %": 1.3}


class Row(Struct):
    """What was found of one contender: in all rounds, and as ratios to `OFF` in each launch."""

    rounds: list[Measured] = []
    cpu: list[float] = []
    p99: list[float] = []


def settings(collector: str) -> dict[str, dict[str, str]]:
    """Return what the contenders differ in."""
    return {
        OFF: {},
        TWIN: {},
        "10 %": {"OTLP_ENDPOINT": collector, "SAMPLE_RATIO": "0.1"},
        "100 %": {"OTLP_ENDPOINT": collector, "SAMPLE_RATIO": "1"},
        "off, no lines": {"LOG_REQUESTS": "false"},
    }


def exposition(url: str) -> tuple[float, int]:
    """Return the milliseconds that /metrics takes, and its lines."""
    times, lines = [], 0
    with httpx.Client() as http:
        for _ in range(30):
            began = time.perf_counter()
            answer = http.get(f"{url}/metrics")
            times.append((time.perf_counter() - began) * 1000)
            lines = len(answer.text.splitlines())
    return median(times), lines


async def costs(launches: int, rounds: int, seconds: float) -> None:
    """Print what tracing costs."""
    async with collector(answers=True) as taking:
        for title, reuse in (("answers made anew", "0"), ("answers given again", "67108864")):
            rows = {name: Row() for name in settings(taking)}
            took, lines = 0.0, 0
            for _ in range(launches):
                with ExitStack() as stack:
                    field = Field(stack)
                    servers = {
                        name: field.gateway(told, GATEWAY_ANSWERS_MEMORY_BYTES=reuse)
                        for name, told in settings(taking).items()
                    }
                    found = await field.rounds(servers, seconds=seconds, rounds=rounds)
                    took, lines = exposition(servers["100 %"].url)
                for name, row in rows.items():
                    pairs = list(zip(found[name], found[OFF], strict=True))
                    row.rounds += found[name]
                    row.cpu.append(median(base.per_cpu_second / one.per_cpu_second for one, base in pairs))
                    row.p99.append(median(one.p99 / base.p99 for one, base in pairs))
            _print(title, rows)
            print(f"/metrics: {took:.1f} ms, {lines} lines (bar: 10 ms)\n")


def _print(title: str, rows: dict[str, Row]) -> None:
    print(f"{title:22} {'µs CPU':>8} {'ratio':>7} {'bar':>5} {'p50 ms':>7} {'p99 ms':>7} {'p99 ratio':>9}")
    for name, row in rows.items():
        cpu = median(1e6 / one.per_cpu_second for one in row.rounds)
        p50, p99 = (median(getattr(one, which) for one in row.rounds) for which in ("p50", "p99"))
        bar = f"{BARS[name]:.1f}" if name in BARS else ""
        ratios = f"{median(row.cpu):7.2f} {bar:>5} {p50:7.2f} {p99:7.2f} {median(row.p99):9.2f}"
        print(f"  {name:20} {cpu:8.0f} {ratios}")
        if failed := sum(one.failed for one in row.rounds):
            print(f"  {failed} answers failed")


async def run(parts: list[str], launches: int, rounds: int, seconds: float) -> None:
    """Print the figures of some parts, or of all."""
    if not parts or "costs" in parts:
        await costs(launches, rounds, seconds)
    if not parts or "away" in parts:
        figures = await away(launches=launches, rounds=rounds, seconds=seconds)
        print(table("tracing all, against a collector that answers", figures))
    if not parts or "ends" in parts:
        print(table("from SIGTERM to the end", await ends()))


def main() -> None:
    """Read the arguments and print the figures."""
    arguments = argparse.ArgumentParser(description="What telemetry costs.")
    arguments.add_argument("parts", nargs="*", choices=["costs", "away", "ends", []], metavar="part")
    arguments.add_argument("--launches", type=int, default=3)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=1)
    given = arguments.parse_args()
    uvloop.run(run(given.parts, given.launches, given.rounds, given.seconds))


if __name__ == "__main__":
    main()
