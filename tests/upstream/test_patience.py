"""Time limits, and stalls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.upstream.patience import Patience
from tests.upstream.conftest import VirtualLoop, now


async def test_nothing_is_awaited_for_longer() -> None:
    """After its seconds whoever still waits is told so."""
    with pytest.raises(TimeoutError):
        async with Patience(0.1):
            await asyncio.Event().wait()
    assert now() == pytest.approx(0.1)


async def test_what_comes_in_time_comes_through() -> None:
    """An answer ends the wait, an error passes, and no timer is left behind."""
    async with Patience(0.1):
        await asyncio.sleep(0.09)
    with pytest.raises(KeyError):
        async with Patience(0.1):
            raise KeyError
    await asyncio.sleep(1.0)
    assert now() == pytest.approx(1.09)


async def test_patience_can_be_lost_at_once() -> None:
    """Somebody who knows better ends the wait; saying so twice, or too late, changes nothing."""
    patience = Patience(20.0)
    asyncio.get_running_loop().call_later(0.5, patience.lose)
    asyncio.get_running_loop().call_later(0.5, patience.lose)
    with pytest.raises(TimeoutError):
        async with patience:
            await asyncio.Event().wait()
    patience.lose()
    assert now() == pytest.approx(0.5)


def _ended(answer_after: float, busy: Callable[[], float]) -> float | None:
    """Return when an answer came, of somebody who takes so long, on a loop that is busy; None for never."""

    async def wait() -> float | None:
        try:
            async with Patience(0.1):
                await asyncio.sleep(answer_after)
        except TimeoutError:
            return None
        return now()

    loop = VirtualLoop(busy)
    try:
        return loop.run_until_complete(wait())
    finally:
        loop.close()


@pytest.mark.parametrize("stall", [0.1, 0.11, 0.2, 5.0])
def test_a_stall_of_this_process_is_nobody_elses_silence(stall: float) -> None:
    """However long the process stands still, an answer that was there in time is read."""
    for at in range(1, 4):
        rounds = iter(range(10**6))
        assert _ended(0.05, lambda at=at, rounds=rounds: stall if next(rounds) == at else 0.0) is not None  # type: ignore[misc]


def test_silence_is_silence_on_a_busy_process_too() -> None:
    """With every step late, whoever never answers is given up on all the same."""
    assert _ended(1e9, lambda: 0.05) is None
