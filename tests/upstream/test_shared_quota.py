"""Slots that replicas share."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest

from gateway.upstream.policy import QuotaPolicy, StorePolicy
from gateway.upstream.quota import Pace
from gateway.upstream.server import Server
from gateway.upstream.shared_quota import SharedQuota, share_of
from tests.upstream.conftest import SharedServer, busiest_second, now

REAL_TIME = True

STORE = StorePolicy(rest=0.5)
Trouble = Callable[[SharedServer], Awaitable[None]]


class Replica:
    """One gateway that wants as many slots as it can get."""

    def __init__(self, valkey: SharedServer, replicas: int, times: list[float]) -> None:
        self.server = Server(valkey.url, STORE)
        policy = QuotaPolicy(replicas=replicas)
        self.quota = SharedQuota(self.server, "quota", Pace(15, policy), policy, STORE)
        self._times = times

    async def run(self, until: float) -> None:
        """Spend every slot there is; a slot that is void when its call could go out is not used."""
        while now() < until:
            void = await self.quota.slot()
            if now() < void:
                self._times.append(now())


async def contend(valkey: SharedServer, replicas: int, seconds: float, trouble: Trouble) -> list[float]:
    """Return when calls went out while some replicas wanted all slots, and something went wrong."""
    times: list[float] = []
    gateways = [Replica(valkey, replicas, times) for _ in range(replicas)]
    until = now() + seconds
    try:
        await asyncio.gather(trouble(valkey), *(gateway.run(until) for gateway in gateways))
    finally:
        for gateway in gateways:
            await gateway.server.close()
    return times


async def hang(valkey: SharedServer) -> None:
    """The server hangs for a while."""
    await asyncio.sleep(2.1)
    valkey.hang()
    await asyncio.sleep(1.0)
    valkey.wake()


async def restart(valkey: SharedServer) -> None:
    """The server is gone for a second and forgets everything."""
    await asyncio.sleep(2.1)
    valkey.kill()
    await asyncio.sleep(1)
    valkey.start()


async def blink(valkey: SharedServer) -> None:
    """The server forgets everything so quickly that some replicas may not notice."""
    await asyncio.sleep(2.1)
    valkey.kill()
    valkey.start()


@pytest.mark.parametrize("trouble", [hang, restart, blink])
async def test_three_replicas_never_exceed_the_limit(valkey: SharedServer, trouble: Trouble) -> None:
    """Whatever happens to the server, no sliding second holds more than fifteen calls."""
    times = await contend(valkey, 3, 5.0, trouble)
    assert busiest_second(times) <= 15
    assert len(times) >= 0.5 * 14 * 5


async def test_the_rate_is_used(valkey: SharedServer) -> None:
    """Two replicas that want everything get nearly everything together, and about half each."""
    one, two = list[float](), list[float]()
    gateways = [Replica(valkey, 2, one), Replica(valkey, 2, two)]
    await asyncio.gather(*(gateway.run(now() + 4.0) for gateway in gateways))
    for gateway in gateways:
        await gateway.server.close()
    assert busiest_second(one + two) <= 15
    assert len(one) + len(two) >= 0.85 * 14 * 4
    assert 0.6 < len(one) / len(two) < 1.7


async def test_a_replica_alone_keeps_to_its_share(valkey: SharedServer) -> None:
    """Without a server a third of the quota is used, and the mode says so."""
    valkey.kill()
    times: list[float] = []
    gateway = Replica(valkey, 3, times)
    await gateway.run(now() + 2.0)
    await gateway.server.close()
    assert gateway.quota.mode == "share"
    assert 5 <= len(times) <= 10


async def test_an_idle_quota_grants_at_once(valkey: SharedServer) -> None:
    """A lone request costs one round trip and no waiting."""
    gateway = Replica(valkey, 1, [])
    await gateway.quota.slot()
    await asyncio.sleep(0.2)
    started = now()
    await gateway.quota.slot()
    assert now() - started < 0.05
    await gateway.server.close()


async def test_a_held_quota_waits(valkey: SharedServer) -> None:
    """A provider that says when to come back is taken at its word."""
    gateway = Replica(valkey, 1, [])
    started = now()
    gateway.quota.hold(started + 0.3)
    assert gateway.quota.delay(started) == pytest.approx(0.3)
    await gateway.quota.slot()
    assert now() - started >= 0.3
    await gateway.server.close()


async def test_poison_under_the_quotas_key_is_removed(valkey: SharedServer, link: Server) -> None:
    """A value of another type, or from a clock that was set back, is forgotten."""
    gateway = Replica(valkey, 1, [])
    await link.client.set("quota", "poison")
    await gateway.quota.slot()
    await link.client.hset("quota", "due", "9" * 18)
    started = now()
    await gateway.quota.slot()
    assert now() - started < 1.0
    await gateway.server.close()


@pytest.mark.parametrize("replicas", range(1, 16))
def test_shares_add_up_to_the_limit(replicas: int) -> None:
    """Shares that are out of step fill no second beyond the limit, late slots included."""
    spacing = 1 / (14 * share_of(Pace(15, QuotaPolicy()), replicas))
    in_any_second = math.ceil((1 + 1 / 14) / spacing - 1e-9)
    assert replicas * in_any_second <= 15
