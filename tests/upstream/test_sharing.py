"""Lanes of several replicas on one server."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from gateway.domain.provider import Verb
from gateway.domain.records import Provider, Status, Video
from gateway.upstream.cache import Entry
from gateway.upstream.flight import Desk
from gateway.upstream.freshness import Answer
from gateway.upstream.policy import Policy, QueuePolicy, QuotaPolicy, RefreshPolicy, StorePolicy
from gateway.upstream.stack import Upstream
from tests.upstream.conftest import (
    PATIENT,
    FakeProvider,
    SharedServer,
    busiest_second,
    running,
    video,
    videos,
)
from tests.upstream.test_bulletin import eventually

REAL_TIME = True

QUIET = RefreshPolicy(share=0.0)


@asynccontextmanager
async def cluster(
    valkey: SharedServer,
    *providers: FakeProvider,
    refresh: RefreshPolicy = QUIET,
    store: StorePolicy = PATIENT,
) -> AsyncIterator[list[Upstream]]:
    """Replicas on one server and one account, one for each way to the provider."""
    policy = Policy(
        refresh=refresh,
        quota=QuotaPolicy(replicas=len(providers)),
        queue=QueuePolicy(patience=30.0),
        store=store,
    )
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(running(provider, policy=policy, store=valkey.url))
            for provider in providers
        ]


async def test_a_thousand_equal_questions_to_three_replicas_are_one_call(
    valkey: SharedServer, provider: FakeProvider
) -> None:
    """Whoever comes first fetches; the others wait for its news."""
    async with cluster(valkey, *[provider] * 3) as replicas:
        answers = await asyncio.gather(*(videos(replicas[n % 3], "a") for n in range(1000)))
    assert all(isinstance(answer, Video) for (answer,) in answers)
    assert len(provider.calls) == 1


async def test_what_one_replica_fetched_costs_the_others_nothing(
    valkey: SharedServer, provider: FakeProvider
) -> None:
    """A record in the store answers on every replica, also on one that starts later."""
    provider.finished = {"a"}
    async with cluster(valkey, provider) as (one,):
        await videos(one, "a")
        await eventually(lambda: len(one._lanes[0]._tasks) == 1)  # its dispatcher; everything has been told
    async with cluster(valkey, provider) as (two,):
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
    """Three replicas asked for the same hundred ids fetch each once, in about ten calls and not thirty."""
    ids = [f"v{number}" for number in range(100)]
    provider.finished = set(ids)
    async with cluster(valkey, *[provider] * 3) as replicas:
        answers = await asyncio.gather(*(videos(replica, *ids) for replica in replicas))
    assert all(isinstance(answer, Video) for each in answers for answer in each)
    assert Counter(key for batch in provider.batches for key in batch) == Counter(ids)
    assert len(provider.calls) <= 20


async def test_replicas_refresh_hot_ids_together(valkey: SharedServer) -> None:
    """Two replicas asked for the same hot ids both have what either of them fetches."""
    ids = [f"v{number}" for number in range(60)]
    one, two = FakeProvider(), FakeProvider()
    renewed: Counter[Upstream] = Counter()
    async with cluster(valkey, one, two, refresh=RefreshPolicy()) as replicas:

        def count_renewals(replica: Upstream) -> None:
            lane, desk = replica._desks[Provider.VOD, Verb.LATEST_BY_VIDEO]
            write = lane._ledger._write

            def counting(
                at: Desk, answers: Mapping[Hashable, Answer], observed: float, now: float
            ) -> list[Entry]:
                before = {key: entry.observed for key, entry in desk.shelf.items()}
                entries = write(at, answers, observed, now)
                # What comes back from the store is not news, though clocks differ by some milliseconds.
                never = float("-inf")
                renewed[replica] += sum(
                    entry.observed > before.get(entry.key, never) + 0.01 for entry in entries
                )
                return entries

            lane._ledger._write = counting  # type: ignore[method-assign,assignment]

        for replica in replicas:
            count_renewals(replica)
        async with asyncio.timeout(30):
            while min(len(one.calls), len(two.calls)) < 12:
                for replica in replicas:
                    await videos(replica, *ids)
                await asyncio.sleep(0.05)
        own = {
            replica: sum(map(len, provider.batches))
            for replica, provider in zip(replicas, (one, two), strict=True)
        }
        for replica, other in (replicas, replicas[::-1]):
            assert renewed[replica] >= own[replica] + 0.7 * own[other]
    assert busiest_second(one.times + two.times) <= 15


@pytest.mark.parametrize("trouble", ["hang", "kill"])
async def test_no_request_fails_because_of_the_server(
    valkey: SharedServer, provider: FakeProvider, trouble: str
) -> None:
    """With the server hanging or gone, in the middle of it all, every request has its answer."""
    ids = [f"v{number}" for number in range(40)]
    hasty = StorePolicy(timeout=0.1)
    async with cluster(valkey, *[provider] * 3, refresh=RefreshPolicy(), store=hasty) as replicas:
        for turn in range(18):
            if turn == 8:
                (valkey.hang if trouble == "hang" else valkey.kill)()
            asked = [videos(replica, *ids, f"cold{turn}") for replica in replicas]
            for answers in await asyncio.gather(*asked):
                assert all(isinstance(answer, Video) for answer in answers)
        for replica in replicas:
            status = replica.status()[0]
            assert status.quota == "share"
            assert status.rate == pytest.approx(14 / 3)
        if trouble == "hang":
            valkey.wake()
    assert busiest_second(provider.times) <= 15


async def test_a_server_that_appears_later_is_used(valkey: SharedServer, provider: FakeProvider) -> None:
    """Started without its server, a replica serves at once, and shares as soon as there is one."""
    valkey.kill()
    async with cluster(valkey, provider) as (one,):
        assert isinstance((await videos(one, "a"))[0], Video)
        valkey.start()
        async with asyncio.timeout(30):
            number = 0
            while one.status()[0].quota != "shared":
                number += 1
                await videos(one, f"v{number}")
                await asyncio.sleep(0.1)


async def test_a_notification_to_one_replica_is_heard_by_all(
    valkey: SharedServer, provider: FakeProvider
) -> None:
    """Also where the replica that was told had never heard of the video, and another one had."""

    def ended(answer: Answer) -> Answer | None:
        return video("a", Status.SUCCEEDED)

    async with cluster(valkey, *[provider] * 3) as (one, two, three):
        await videos(one, "a")
        await videos(two, "a")
        assert await three.hear(Provider.VOD, Verb.LATEST_BY_VIDEO, "a", ended)
        calls = len(provider.calls)
        for replica in (one, two):
            async with asyncio.timeout(20):
                while await videos(replica, "a", max_age=600.0) != [video("a", Status.SUCCEEDED)]:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        assert len(provider.calls) == calls
