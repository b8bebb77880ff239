"""Slot and seal."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

import pytest

from gateway.domain.errors import Unauthorized
from gateway.domain.provider import Operation, Verb
from gateway.domain.records import Provider
from gateway.eager import begin
from gateway.upstream.policy import CircuitPolicy, Policy, QueuePolicy, RefreshPolicy
from gateway.upstream.stack import Upstream
from tests.upstream.conftest import FakeProvider, busiest_second, now, running, videos


def ages(upstream: Upstream, ids: list[str]) -> list[float]:
    """Return how old the remembered records are."""
    _, desk = upstream._desks[Provider.VOD, Verb.LATEST_BY_VIDEO]
    return [now() - desk.shelf[video_id].observed for video_id in ids]


async def keep_asking(upstream: Upstream, ids: list[str], seconds: float) -> float:
    """Ask for ids all the time; return the greatest age of any answer."""
    worst, end = 0.0, now() + seconds
    while now() < end:
        await videos(upstream, *ids)
        worst = max(worst, *ages(upstream, ids))
        await asyncio.sleep(0.1)
    return worst


async def test_an_idle_quota_adds_no_wait(provider: FakeProvider) -> None:
    """A lone request's call starts the moment it arrives."""
    async with running(provider) as upstream:
        await asyncio.sleep(3.0)
        await videos(upstream, "a")
    assert provider.times[0] == 3.0


async def test_the_batch_is_cut_at_the_slot(provider: FakeProvider) -> None:
    """Keys that arrive one by one while the quota is spent leave together."""
    async with running(provider, policy=Policy(refresh=RefreshPolicy(share=0))) as upstream:
        tasks = []
        for number in range(8):
            tasks.append(asyncio.create_task(videos(upstream, f"v{number}")))
            await asyncio.sleep(0.008)
        await asyncio.gather(*tasks)
    assert len(provider.calls) == 2
    assert set(provider.batches[1]) >= {f"v{number}" for number in range(1, 8)}


async def test_whoever_is_at_the_door_shares_the_next_call() -> None:
    """With slots to be had at any time: an idle lane calls at once, a busy one with some who come in a row.

    They are two and no more, as all would come back at the same moment. Who comes while the next slot is
    waited for goes with that.
    """
    fast = Operation(name="Summary", max_keys=10, per_second=1000, documented=True)
    provider = FakeProvider({Verb.LATEST_BY_VIDEO: fast})
    async with running(provider, policy=Policy(refresh=RefreshPolicy(share=0))) as upstream:
        await asyncio.sleep(1.0)
        tasks = [asyncio.create_task(videos(upstream, "first"))]
        await asyncio.sleep(0.02)
        assert provider.calls == [(1.0, Verb.LATEST_BY_VIDEO, ("first",))]
        for number in range(14):
            tasks.append(asyncio.create_task(videos(upstream, f"v{number}")))
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
    assert [len(keys) for keys in provider.batches] == [1, 2, 10, 2]


async def test_keys_asked_for_together_share_calls_where_slots_are_to_be_had_at_any_time() -> None:
    """Each of several large requests is in as few calls as it needs; waiting for slots, they take turns."""
    asked = [[f"{request}{number}" for number in range(30)] for request in "abc"]

    async def calls(per_second: float) -> list[int]:
        operation = Operation(name="Summary", max_keys=10, per_second=per_second, documented=True)
        provider = FakeProvider({Verb.LATEST_BY_VIDEO: operation})
        async with running(provider, policy=Policy(refresh=RefreshPolicy(share=0))) as upstream:
            await asyncio.gather(*(videos(upstream, *ids) for ids in asked))
        return [sum(not set(ids).isdisjoint(keys) for keys in provider.batches) for ids in asked]

    assert await calls(10_000) == [3, 3, 3]
    assert min(await calls(15)) > 3


async def test_right_after_a_call_one_with_free_seats_waits_for_company() -> None:
    """One that is full leaves at once; who comes within a millisecond of it goes together."""
    fast = Operation(name="Summary", max_keys=10, per_second=100_000, documented=True)
    provider = FakeProvider({Verb.LATEST_BY_VIDEO: fast})
    async with running(provider, policy=Policy(refresh=RefreshPolicy(share=0))) as upstream:
        await asyncio.sleep(1.0)
        tasks = [asyncio.create_task(videos(upstream, *(f"a{number}" for number in range(21))))]
        await asyncio.sleep(0.0005)
        assert [(at, len(keys)) for at, _, keys in provider.calls] == [(1.0, 10), (1.0, 10)]
        tasks.append(asyncio.create_task(videos(upstream, "b")))
        await asyncio.gather(*tasks)
    assert [(at, keys) for at, _, keys in provider.calls[2:]] == [(1.001, ("a20", "b"))]


async def test_nobody_asking_means_no_calls(provider: FakeProvider) -> None:
    """When the last poller has gone, refreshing ends."""
    async with running(provider) as upstream:
        await keep_asking(upstream, [f"v{number}" for number in range(30)], 3.0)
        await asyncio.sleep(6)
        calls = len(provider.calls)
        await asyncio.sleep(3600)
        assert len(provider.calls) == calls


async def test_finished_records_are_not_refreshed_ahead(provider: FakeProvider) -> None:
    """Polling what is over costs one call per fresh window at most."""
    provider.finished = {"a"}
    async with running(provider) as upstream:
        for _ in range(50):
            await videos(upstream, "a")
            await asyncio.sleep(0.5)
    assert len(provider.calls) == 1


async def test_a_call_that_goes_out_anyway_is_filled_with_hot_keys(provider: FakeProvider) -> None:
    """With refreshing of its own switched off, a stranger's call still takes nine hot keys along."""
    hot = [f"v{number}" for number in range(9)]
    async with running(provider, policy=Policy(refresh=RefreshPolicy(share=0))) as upstream:
        await videos(upstream, *hot)
        await asyncio.sleep(1.5)
        await videos(upstream, *hot)
        await videos(upstream, "stranger")
        assert set(provider.batches[-1]) == {"stranger", *hot}
        assert max(ages(upstream, hot)) == 0.0


async def test_the_share_of_refreshing_is_kept(provider: FakeProvider) -> None:
    """With a quarter of the quota for refreshing, no more than a quarter of the calls refresh."""
    async with running(provider, policy=Policy(refresh=RefreshPolicy(share=0.25))) as upstream:
        ids = [f"v{number}" for number in range(100)]
        await videos(upstream, *ids)
        calls, start = len(provider.calls), now()
        await keep_asking(upstream, ids, 20.0)
        assert (len(provider.calls) - calls) / (now() - start) == pytest.approx(3.5, abs=0.2)


async def test_waiting_callers_go_before_refreshes(provider: FakeProvider) -> None:
    """With the whole quota busy refreshing, a new key waits for one slot and no longer."""
    ids = [f"v{number}" for number in range(500)]
    async with running(provider) as upstream:
        await videos(upstream, *ids)
        polling = asyncio.create_task(keep_asking(upstream, ids, 10.0))
        for number in range(20):
            await asyncio.sleep(0.33)
            started = now()
            await videos(upstream, f"new{number}")
            assert now() - started <= 1 / 14 + provider.latency + 0.001
        await polling


async def test_a_hundred_hot_ids_are_never_older_than_three_quarters_of_a_second(
    provider: FakeProvider,
) -> None:
    """Fourteen calls of ten ids a second keep a hundred ids fresh, every call full."""
    ids = [f"v{number}" for number in range(100)]
    async with running(provider) as upstream:
        await videos(upstream, *ids)
        assert await keep_asking(upstream, ids, 20.0) <= 0.75
    assert busiest_second(provider.times) <= 15
    assert sum(map(len, provider.batches)) / len(provider.batches) >= 9.9


@pytest.mark.parametrize("count", [300, 1000, 2000])
async def test_more_keys_than_the_quota_refreshes_grow_older_and_not_the_queue(
    provider: FakeProvider, count: int
) -> None:
    """With n moving ids all asked for, none is older than 1.2 times n / 10q, and calls are full."""
    ids = [f"v{number}" for number in range(count)]
    async with running(provider, policy=Policy(queue=QueuePolicy(patience=60))) as upstream:
        await videos(upstream, *ids)
        calls, start = len(provider.calls), now()
        worst = await keep_asking(upstream, ids, 2.2 * count / 140)
        used = (len(provider.calls) - calls) / (now() - start)
        assert upstream.status()[0].waiting == 0
    assert worst <= 1.2 * count / 140
    assert used >= 0.9 * 14
    assert busiest_second(provider.times) <= 15
    assert sum(map(len, provider.batches)) / len(provider.batches) >= 9.5


async def test_verbs_of_one_operation_share_its_quota(provider: FakeProvider) -> None:
    """Jobs and tasks that one operation answers are spaced as one stream of calls."""
    async with running(provider) as upstream:
        await asyncio.gather(
            upstream.load_many(Provider.VOD, Verb.TASK_BY_ID, [f"t{number}" for number in range(20)]),
            upstream.load_many(Provider.VOD, Verb.JOBS_BY_ID, [f"j{number}" for number in range(20)]),
        )
    assert busiest_second(provider.times) <= 15
    verbs = [verb for _, verb, _ in provider.calls[:40]]
    assert verbs.count(Verb.TASK_BY_ID) == verbs.count(Verb.JOBS_BY_ID) == 20


async def test_calls_run_in_nobodys_context(provider: FakeProvider) -> None:
    """What a request carries in its context never reaches a call made for everybody."""
    principal: ContextVar[str | None] = ContextVar("principal", default=None)
    seen: list[Any] = []
    answer = provider._answer

    async def spying(*args: Any) -> Any:
        seen.append(principal.get())
        return await answer(*args)

    provider._answer = spying  # type: ignore[assignment]
    principal.set("alice")
    async with running(provider) as upstream:
        await videos(upstream, "a")
    assert seen == [None]


async def test_a_full_call_leaves_where_its_last_key_comes_in(provider: FakeProvider) -> None:
    """Before the event loop turns, if there is a slot; one with free seats may be joined until then."""
    ids = [f"v{number}" for number in range(21)]
    async with running(provider) as upstream:
        await asyncio.sleep(1.0)
        some = begin(videos(upstream, *ids[:9]))
        assert provider.calls == []
        rest = begin(videos(upstream, *ids[9:]))
        # A quota of fifteen a second has the next slot later.
        assert [len(keys) for keys in provider.batches] == [10]
        await asyncio.gather(some, rest)
    assert {key for keys in provider.batches for key in keys} == set(ids)


async def test_calls_that_are_over_at_once_are_many_and_not_deep() -> None:
    """A provider's client may refuse all of them before it sends anything."""
    fast = Operation(name="Summary", max_keys=1, per_second=1_000_000, documented=True)
    provider = FakeProvider({Verb.LATEST_BY_VIDEO: fast})

    async def refusing(*_: Any) -> Any:
        raise Unauthorized("no keys", provider=Provider.VOD, operation="Summary")

    provider._answer = refusing  # type: ignore[assignment]
    policy = Policy(refresh=RefreshPolicy(share=0), circuit=CircuitPolicy(measure_only=True))
    async with running(provider, policy=policy) as upstream:
        await asyncio.sleep(1.0)
        outcomes = await videos(upstream, *(f"v{number}" for number in range(900)))
    assert {type(outcome) for outcome in outcomes} == {Unauthorized}


@pytest.mark.parametrize("count", [1, 10])
async def test_the_dispatcher_survives_anything(
    provider: FakeProvider, caplog: pytest.LogCaptureFixture, count: int
) -> None:
    """An error nobody thought of is logged, and the line is served on."""
    ids = [f"v{number}" for number in range(count)]
    async with running(provider) as upstream:
        lane, _ = upstream._desks[Provider.VOD, Verb.LATEST_BY_VIDEO]
        seal, faults = lane._dispatcher.seal, [RuntimeError("a bug")]

        def stumble(now: float, *, together: bool) -> Any:
            if faults:
                raise faults.pop()
            return seal(now, together=together)

        lane._dispatcher.seal = stumble  # type: ignore[method-assign]
        assert len(await videos(upstream, *ids)) == count
    assert provider.batches == [tuple(ids)]
    assert "stumbled" in caplog.text
