"""Points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.points import Balance, OwnPurse, price


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_calls_cost_much_and_fields_a_little() -> None:
    """Nothing is free."""
    assert price(calls=0, fields=1) == 1
    assert price(calls=2, fields=45) == 24


async def test_points_are_spent_and_come_back() -> None:
    """What a minute gives may be spent at once; then it comes back second by second."""
    clock = _Clock()
    purse = OwnPurse(600, now=clock)
    assert (await purse.take("a", 600)).remaining == 0
    refused = await purse.take("a", 20)
    assert not refused.granted
    assert refused.retry_after == pytest.approx(2.0)
    clock.now += 2.0
    assert (await purse.take("a", 20)).granted
    assert (await purse.take("b", 600)).granted, "another client's points are another's"


async def test_what_was_not_used_comes_back_at_once() -> None:
    """A request that cost less than it could have leaves the rest for the next."""
    purse = OwnPurse(600, now=_Clock())
    await purse.take("a", 500)
    assert (await purse.give_back("a", 499)).remaining == 599
    assert (await purse.give_back("a", 499)).remaining == 600


async def test_what_is_spent_at_once_is_taken_like_anything_else() -> None:
    """And what is left is told with it."""
    purse = OwnPurse(600, now=_Clock())
    assert await purse.spend("a", 500) == Balance(granted=True, remaining=100)
    assert not (await purse.spend("a", 101)).granted


async def test_purses_are_bounded() -> None:
    """However many clients come by, few are kept."""
    purse = OwnPurse(600, now=_Clock(), principals=2)
    for n in range(5):
        await purse.take(f"p{n}", 1)
    assert len(purse._buckets) == 2


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 300)), max_size=60))
async def test_nobody_gets_more_than_a_bucket_and_what_came_back(asked: list[tuple[float, int]]) -> None:
    """In any time, no more is granted than the bucket held and the time gave."""
    clock = _Clock()
    purse = OwnPurse(600, now=clock)
    granted = 0
    for pause, points in asked:
        clock.now += pause
        granted += points if (await purse.take("a", points)).granted else 0
        assert granted <= 600 + clock.now * 10 + 1e-6
