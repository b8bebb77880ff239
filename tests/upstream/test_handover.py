"""From the server's slots to shares and back, many times over, on a clock that jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as Refused

from gateway.upstream.pace import Pace
from gateway.upstream.policy import QuotaPolicy, StorePolicy
from gateway.upstream.server import Server
from gateway.upstream.shared_quota import SharedQuota
from tests.upstream.conftest import VirtualLoop, busiest_second, now

STORE = StorePolicy(timeout=0.1, rest=0.5)


class Valkey:
    """What the script does, in Python; the script itself is tested on a real server.

    Attributes:
        alive: Whether it accepts questions.
        awake: Set while it answers them.
    """

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._state: tuple[float, float] | None = None
        self._answering: set[asyncio.Task[Any]] = set()
        self.alive = True
        self.awake = asyncio.Event()
        self.awake.set()

    async def ask(self, question: Callable[[], Any]) -> Any:
        """Answer; whoever stops waiting is answered all the same."""
        if not self.alive:
            raise Refused
        answering = asyncio.create_task(self._answer(question))
        self._answering.add(answering)
        answering.add_done_callback(self._answering.discard)
        return await asyncio.shield(answering)

    async def _answer(self, question: Callable[[], Any]) -> Any:
        await asyncio.sleep(self._dice.uniform(0, 0.002))
        await self.awake.wait()
        if not self.alive:
            raise Refused
        answer = question()
        await asyncio.sleep(self._dice.uniform(0, 0.002))
        return answer

    def grant(self, args: list[int]) -> int:
        """Grant a slot, or send to the shares."""
        interval, came_back, grace, empty = args
        instant = round(now() * 1e6)
        if came_back or self._state is None:
            self._state = instant + grace, instant + grace + empty
        since, due = self._state
        if instant < since:
            return -1
        due = max(instant, due)
        self._state = since, due + interval
        return round(due - instant)

    def die(self) -> None:
        """Be gone, with all that was remembered."""
        self.alive, self._state = False, None
        self.awake.set()

    async def close(self) -> None:
        """Answer nobody any more."""
        for answering in list(self._answering):
            answering.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)


class Client:
    """One replica's connection."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    def register_script(self, _: str) -> Callable[..., Awaitable[int]]:
        """Return what runs the one script there is."""
        return lambda keys, args: self._valkey.ask(lambda: self._valkey.grant(args))

    async def ping(self) -> bool:
        """Answer whether it answers."""
        return bool(await self._valkey.ask(lambda: True))

    async def aclose(self) -> None:
        """Have nothing to close."""


async def kill(valkey: Valkey, seconds: float) -> None:
    """The server is gone for a while, and forgets."""
    valkey.die()
    await asyncio.sleep(seconds)
    valkey.alive = True


async def stop(valkey: Valkey, seconds: float) -> None:
    """The server hangs for a while."""
    valkey.awake.clear()
    await asyncio.sleep(seconds)
    valkey.awake.set()


async def replica(valkey: Valkey, replicas: int, dice: Random, times: list[float]) -> None:
    """Call whenever there is a slot; requests leave some time after it."""
    policy = QuotaPolicy(replicas=replicas)
    server = Server("redis://127.0.0.1:1", STORE)
    server.client = Client(valkey)  # type: ignore[assignment]
    quota = SharedQuota(server, "quota", Pace(15, policy), policy, STORE)
    try:
        while True:
            slot = await quota.slot()
            await asyncio.sleep(dice.choice((0.0, 0.0, 0.0, 0.02, 0.1)))
            await quota.leave(slot)
            times.append(now())
    finally:
        await server.close()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), replicas=st.integers(1, 6), stalls=st.sampled_from([0.0, 0.002, 0.01]))
def test_no_second_holds_more_than_the_limit(seed: int, replicas: int, stalls: float) -> None:
    """However often the server dies, hangs and comes back, and however late everybody is."""
    dice = Random(seed)
    times: list[float] = []
    troubles: list[tuple[float, float]] = []

    async def life() -> None:
        valkey = Valkey(dice)
        tasks = [asyncio.create_task(replica(valkey, replicas, dice, times)) for _ in range(replicas)]
        for _ in range(5):
            await asyncio.sleep(dice.choice((0.3, 2.0, 8.0)))
            began = now()
            await dice.choice((kill, stop))(valkey, dice.choice((0.0, 0.05, 0.3, 1.0, 5.0)))
            troubles.append((began, now()))
        await asyncio.sleep(6.0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await valkey.close()

    loop = VirtualLoop(lambda: dice.uniform(0.05, 0.4) if dice.random() < stalls else 0.0)
    try:
        loop.run_until_complete(life())
    finally:
        loop.close()
    times.sort()
    assert busiest_second([at + 1e-9 * number for number, at in enumerate(times)]) <= 15, troubles
    assert len(times) >= 2 * times[-1]
