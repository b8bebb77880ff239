"""What goes wrong in the measurements: with the shared store, and with one provider of three."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator

import httpx

from bench.crowd import BY_PROVIDER, VIDEOS, Answer, Client, crowd, fetching, percentile
from bench.figures import Figure
from bench.servers import Servers, running


async def _killed(valkey: subprocess.Popen[bytes], _: float) -> None:
    valkey.kill()


async def _stopped(valkey: subprocess.Popen[bytes], seconds: float) -> None:
    valkey.send_signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    valkey.send_signal(signal.SIGCONT)


async def _restarted(valkey: subprocess.Popen[bytes], seconds: float) -> None:
    valkey.kill()
    valkey.wait()
    await asyncio.sleep(seconds)
    again = subprocess.Popen(valkey.args, stdout=subprocess.DEVNULL)  # noqa: ASYNC220, S603 - as it was before
    await asyncio.sleep(seconds)
    again.kill()
    again.wait()


TROUBLES: dict[str, Callable[[subprocess.Popen[bytes], float], Awaitable[None]]] = {
    "killed": _killed,
    "stopped": _stopped,
    "restarted": _restarted,
}
"""By name; given the store's process, and the seconds for which to keep it away."""

AILING = "one provider ailing"
_FAULTS: dict[str, dict[str, object]] = {
    "slow": {"kind": "latency", "ms": 5000},
    "throttling 1 in 3": {"kind": "throttle", "probability": 1 / 3},
    "failing": {"kind": "status", "status": 500},
}
_PAUSE = 8.0
"""Seconds between two faults, in which the circuit closes again."""
_CLIENTS = 10
_EVERY = 1.0
"""Ten calls a second of the fourteen that there are: nobody waits for a slot."""


async def ailing(seconds: float) -> tuple[list[Figure], list[Answer]]:
    """Let IMS ail in several ways, and see what VOD's and Visionular's clients notice.

    The seconds are spread over a time without fault and one of each fault.
    """
    phase = max(seconds / 3, 5.0)
    with running() as servers:
        begin = time.time() + 2
        phases = {"well": begin}
        for name in _FAULTS:
            phases[name] = max(phases.values()) + phase + _PAUSE
        polling = asyncio.create_task(crowd(list(_clients(servers)), until=max(phases.values()) + phase))
        for name, fault in _FAULTS.items():
            await asyncio.sleep(phases[name] - time.time())
            _set(servers, {"provider": "ims", **fault})
            await asyncio.sleep(phases[name] + phase - time.time())
            _set(servers)
        log = await polling
    figures = []
    for others in ("VOD", "VISIONULAR"):
        usual = _p99(log, others, begin, phase)
        figures.append(Figure(name=f"{others} p99, ms", value=usual * 1000))
        figures += [
            Figure(
                name=f"{others} p99, IMS {name}, ratio",
                value=_p99(log, others, phases[name], phase) / usual,
                goal=1.1,
            )
            for name in _FAULTS
        ]
        wrong = sum(bool(answer.errors) for answer in log if answer.group == others)
        figures.append(Figure(name=f"{others} errors", value=float(wrong), goal=0.0))
    return figures, log


def _p99(log: list[Answer], group: str, begin: float, seconds: float) -> float:
    return percentile([a.took for a in log if a.group == group and begin <= a.at < begin + seconds], 0.99)


def _set(servers: Servers, *rules: dict[str, object]) -> None:
    httpx.request(
        "POST" if rules else "DELETE", f"{servers.sandbox}/_sandbox/faults", json=list(rules)
    ).raise_for_status()


def _clients(servers: Servers) -> Iterator[Client]:
    (gateway,) = servers.gateways
    videos = [{"ids": [video]} for video in _succeeded(servers, "vod")]
    yield from fetching("VOD", gateway, VIDEOS, videos, every=_EVERY)
    for provider in ("IMS", "VISIONULAR"):
        tasks = [{"provider": provider, "id": task} for task in _succeeded(servers, provider.lower())]
        yield from fetching(provider, gateway, BY_PROVIDER, tasks, every=_EVERY)


def _succeeded(servers: Servers, provider: str) -> list[str]:
    query = {"limit": str(_CLIENTS), "provider": provider, "state": "succeeded"}
    ids: list[str] = httpx.get(f"{servers.sandbox}/_sandbox/ids", params=query, timeout=60).json()[provider][
        "succeeded"
    ]
    return ids
