"""Time limits."""

from __future__ import annotations

import asyncio

import pytest

from gateway.upstream.limit import Limit
from tests.upstream.conftest import now


async def _sleep(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


async def test_what_takes_too_long_ends_when_its_time_is_up() -> None:
    """Each has as long as any other, whenever it began, and whatever became of those before it."""
    limit = Limit(10.0)

    async def begin(after: float, takes: float) -> tuple[float, str]:
        await asyncio.sleep(after)
        try:
            await limit.keep(_sleep(takes))
        except TimeoutError:
            return now(), "late"
        return now(), "in time"

    began = now()
    ends = await asyncio.gather(begin(0, 99), begin(1, 2), begin(2, 99), begin(3, 9), begin(50, 99))
    assert [(round(end - began, 2), how) for end, how in ends] == [
        (10.0, "late"),
        (3.0, "in time"),
        (12.0, "late"),
        (12.0, "in time"),
        (60.0, "late"),
    ]


async def test_errors_and_results_are_handed_on() -> None:
    """Within its time, nothing changes what is awaited."""
    limit = Limit(10.0)

    async def fail() -> None:
        raise KeyError("k")

    assert await limit.keep(_sleep(1.0)) == 1.0
    with pytest.raises(KeyError):
        await limit.keep(fail())


async def test_whoever_is_cancelled_has_not_run_out_of_time() -> None:
    """A lane that closes ends its calls, and no call takes that for its limit."""
    limit = Limit(10.0)
    task = asyncio.create_task(limit.keep(_sleep(99.0)))
    await asyncio.sleep(1.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert now() < 10.0


async def test_a_task_whose_call_ran_out_of_time_goes_on() -> None:
    """It has been stopped for the limit's sake alone, and may begin anew."""
    limit = Limit(10.0)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await limit.keep(_sleep(99.0))
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
