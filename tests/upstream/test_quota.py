"""Moments, and waiting for them."""

from __future__ import annotations

import asyncio

import uvloop

from gateway.upstream.quota import Slot, until
from tests.upstream.conftest import now


def test_a_slot_serves_one_request() -> None:
    """Once a request has left with it, it is void for ever."""
    fresh, spent = Slot(5.0), Slot(5.0)
    spent.use()
    assert (fresh.used, spent.used) == (False, True)
    assert spent.void < 0


async def test_an_instant_that_moves_is_waited_for() -> None:
    """Whoever sleeps until an instant sleeps longer if it is put off meanwhile."""
    instant = 1.0
    waiting = asyncio.create_task(until(lambda: instant))
    await asyncio.sleep(0.5)
    instant = 2.0
    await waiting
    assert now() == 2.0


def test_a_wait_that_is_too_short_for_a_timer_does_not_turn_the_loop() -> None:
    """On uvloop, whose timers count whole milliseconds, the instant is looked at before and after."""
    looks = 0

    async def wait() -> None:
        instant = asyncio.get_running_loop().time() + 0.0004

        def look() -> float:
            nonlocal looks
            looks += 1
            return instant

        await until(look)

    uvloop.run(wait())
    assert looks <= 2
