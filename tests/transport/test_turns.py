"""Turns of answers that have come at once."""

from __future__ import annotations

import asyncio

from gateway.transport.turns import A_TURN, Turns


def _waiters(count: int) -> list[asyncio.Future[None]]:
    loop = asyncio.get_running_loop()
    return [loop.create_future() for _ in range(count)]


async def test_who_comes_alone_is_woken_at_once() -> None:
    """Again and again."""
    turns = Turns()
    for waiter in _waiters(3 * A_TURN):
        turns.wake(waiter)
        assert waiter.done()
        await asyncio.sleep(0)


async def test_of_a_crowd_a_few_are_woken_for_each_turn() -> None:
    """In the order in which they came; who comes meanwhile has a turn after them."""
    turns = Turns()
    waiters = _waiters(3 * A_TURN)
    *crowd, last = waiters
    for waiter in crowd:
        turns.wake(waiter)
    for turn in range(1, 4):
        woken = [waiter.done() for waiter in waiters]
        assert woken == [number < turn * A_TURN for number in range(3 * A_TURN)]
        if turn == 1:
            turns.wake(last)
        await asyncio.sleep(0)
    [late] = _waiters(1)
    turns.wake(late)
    assert late.done()


async def test_who_has_left_takes_no_turn() -> None:
    """Nor does one that was woken already, or whose connection heard more meanwhile."""
    turns = Turns()
    crowd = _waiters(2 * A_TURN + 2)
    for waiter in crowd:
        turns.wake(waiter)
    left, woken, *others = crowd[A_TURN:]
    left.cancel()
    turns.wake(others[0])
    woken.set_result(None)
    await asyncio.sleep(0)
    assert [waiter.done() for waiter in others] == [True] * A_TURN
    await asyncio.sleep(0)
    assert turns._woken == len(turns._line) == 0
