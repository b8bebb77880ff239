"""Cache, join, queue: what a request meets."""

from __future__ import annotations

import asyncio

import pytest

from gateway.domain.errors import NotFound, QuotaExhausted, TimedOut, Unavailable
from gateway.domain.provider import Verb
from gateway.domain.records import Provider, Video
from gateway.upstream.policy import Policy, QueuePolicy, QuotaPolicy, RefreshPolicy
from tests.upstream.conftest import FakeProvider, now, running, throttled, unavailable, videos

RESTING = Policy(refresh=RefreshPolicy(share=0.0))
"""Lanes that call only when somebody asks, so that every call can be accounted for."""


async def test_a_fresh_record_costs_no_call(provider: FakeProvider) -> None:
    """What is young enough answers from memory, in no time."""
    async with running(provider, policy=RESTING) as upstream:
        first = await videos(upstream, "a")
        before = now()
        assert await videos(upstream, "a", "a") == first * 2
        assert (now(), len(provider.calls)) == (before, 1)


async def test_equal_misses_share_one_flight(provider: FakeProvider) -> None:
    """A thousand requests for one id are one key of one call."""
    async with running(provider, policy=RESTING) as upstream:
        answers = await asyncio.gather(*(videos(upstream, "a") for _ in range(1000)))
    assert provider.batches == [("a",)]
    assert all(answer == answers[0] for answer in answers)


async def test_500_cold_ids_are_50_calls(provider: FakeProvider) -> None:
    """However they arrive, distinct keys fill whole calls."""
    ids = [f"v{number}" for number in range(500)]
    async with running(provider, policy=RESTING) as upstream:
        await asyncio.gather(*(videos(upstream, video_id) for video_id in ids))
    # The very first call goes out with whoever is there at that moment: all of them.
    assert [len(batch) for batch in provider.batches] == [10] * 50


async def test_answers_are_in_the_order_of_the_keys(provider: FakeProvider) -> None:
    """Duplicates, unknown ids and different batches end up where they were asked for."""
    provider.unknown = {"nope"}
    ids = [f"v{number}" for number in range(15)]
    async with running(provider) as upstream:
        answers = await videos(upstream, "v3", "nope", *ids, "v3")
    assert isinstance(answers[1], NotFound)
    assert [a.video_id for a in answers if isinstance(a, Video)] == ["v3", *ids, "v3"]


async def test_an_unknown_id_is_remembered_for_a_while(provider: FakeProvider) -> None:
    """Asking again for what does not exist costs nothing, until it might exist by now."""
    provider.unknown = {"nope"}
    async with running(provider, policy=RESTING) as upstream:
        await videos(upstream, "nope")
        await asyncio.sleep(9)
        await videos(upstream, "nope")
        assert len(provider.calls) == 1
        await asyncio.sleep(2)
        provider.unknown.clear()
        assert isinstance((await videos(upstream, "nope"))[0], Video)


async def test_a_stale_record_answers_at_once_and_is_refreshed(provider: FakeProvider) -> None:
    """A poll after the fresh window gets the last record without waiting; the next poll gets a new one."""
    async with running(provider, policy=Policy(refresh=RefreshPolicy(hot_for=0.1))) as upstream:
        (old,) = await videos(upstream, "a")
        await asyncio.sleep(6)
        before = now()
        assert (await videos(upstream, "a"))[0] is old
        assert now() == before
        await asyncio.sleep(0.1)
        assert (await videos(upstream, "a"))[0] is not old


async def test_what_cannot_be_refreshed_any_sooner_is_not_waited_for(provider: FakeProvider) -> None:
    """When the pace drops to a tenth, polls get what there is, at once, for as long as a round takes now."""
    ids = [f"v{number}" for number in range(700)]
    policy = Policy(quota=QuotaPolicy(back_off=0.1, recover=1e9), queue=QueuePolicy(patience=90))
    async with running(provider, policy=policy) as upstream:
        await videos(upstream, *ids)
        provider.faults.append(throttled())
        calls, before = len(provider.calls), now()
        while now() < before + 90:
            await asyncio.sleep(2)
            asked = now()
            answers = await videos(upstream, *ids)
            assert now() == asked
            assert all(isinstance(answer, Video) for answer in answers)
        assert len(provider.calls) - calls == pytest.approx(1.4 * 90, rel=0.1)


async def test_a_client_may_ask_for_younger_data(provider: FakeProvider) -> None:
    """A bound on the age makes a request wait for a new record, and others go on using the old one."""
    async with running(provider, policy=RESTING) as upstream:
        (old,) = await videos(upstream, "a")
        await asyncio.sleep(0.5)
        (young,) = await videos(upstream, "a", max_age=0.3)
        assert young is not old
        assert (await videos(upstream, "a"))[0] is young
        assert len(provider.calls) == 2


async def test_asking_for_younger_data_forces_no_call(provider: FakeProvider) -> None:
    """Clients that want nothing but the newest still share calls and wait for the quota."""
    async with running(provider, policy=RESTING) as upstream:
        for _ in range(20):
            await asyncio.gather(*(videos(upstream, "a", max_age=0.0) for _ in range(50)))
            await asyncio.sleep(0.001)
        assert len(provider.calls) == 20
        assert now() >= 19 / 14


async def test_a_deadline_ends_in_the_last_known_record(provider: FakeProvider) -> None:
    """A waiter past its deadline gets what was known before."""
    async with running(provider, policy=RESTING) as upstream:
        (old,) = await videos(upstream, "a")
        provider.latency = 5.0
        await asyncio.sleep(60)
        assert await videos(upstream, "a", deadline=now() + 0.5) == [old]
        assert now() == pytest.approx(60.54)


async def test_a_deadline_during_a_call_is_a_timeout(provider: FakeProvider) -> None:
    """Without an old record a waiter whose call is under way learns that the provider is slow."""
    provider.latency = 5.0
    async with running(provider) as upstream:
        (error,) = await videos(upstream, "a", deadline=now() + 0.5)
        assert isinstance(error, TimedOut)
        assert now() == pytest.approx(0.5)


async def test_what_cannot_be_served_in_time_is_shed_at_once(provider: FakeProvider) -> None:
    """A request whose turn would come after its deadline is told so immediately, and when to come back."""
    async with running(provider) as upstream:
        crowd = asyncio.gather(*(videos(upstream, f"v{number}") for number in range(280)))
        await asyncio.sleep(0)
        before = now()
        (error,) = await videos(upstream, "late", deadline=now() + 1.0)
        assert isinstance(error, QuotaExhausted)
        assert error.retry_after == pytest.approx(2.0, abs=0.1)
        assert now() == before
        await crowd


async def test_what_is_known_and_cannot_be_refreshed_in_time_is_served_at_once(
    provider: FakeProvider,
) -> None:
    """Where a stranger is shed, whoever asks for a record that is kept gets that, without waiting in vain."""
    async with running(provider, policy=RESTING) as upstream:
        (old,) = await videos(upstream, "a")
        await asyncio.sleep(60)
        crowd = asyncio.gather(*(videos(upstream, f"v{number}") for number in range(280)))
        await asyncio.sleep(0)
        before = now()
        assert await videos(upstream, "a", deadline=now() + 1.0) == [old]
        assert now() == before
        await crowd


async def test_the_queue_is_bounded(provider: FakeProvider) -> None:
    """Above the bound nobody lines up, whatever the deadlines."""
    policy = Policy(queue=QueuePolicy(longest=50, patience=1e6))
    async with running(provider, policy=policy) as upstream:
        answers = await videos(upstream, *(f"v{number}" for number in range(80)))
        assert sum(isinstance(answer, QuotaExhausted) for answer in answers) == 30


async def test_a_client_that_leaves_cancels_nobody(provider: FakeProvider) -> None:
    """Of two requests for one id, one may go; the other gets its answer from the same call."""
    async with running(provider, policy=RESTING) as upstream:
        leaving, staying = (asyncio.create_task(videos(upstream, "a")) for _ in range(2))
        await asyncio.sleep(0.01)
        leaving.cancel()
        assert isinstance((await staying)[0], Video)
        assert len(provider.calls) == 1


async def test_a_key_nobody_waits_for_is_not_fetched(provider: FakeProvider) -> None:
    """Keys of a request that has gone before their turn are left out of the batch."""
    async with running(provider, policy=RESTING) as upstream:
        tasks = [asyncio.create_task(videos(upstream, f"v{number}")) for number in range(40)]
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        for task in tasks[10:30]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    asked = {key for batch in provider.batches for key in batch}
    assert asked == {f"v{number}" for number in [*range(10), *range(30, 40)]}


async def test_a_call_that_everybody_left_still_feeds_memory(provider: FakeProvider) -> None:
    """A call under way is paid for; its answer is kept."""
    async with running(provider, policy=RESTING) as upstream:
        task = asyncio.create_task(videos(upstream, "a"))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0.1)
        assert upstream.peek_many(Provider.VOD, Verb.LATEST_BY_VIDEO, ["a"]) is not None


async def test_a_thousand_aborted_requests_leave_nothing_behind(provider: FakeProvider) -> None:
    """After clients have left at all times, no flight and no place in the line is left."""
    async with running(provider, policy=RESTING) as upstream:
        tasks = [asyncio.create_task(videos(upstream, f"v{number % 300}")) for number in range(1000)]
        for number, task in enumerate(tasks):
            if number % 10 == 0:
                await asyncio.sleep(0.005)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(1)
        status = upstream.status()[0]
        assert status.waiting == 0
        lane, desk = upstream._desks[Provider.VOD, Verb.LATEST_BY_VIDEO]
        assert not desk.flights
        assert not lane._line._turns
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_one_caller_with_many_keys_does_not_starve_another(provider: FakeProvider) -> None:
    """A single key asked for behind five hundred of somebody else's is in the next call."""
    async with running(provider, policy=RESTING) as upstream:
        flood = asyncio.create_task(videos(upstream, *(f"v{number}" for number in range(500))))
        await asyncio.sleep(0.01)
        started = now()
        assert isinstance((await videos(upstream, "mine"))[0], Video)
        assert now() - started <= 1 / 14 + provider.latency
        flood.cancel()


async def test_requests_of_one_caller_share_its_turn(provider: FakeProvider) -> None:
    """A caller that splits its keys over many requests gets no more turns than one that does not."""
    async with running(provider, policy=RESTING) as upstream:
        await videos(upstream, "first")
        greedy = [videos(upstream, f"g{number}", caller="greedy") for number in range(100)]
        modest = [videos(upstream, f"m{number}", caller="modest") for number in range(5)]
        await asyncio.gather(*greedy, *modest)
    assert {key for key in provider.batches[1] if str(key).startswith("m")} == {f"m{n}" for n in range(5)}


async def test_an_error_is_not_remembered(provider: FakeProvider) -> None:
    """A request after a failed one makes its own call."""
    provider.faults.extend([unavailable()] * 3)
    async with running(provider, policy=RESTING) as upstream:
        assert isinstance((await videos(upstream, "a"))[0], Unavailable)
        assert isinstance((await videos(upstream, "a"))[0], Video)
