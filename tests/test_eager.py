"""Tasks that begin where they are made."""

from __future__ import annotations

import asyncio
from contextvars import Context, ContextVar

import pytest

from gateway.eager import begin

_PLACE: ContextVar[str] = ContextVar("place", default="nowhere")


async def test_a_task_has_done_what_it_can_before_it_is_returned() -> None:
    """The rest it does as any other."""
    steps: list[int] = []
    gate = asyncio.get_running_loop().create_future()

    async def work() -> str:
        steps.append(1)
        steps.append(await gate)
        await asyncio.sleep(0)
        steps.append(3)
        return "done"

    task = begin(work())
    assert steps == [1]
    assert not task.done()
    gate.set_result(2)
    assert await task == "done"
    assert steps == [1, 2, 3]


async def test_a_task_may_end_before_it_is_returned() -> None:
    """With a result, or with an error for whoever waits for it."""

    async def number() -> int:
        return 7

    async def trouble() -> None:
        raise LookupError("nothing here")

    assert await begin(number()) == 7
    task = begin(trouble())
    with pytest.raises(LookupError, match="nothing here"):
        await task


async def test_each_part_runs_in_its_own_task() -> None:
    """The first step, too, and what made the task goes on in its own."""
    seen: list[asyncio.Task[None] | None] = []

    async def inner() -> None:
        seen.append(asyncio.current_task())
        await asyncio.sleep(0)
        seen.append(asyncio.current_task())

    async def outer() -> None:
        own = asyncio.current_task()
        task = begin(inner())
        assert asyncio.current_task() is own
        await task
        assert seen == [task, task]

    await begin(outer())
    loop = asyncio.get_running_loop()
    found = loop.create_future()
    # In a callback of the loop there is no task to come back to.
    loop.call_soon(lambda: found.set_result((begin(inner()), asyncio.current_task())))
    task, outside = await found
    await task
    assert outside is None


@pytest.mark.parametrize("turns", [0, 1])
async def test_a_task_that_waits_can_be_cancelled(turns: int) -> None:
    """Before the loop has come to it, and after."""
    told: list[str] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    task = begin(work())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["cancelled"]


async def test_a_task_can_survive_being_cancelled() -> None:
    """As one may that has something to put in order."""

    async def work() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
        return "in order"

    task = begin(work())
    task.cancel()
    assert await task == "in order"


async def test_a_task_shows_where_it_is() -> None:
    """To whoever looks for those that hang."""

    async def waiting() -> None:
        await asyncio.sleep(60)

    task = begin(waiting())
    assert "waiting() running at" in repr(task)
    [frame] = task.get_stack()
    assert frame.f_code is waiting.__code__
    task.cancel()


async def test_a_time_limit_set_in_the_first_step_holds() -> None:
    """It cancels the task that it was set in."""

    async def work() -> None:
        async with asyncio.timeout(0):
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        await begin(work())


async def test_a_task_has_a_context_of_its_own() -> None:
    """A copy of the caller's, or the one that it is given."""

    async def work() -> str:
        before = _PLACE.get()
        _PLACE.set("there")
        await asyncio.sleep(0)
        return f"{before}, {_PLACE.get()}"

    _PLACE.set("here")
    assert await begin(work()) == "here, there"
    assert await begin(work(), context=Context()) == "nowhere, there"
    assert _PLACE.get() == "here"
