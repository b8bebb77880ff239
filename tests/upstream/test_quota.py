"""Spacing, and the pace that gives way to throttling."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.policy import QuotaPolicy
from gateway.upstream.quota import LocalQuota, Pace
from tests.upstream.conftest import VirtualLoop, busiest_second


def pace(per_second: float = 15, **policy: float) -> Pace:
    """Return the pace of an operation."""
    return Pace(per_second, QuotaPolicy(**policy))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("per_second", "share", "burst", "rate"),
    [(15, 1.0, 1, 14.0), (15, 0.5, 1, 6.5), (15, 1.0, 5, 10.0), (1, 1.0, 1, 0.5), (2, 1.0, 1, 1.0)],
)
def test_rate_and_burst_stay_within_the_limit(
    per_second: float, share: float, burst: int, rate: float
) -> None:
    """The rate leaves room for the burst, and a quota too small for that is halved."""
    assert Pace(per_second, QuotaPolicy(share=share, burst=burst)).rate(0) == rate


@settings(max_examples=60, deadline=None)
@given(
    limit=st.integers(1, 30),
    burst=st.integers(1, 5),
    pauses=st.lists(st.floats(0, 1.5), min_size=20, max_size=60),
)
def test_no_sliding_second_holds_more_than_the_limit(limit: int, burst: int, pauses: list[float]) -> None:
    """Whatever the pattern of demand, at most `limit` slots fall into any second."""
    times: list[float] = []

    async def demand() -> None:
        quota = LocalQuota(Pace(limit, QuotaPolicy(burst=burst)))
        for pause in pauses:
            await asyncio.sleep(pause if pause > 0.5 else 0)
            await quota.slot()
            times.append(asyncio.get_running_loop().time())

    loop = VirtualLoop()
    try:
        loop.run_until_complete(demand())
    finally:
        loop.close()
    assert busiest_second([at + 1e-9 * number for number, at in enumerate(times)]) <= limit


async def test_an_idle_quota_grants_at_once() -> None:
    """The first slot after a pause costs no wait."""
    quota = LocalQuota(pace())
    await asyncio.sleep(10)
    await quota.slot()
    assert asyncio.get_running_loop().time() == 10.0


async def test_a_refunded_slot_is_granted_again_at_once() -> None:
    """A slot nobody wanted does not delay the next."""
    quota = LocalQuota(pace())
    await quota.slot()
    quota.refund()
    assert quota.delay(asyncio.get_running_loop().time()) <= 0


async def test_those_who_wait_for_slots_get_them_in_order() -> None:
    """A call that missed its slot is not overtaken by every later one."""
    quota, order = LocalQuota(pace()), list[int]()

    async def take(number: int) -> None:
        await quota.slot()
        order.append(number)

    await asyncio.gather(*(take(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]
    assert asyncio.get_running_loop().time() == pytest.approx(4 / 14)


async def test_a_held_quota_grants_nothing_before_the_instant() -> None:
    """A provider that says when to come back is taken at its word, even by those who already wait."""
    quota = LocalQuota(pace())
    await quota.slot()
    waiting = asyncio.create_task(quota.slot())
    await asyncio.sleep(0.01)
    quota.hold(2.0)
    await waiting
    assert asyncio.get_running_loop().time() == 2.0


async def test_a_slot_is_void_before_the_next_one() -> None:
    """Whoever comes half a spacing late takes another slot."""
    assert 0 < await LocalQuota(pace()).slot() < 1 / 14


def test_throttling_lowers_the_rate_once_a_second() -> None:
    """Calls under way together report the same jam, which counts once."""
    throttled = pace()
    for _ in range(5):
        throttled.throttled(10.0)
    assert throttled.rate(10.0) == pytest.approx(14 * 0.7)
    throttled.throttled(11.0)
    assert throttled.rate(11.0) == pytest.approx((14 * 0.7 + 1.4) * 0.7)


def test_the_rate_climbs_back_and_no_further() -> None:
    """Without throttling the full rate returns, a tenth of it per second."""
    throttled = pace()
    throttled.throttled(0.0)
    assert throttled.rate(1.0) == pytest.approx(14 * 0.8)
    assert throttled.rate(100.0) == 14


def test_the_rate_never_dies() -> None:
    """However long a jam lasts, a tenth of the rate goes on probing it."""
    throttled = pace(recover=1e9)
    for second in range(100):
        throttled.throttled(float(second))
    assert throttled.rate(100.0) == pytest.approx(1.4)
