"""Lanes of several replicas on one server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from gateway.domain.provider import Verb
from gateway.domain.records import Provider, Video
from gateway.upstream.policy import Policy, QuotaPolicy, RefreshPolicy, StorePolicy
from gateway.upstream.stack import Upstream
from tests.upstream.conftest import FakeProvider, SharedServer, busiest_second, now, running, videos

REAL_TIME = True

QUIET = RefreshPolicy(share=0.0)

PATIENT = StorePolicy(timeout=1.0)
"""For tests of a server that is well, on a machine that may be busy."""


@asynccontextmanager
async def cluster(
    valkey: SharedServer,
    provider: FakeProvider,
    count: int,
    *,
    refresh: RefreshPolicy = QUIET,
    store: StorePolicy = PATIENT,
) -> AsyncIterator[list[Upstream]]:
    """Some replicas on one server and one account."""
    policy = Policy(refresh=refresh, quota=QuotaPolicy(replicas=count), store=store)
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(running(provider, policy=policy, store=valkey.url))
            for _ in range(count)
        ]


async def test_a_thousand_equal_questions_to_three_replicas_are_one_call(
    valkey: SharedServer, provider: FakeProvider
) -> None:
    """Whoever comes first fetches; the others wait for its news."""
    async with cluster(valkey, provider, 3) as replicas:
        answers = await asyncio.gather(*(videos(replicas[n % 3], "a") for n in range(1000)))
    assert all(isinstance(answer, Video) for (answer,) in answers)
    assert len(provider.calls) == 1


async def test_what_one_replica_fetched_costs_the_others_nothing(
    valkey: SharedServer, provider: FakeProvider
) -> None:
    """A record in the store answers on every replica, also on one that starts later."""
    provider.finished = {"a"}
    async with cluster(valkey, provider, 1) as (one,):
        await videos(one, "a")
    async with cluster(valkey, provider, 1) as (two,):
        assert isinstance((await videos(two, "a"))[0], Video)
        assert two.status()[0].shared_hits == 1
    assert len(provider.calls) == 1


async def test_another_account_shares_nothing(valkey: SharedServer, provider: FakeProvider) -> None:
    """Two accounts on one server make their own calls."""
    for scope in ("alice", "bob"):
        policy = Policy(refresh=QUIET)
        async with running(
            provider, policy=policy, store=valkey.url, scopes={Provider.VOD: scope}
        ) as upstream:
            await videos(upstream, "a")
    assert len(provider.calls) == 2


async def test_many_cold_ids_are_fetched_once_in_full_calls(
    valkey: SharedServer, provider: FakeProvider
) -> None:
    """Three replicas asked for the same hundred ids make about ten calls, and not thirty."""
    ids = [f"v{number}" for number in range(100)]
    async with cluster(valkey, provider, 3) as replicas:
        answers = await asyncio.gather(*(videos(replica, *ids) for replica in replicas))
    assert all(isinstance(answer, Video) for each in answers for answer in each)
    assert len([key for batch in provider.batches for key in batch]) <= 130
    assert len(provider.calls) <= 15


async def test_replicas_refresh_hot_ids_together(valkey: SharedServer, provider: FakeProvider) -> None:
    """Two replicas asked for the same hot ids keep them as young as one could, within one quota."""
    ids = [f"v{number}" for number in range(60)]
    ages: list[float] = []
    async with cluster(valkey, provider, 2, refresh=RefreshPolicy()) as replicas:
        until = now() + 3.2
        while now() < until:
            for replica in replicas:
                await videos(replica, *ids)
                if now() > until - 1.5:
                    _, desk = replica._desks[Provider.VOD, Verb.LATEST_BY_VIDEO]
                    ages.extend(now() - desk.shelf[video_id].observed for video_id in ids)
            await asyncio.sleep(0.05)
    ages.sort()
    # Alone, half of the quota would refresh sixty ids every 0.9 seconds; together it takes half as long.
    assert ages[len(ages) // 2] < 0.4
    assert busiest_second(provider.times) <= 15


@pytest.mark.parametrize("trouble", ["hang", "kill"])
async def test_no_request_fails_because_of_the_server(
    valkey: SharedServer, provider: FakeProvider, trouble: str
) -> None:
    """With the server hanging or gone, in the middle of it all, every request has its answer."""
    ids = [f"v{number}" for number in range(40)]
    async with cluster(valkey, provider, 3, refresh=RefreshPolicy(), store=StorePolicy()) as replicas:
        until = now() + 3.5
        troubled, cold = False, 0
        while now() < until:
            if not troubled and now() > until - 2.3:
                troubled = True
                (valkey.hang if trouble == "hang" else valkey.kill)()
            cold += 1
            asked = [videos(replica, *ids, f"cold{cold}", deadline=now() + 5) for replica in replicas]
            for answers in await asyncio.gather(*asked):
                assert all(isinstance(answer, Video) for answer in answers)
            await asyncio.sleep(0.1)
        if trouble == "hang":
            valkey.wake()
    assert busiest_second(provider.times) <= 15


async def test_a_server_that_appears_later_is_used(valkey: SharedServer, provider: FakeProvider) -> None:
    """Started without its server, a replica serves at once, and shares as soon as there is one."""
    valkey.kill()
    async with cluster(valkey, provider, 1) as (one,):
        assert isinstance((await videos(one, "a"))[0], Video)
        valkey.start()
        async with asyncio.timeout(10):
            number = 0
            while one.status()[0].quota != "shared":
                number += 1
                await videos(one, f"v{number}")
                await asyncio.sleep(0.1)
