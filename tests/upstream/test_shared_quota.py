"""Slots that replicas share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Protocol

import pytest

from gateway.upstream.pace import Pace
from gateway.upstream.policy import QuotaPolicy, StorePolicy
from gateway.upstream.server import Server
from gateway.upstream.shared_quota import SharedQuota
from tests.upstream.conftest import PATIENT, SharedServer, busiest_second, now
from tests.upstream.test_bulletin import eventually

REAL_TIME = True

HASTY = StorePolicy(timeout=0.1, rest=0.5)
Trouble = Callable[[SharedServer], Awaitable[None]]


class Replica:
    """One gateway that wants as many slots as it can get.

    Attributes:
        times: When its calls went out.
    """

    def __init__(self, valkey: SharedServer, replicas: int, store: StorePolicy = PATIENT) -> None:
        self.server = Server(valkey.url, store)
        policy = QuotaPolicy(replicas=replicas)
        self.quota = SharedQuota(self.server, "quota", Pace(15, policy), policy, store)
        self.times: list[float] = []

    async def run(self) -> None:
        """Spend every slot there is; a slot that is void when its call could go out is not used."""
        while True:
            slot = await self.quota.slot()
            if (at := now()) < slot.void:
                self.times.append(at)


class Join(Protocol):
    """Adds a replica, one of so many."""

    def __call__(self, replicas: int, store: StorePolicy = PATIENT) -> Replica:
        """Return it."""


@pytest.fixture
async def join(valkey: SharedServer) -> AsyncIterator[Join]:
    """Replicas on one server."""
    joined: list[Replica] = []

    def join(replicas: int, store: StorePolicy = PATIENT) -> Replica:
        joined.append(Replica(valkey, replicas, store))
        return joined[-1]

    yield join
    for replica in joined:
        await replica.server.close()


async def settled(replica: Replica) -> None:
    """Wait until the server, which knows nothing at first, grants slots."""
    await replica.quota.slot()
    while replica.quota.mode != "shared":
        await replica.quota.slot()


@asynccontextmanager
async def greedy(join: Join, replicas: int, store: StorePolicy) -> AsyncIterator[list[Replica]]:
    """Some replicas that spend all they get, meanwhile."""
    gateways = [join(replicas, store) for _ in range(replicas)]
    tasks = [asyncio.create_task(gateway.run()) for gateway in gateways]
    try:
        yield gateways
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def more_of(gateways: list[Replica], count: int) -> None:
    """Wait until each has made so many more calls."""
    enough = [len(gateway.times) + count for gateway in gateways]
    await eventually(lambda: all(len(g.times) >= n for g, n in zip(gateways, enough, strict=True)))


async def shared_by(gateways: list[Replica]) -> None:
    """Wait until the server grants slots to all, and each has used some."""
    await more_of(gateways, 1)
    await eventually(lambda: all(gateway.quota.mode == "shared" for gateway in gateways))
    await more_of(gateways, 5)


async def hang(valkey: SharedServer) -> None:
    """The server hangs for a while."""
    valkey.hang()
    await asyncio.sleep(1.0)
    valkey.wake()


async def restart(valkey: SharedServer) -> None:
    """The server is gone for a second and forgets everything."""
    valkey.kill()
    await asyncio.sleep(1.0)
    valkey.start()


async def blink(valkey: SharedServer) -> None:
    """The server forgets everything so quickly that some replicas may not notice."""
    valkey.kill()
    valkey.start()


@pytest.mark.parametrize("trouble", [hang, restart, blink])
async def test_three_replicas_never_exceed_the_limit(
    valkey: SharedServer, join: Join, trouble: Trouble
) -> None:
    """Whatever happens to the server, no sliding second holds more than fifteen calls, and calls go on."""
    async with greedy(join, 3, HASTY) as gateways:
        await shared_by(gateways)
        await trouble(valkey)
        await more_of(gateways, 2)
        await shared_by(gateways)
    assert busiest_second([at for gateway in gateways for at in gateway.times]) <= 15


async def test_the_rate_is_granted_to_whoever_asks(join: Join) -> None:
    """Fourteen slots asked for at once fit into one second, whichever replica asks for them."""
    one, two = join(2), join(2)
    await settled(one)
    waits = [wait for n in range(14) if (wait := await (one, two)[n % 2].quota._ask()) is not None]
    assert len(waits) == 14
    assert max(waits) <= 1.0


async def test_replicas_take_turns(join: Join) -> None:
    """Of two that want everything neither gets the lion's share."""
    async with greedy(join, 2, PATIENT) as (one, two):
        await eventually(lambda: len(one.times) + len(two.times) >= 40)
    assert min(len(one.times), len(two.times)) >= 10
    assert busiest_second(one.times + two.times) <= 15


async def test_a_replica_alone_keeps_to_its_share(valkey: SharedServer, join: Join) -> None:
    """Without a server a third of the quota is used, and the mode says so."""
    valkey.kill()
    gateway = join(3)
    voids = [(await gateway.quota.slot()).void for _ in range(6)]
    assert gateway.quota.mode == "share"
    spacing = 1 / gateway.quota.rate(now())
    assert spacing == pytest.approx(3 / 14)
    # A slot is void some time after it was granted, the same time for each.
    assert all(later - sooner >= spacing - 1e-9 for sooner, later in pairwise(voids))


async def test_a_share_that_was_not_used_is_granted_at_once(valkey: SharedServer, join: Join) -> None:
    """Long after the server has gone, a lone request waits for nothing."""
    valkey.kill()
    gateway = join(3)
    await gateway.quota.slot()
    await asyncio.sleep(0.3)
    assert gateway.quota.delay(now()) <= 0


async def test_a_hiccup_is_no_reason_for_shares(join: Join) -> None:
    """A server back before the first slot of a share is due has never been away."""
    gateway = join(15)
    await settled(gateway)
    await gateway.server.client.client_kill_filter(skipme=False)
    await gateway.quota.slot()
    assert gateway.server.failures == 1
    assert gateway.quota.mode == "shared"


async def test_an_idle_quota_grants_at_once(join: Join) -> None:
    """A lone request costs one round trip and no waiting."""
    gateway = join(1)
    await settled(gateway)
    await asyncio.sleep(0.2)
    assert await gateway.quota._ask() == 0.0


async def test_a_held_quota_waits(join: Join) -> None:
    """A provider that says when to come back is taken at its word."""
    gateway = join(1)
    started = now()
    gateway.quota.hold(started + 0.3)
    assert gateway.quota.delay(started) == pytest.approx(0.3)
    await gateway.quota.slot()
    assert now() - started >= 0.3


async def test_poison_under_the_quotas_key_is_removed(join: Join, link: Server) -> None:
    """A value of another type, or from a clock that was set back, is forgotten."""
    gateway = join(1)
    await link.client.set("quota", "poison")
    await gateway.quota.slot()
    await link.client.hset("quota", "due", "9" * 18)
    async with asyncio.timeout(20):
        await gateway.quota.slot()
