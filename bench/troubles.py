"""What goes wrong in the measurements: with the shared store, and with one provider of three."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager

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
_WELL = "well"
_FAULTS: dict[str, dict[str, object]] = {
    "slow": {"kind": "latency", "ms": 5000},
    "throttling 1 in 3": {"kind": "throttle", "probability": 1 / 3},
    "failing": {"kind": "status", "status": 500},
}
_PHASE = 5.0
"""Seconds of each fault in turn."""
_PAUSE = 6.0
"""Seconds after a fault, in which slow calls end and the circuit closes again."""
_JUDGED = 0.99
_OTHERS = ("VOD", "VISIONULAR")
_BESIDE = " beside"
_CLIENTS = {"VOD": 40, "IMS": 10, "VISIONULAR": 10}
_EVERY = 1.0
"""Ten calls a second of the fourteen that there are, evenly spread: nobody waits for a slot but VOD's, whose
forty ids share calls."""
_QUOTA = "15"
"""The sandbox's. By themselves gateways ask for less where none is documented."""


async def ailing(seconds: float) -> tuple[list[Figure], list[Answer]]:
    """Let IMS ail in several ways, and see what VOD's and Visionular's clients notice.

    Two gateways run side by side, each with a sandbox and clients of its own, and only one's IMS ails: so
    whatever else the machine does falls on both at once. Each fault, and a time without, get so many seconds
    in turns. By what the ratios of the time without differ from one, the others are uncertain.
    """
    begun: dict[str, list[float]] = {name: [] for name in (_WELL, *_FAULTS)}
    over = asyncio.Event()
    with _side() as ail, _side() as beside:
        clients = [*_clients(ail, ""), *_clients(beside, _BESIDE)]
        polling = asyncio.create_task(crowd(clients, until=over.is_set))
        await asyncio.sleep(2.0)
        for _ in range(max(1, round(seconds / _PHASE))):
            for name, moments in begun.items():
                fault = _FAULTS.get(name)
                if fault:
                    _set(ail, {"provider": "ims", **fault})
                moments.append(time.time())
                await asyncio.sleep(_PHASE)
                if fault:
                    _set(ail)
                    await asyncio.sleep(_PAUSE)
        over.set()
        log = await polling
    return [figure for others in _OTHERS for figure in _compared(log, others, begun)], log


def _side() -> AbstractContextManager[Servers]:
    return running(ims_calls_per_second=_QUOTA, visionular_calls_per_second=_QUOTA)


def _compared(log: list[Answer], others: str, begun: dict[str, list[float]]) -> Iterator[Figure]:
    for name, moments in begun.items():
        own, usual = _times(log, others, moments), _times(log, others + _BESIDE, moments)
        for part in (0.95, 0.99):
            yield Figure(
                name=f"{others} p{part:.0%}, IMS {name}, ratio".replace("%", ""),
                value=percentile(own, part) / percentile(usual, part),
                goal=1.1 if part == _JUDGED and name != _WELL else None,
            )
        yield Figure(name=f"{others} p99 beside, IMS {name}, ms", value=percentile(usual, _JUDGED) * 1000)
    wrong = sum(bool(answer.errors) for answer in log if answer.group == others)
    yield Figure(name=f"{others} errors", value=float(wrong), goal=0.0)


def _times(log: list[Answer], group: str, begun: list[float]) -> list[float]:
    phases = [(begin, begin + _PHASE) for begin in begun]
    own = (answer for answer in log if answer.group == group)
    return [answer.took for answer in own if any(begin <= answer.at < end for begin, end in phases)]


def _set(servers: Servers, *rules: dict[str, object]) -> None:
    httpx.request(
        "POST" if rules else "DELETE", f"{servers.sandbox}/_sandbox/faults", json=list(rules)
    ).raise_for_status()


def _clients(servers: Servers, where: str) -> Iterator[Client]:
    (gateway,) = servers.gateways
    videos = [{"ids": [video]} for video in _succeeded(servers, "VOD")]
    yield from fetching("VOD" + where, gateway, VIDEOS, videos, every=_EVERY)
    for provider in ("IMS", "VISIONULAR"):
        tasks = [{"provider": provider, "id": task} for task in _succeeded(servers, provider)]
        yield from fetching(provider + where, gateway, BY_PROVIDER, tasks, every=_EVERY)


def _succeeded(servers: Servers, provider: str) -> list[str]:
    name = provider.lower()
    query = {"limit": str(_CLIENTS[provider]), "provider": name, "state": "succeeded"}
    answer = httpx.get(f"{servers.sandbox}/_sandbox/ids", params=query, timeout=60)
    ids: list[str] = answer.json()[name]["succeeded"]
    return ids
