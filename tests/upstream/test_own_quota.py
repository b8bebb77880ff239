"""Slots of one process: the cadence, and the window that no lateness may overfill."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.own_quota import OwnQuota
from gateway.upstream.pace import Pace
from gateway.upstream.policy import QuotaPolicy
from gateway.upstream.quota import Slot
from tests.upstream.conftest import VirtualLoop, busiest_second, now


def own(limit: float = 15, **policy: float) -> OwnQuota:
    """Return the quota of an operation."""
    return OwnQuota(Pace(limit, QuotaPolicy(**policy)))  # type: ignore[arg-type]


def on(loop: VirtualLoop, work: Coroutine[Any, Any, None]) -> None:
    """Run something on a loop of its own."""
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()


async def greedy(quota: OwnQuota, seconds: float, ready: Callable[[], float]) -> list[float]:
    """Return when requests left, of a lane that calls whenever it may.

    Args:
        quota: Its slots.
        seconds: For how long.
        ready: Returns the seconds from a slot to the request that is to leave with it.
    """
    times: list[float] = []

    async def call(slot: Slot) -> None:
        await asyncio.sleep(ready())
        await quota.leave(slot)
        times.append(now())

    async with asyncio.TaskGroup() as calls:
        while now() < seconds:
            calls.create_task(call(await quota.slot()))
    return [at for at in times if at < seconds]


@settings(max_examples=60, deadline=None)
@given(
    limit=st.integers(1, 30),
    burst=st.integers(1, 5),
    pauses=st.lists(st.floats(0, 1.5), min_size=20, max_size=60),
    ready=st.lists(st.sampled_from([0.0, 0.0, 0.03, 0.2, 1.4]), min_size=1, max_size=20),
    busy=st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.002, 0.05, 0.7]), min_size=1, max_size=20),
)
def test_no_sliding_second_holds_more_than_the_limit(
    limit: int, burst: int, pauses: list[float], ready: list[float], busy: list[float]
) -> None:
    """Whatever is asked for when, and however late requests are, no second sees more than the limit leave."""
    times: list[float] = []
    rounds = iter(range(10**9))

    async def demand() -> None:
        quota = own(limit, burst=burst)

        async def call(slot: Slot, after: float) -> None:
            await asyncio.sleep(after)
            await quota.leave(slot)
            times.append(now())

        async with asyncio.TaskGroup() as calls:
            for number, pause in enumerate(pauses):
                await asyncio.sleep(pause if pause > 0.5 else 0)
                calls.create_task(call(await quota.slot(), ready[number % len(ready)]))

    on(VirtualLoop(lambda: busy[next(rounds) % len(busy)]), demand())
    assert len(times) == len(pauses)
    assert busiest_second([at + 1e-9 * number for number, at in enumerate(times)]) <= limit


@pytest.mark.parametrize(
    ("lateness", "stalls", "used"),
    [(0.005, 0.0, 0.98), (0.01, 0.0, 0.95), (0.02, 0.0, 0.9), (0.005, 0.004, 0.95)],
)
def test_lateness_does_not_eat_the_quota(lateness: float, stalls: float, used: float) -> None:
    """A process that is late at every turn, or stands still now and then, still makes the calls it may."""
    dice = Random(7)
    times: list[float] = []

    def busy() -> float:
        return 0.3 if dice.random() < stalls else dice.expovariate(1 / lateness) if dice.random() < 0.5 else 0

    async def demand() -> None:
        times.extend(await greedy(own(), 120.0, lambda: 0.0))

    on(VirtualLoop(busy), demand())
    assert len(times) >= used * 14 * 120
    assert busiest_second(times) <= 15


async def test_requests_that_are_ready_late_leave_within_the_limit() -> None:
    """However long connections take, what leaves together stays within the quota, and few slots are lost."""
    dice = Random(7)
    times = await greedy(own(), 60.0, lambda: dice.choice((0.0, 0.0, 0.3, 1.2)))
    assert busiest_second(times) <= 15
    assert len(times) >= 0.85 * 14 * 60


async def test_slots_are_evenly_spaced() -> None:
    """Nothing being late, the fifteen calls of a second do not come at once."""
    times = await greedy(own(), 5.0, lambda: 0.0)
    assert all(later - sooner == pytest.approx(1 / 14) for sooner, later in pairwise(times))


def test_late_slots_follow_each_other_at_twice_the_pace() -> None:
    """Half a spacing apart until the cadence is caught up with, and then evenly again."""
    times: list[float] = []
    stalls = iter([0.2])

    async def demand() -> None:
        quota = own()
        while len(times) < 10:
            await quota.leave(await quota.slot())
            times.append(now())

    on(VirtualLoop(lambda: next(stalls, 0.0) if len(times) == 3 else 0.0), demand())
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert min(gaps) == pytest.approx(0.5 / 14)
    assert times[-1] == pytest.approx(9 / 14)


async def test_an_idle_quota_grants_at_once() -> None:
    """The first slot after a pause costs no wait, and the pause is no credit."""
    quota = own()
    await asyncio.sleep(10)
    await quota.slot()
    assert now() == 10.0
    await quota.slot()
    assert now() == pytest.approx(10 + 1 / 14)


async def test_a_slot_may_be_had_without_a_wait() -> None:
    """It counts as any other; where it has to be waited for, there is none."""
    quota = own()
    slot = quota.at_once(now())
    assert slot is not None
    assert quota.at_once(now()) is None
    quota.refund(slot)
    assert quota.at_once(now()) is not None


async def test_a_second_request_takes_another_slot() -> None:
    """One slot, one request: the next page of a call waits for its own."""
    quota = own()
    slot = await quota.slot()
    await quota.leave(slot)
    assert now() == 0.0
    await quota.leave(slot)
    assert now() == pytest.approx(1 / 14)
    await quota.leave(slot)
    assert now() == pytest.approx(2 / 14)


async def test_a_refunded_slot_is_granted_again_at_once() -> None:
    """A slot nobody wanted does not delay the next."""
    quota = own()
    quota.refund(await quota.slot())
    assert quota.delay(now()) <= 0


async def test_those_who_wait_for_slots_get_them_in_order() -> None:
    """Whoever asks first is served first."""
    quota, order = own(), list[int]()

    async def take(number: int) -> None:
        await quota.slot()
        order.append(number)

    await asyncio.gather(*(take(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]
    assert now() == pytest.approx(4 / 14)


async def test_a_held_quota_grants_nothing_before_the_instant() -> None:
    """A provider that says when to come back is taken at its word, even by those who already wait."""
    quota = own()
    await quota.slot()
    waiting = asyncio.create_task(quota.slot())
    await asyncio.sleep(0.01)
    quota.hold(2.0)
    await waiting
    assert now() == 2.0
    assert quota.delay(now()) == pytest.approx(1 / 14)


async def test_throttling_widens_the_spacing() -> None:
    """At a lowered rate slots are further apart."""
    pace = Pace(15, QuotaPolicy())
    quota = OwnQuota(pace)
    pace.throttled(0.0)
    assert quota.rate(0.0) == pytest.approx(14 * 0.7)
    await quota.slot()
    assert quota.delay(now()) == pytest.approx(1 / (14 * 0.7))
