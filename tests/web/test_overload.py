"""The gate."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from gateway.web.overload import Gate, Overloaded


async def _pass(gate: Gate, took: float = 0.0) -> bool:
    try:
        await gate.enter()
    except Overloaded:
        return False
    try:
        await asyncio.sleep(took)
    finally:
        gate.leave()
    return True


async def test_a_lone_request_does_not_wait() -> None:
    """An idle gate costs no turn of the loop."""
    gate = Gate(running=2, waiting=1, patience=1)
    entered = gate.enter()
    with pytest.raises(StopIteration):
        entered.send(None)
    gate.leave()


async def test_as_many_as_fit_are_answered_and_the_rest_refused_at_once() -> None:
    """Of twenty at once two run, three wait, and fifteen hear so before anything else happens."""
    gate = Gate(running=2, waiting=3, patience=5)
    passed = await asyncio.gather(*(_pass(gate, 0.01) for _ in range(20)))
    assert sum(passed) == 5
    assert gate.refused == 15
    assert await _pass(gate)


async def test_a_crowd_that_could_be_answered_at_once_is_let_in() -> None:
    """Turns are no reason to refuse anybody while there is room for all; a line that lasts is one."""
    gate = Gate(running=40, waiting=10, patience=20)
    assert all(await asyncio.gather(*(_pass(gate, 0.01) for _ in range(50))))
    held = [asyncio.create_task(_pass(gate, 20)) for _ in range(51)]
    await asyncio.sleep(0)
    assert (gate.full, gate.refused) == (True, 1)
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    crowd = [asyncio.create_task(_pass(gate)) for _ in range(20)]
    await asyncio.sleep(0)
    assert (gate.waiting, gate.full) == (16, False)
    gate._line_since -= 1
    assert gate.full
    assert all(await asyncio.gather(*crowd))


async def test_no_more_run_than_may() -> None:
    """However requests come and go, the number running stays within bounds."""
    gate = Gate(running=3, waiting=50, patience=5)
    running = most = 0

    async def request() -> None:
        nonlocal running, most
        await asyncio.sleep(random.random() / 50)
        await gate.enter()
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        gate.leave()

    await asyncio.gather(*(request() for _ in range(40)))
    assert most == 3
    assert gate._running == 0


async def test_nobody_waits_longer_than_patience() -> None:
    """Whoever waits behind slow ones is told to come back."""
    gate = Gate(running=1, waiting=5, patience=0.02)
    await gate.enter()
    with pytest.raises(Overloaded):
        await gate.enter()
    gate.leave()
    assert await _pass(gate)


async def test_time_in_which_the_process_stood_still_is_not_held_against_anybody() -> None:
    """Whoever was in the line has a turn first; who has none then, for want of room, is told as ever."""
    gate = Gate(running=9, waiting=9, patience=0.01)
    crowd = [asyncio.create_task(_pass(gate)) for _ in range(9)]
    await asyncio.sleep(0)
    time.sleep(0.15)  # noqa: ASYNC251 - that is what standing still is
    assert all(await asyncio.gather(*crowd))
    full = Gate(running=1, waiting=9, patience=0.01)
    await full.enter()
    waiting = asyncio.create_task(_pass(full))
    await asyncio.sleep(0)
    time.sleep(0.15)  # noqa: ASYNC251
    async with asyncio.timeout(20):
        assert not await waiting


async def test_a_client_that_leaves_gives_its_turn_back() -> None:
    """Cancelled in the line, or at the very moment of being let in, a request holds no place."""
    gate = Gate(running=1, waiting=9, patience=5)
    for moment in range(4):
        await gate.enter()
        waiting = asyncio.create_task(_pass(gate, 5))
        await asyncio.sleep(0)
        gate.leave()
        for _ in range(moment):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await asyncio.sleep(0.01)
        assert gate._running == 0
        assert not gate.full
    assert await _pass(gate)


async def test_a_turn_that_comes_as_patience_ends_is_nobodys() -> None:
    """Given up in the same moment in which there would be room, a turn goes to the next in line."""
    gate = Gate(running=1, waiting=9, patience=5)
    await gate.enter()
    impatient, patient = asyncio.create_task(_pass(gate)), asyncio.create_task(_pass(gate))
    await asyncio.sleep(0)
    impatient.cancel()
    gate.leave()
    assert await patient
    await asyncio.gather(impatient, return_exceptions=True)
    assert gate._running == 0
    assert not gate._line


async def test_under_any_load_every_turn_is_given_back() -> None:
    """Many requests, some slow, some impatient: in the end nobody runs and nobody waits."""
    gate = Gate(running=3, waiting=20, patience=0.004)
    tasks = [asyncio.create_task(_pass(gate, random.random() / 200)) for _ in range(60)]
    for task in tasks:
        if random.random() < 0.3:
            asyncio.get_running_loop().call_later(random.random() / 100, task.cancel)
        await asyncio.sleep(random.random() / 2000)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, (bool, asyncio.CancelledError)) for result in results)
    assert gate._running == 0
    assert not gate._line
    assert await _pass(gate)


async def test_the_line_moves_four_requests_a_turn() -> None:
    """Before more are let in, everything that has arrived comes to the gate."""
    gate = Gate(running=20, waiting=20, patience=5)
    order: list[str] = []

    async def request() -> None:
        await gate.enter()
        order.append("request")
        gate.leave()

    first = [asyncio.create_task(request()) for _ in range(6)]
    asyncio.get_running_loop().call_soon(lambda: order.append("turn"))
    await asyncio.gather(*first)
    assert order == [*["request"] * 4, "turn", *["request"] * 2]
