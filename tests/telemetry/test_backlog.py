"""What is put off is told: all of it, and in order."""

from __future__ import annotations

import asyncio

import pytest

from gateway.telemetry import backlog
from gateway.telemetry.backlog import Backlog


async def test_it_is_told_soon() -> None:
    """Whoever puts it down goes on; what comes later is told of later."""
    told: list[int] = []
    waiting: Backlog[int] = Backlog(told.append)
    for count in (1000, 1):
        waiting.put(count)
        before = len(told)
        for number in range(count - 1):
            waiting.put(number)
        assert len(told) == before
        async with asyncio.timeout(20):
            while len(told) < before + count:  # noqa: ASYNC110 - there is nothing to await
                await asyncio.sleep(0.001)
    assert waiting._turn is None


@pytest.mark.parametrize("end", ["flush", "close"])
async def test_nothing_is_lost_in_the_end(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at the numbers sees all of it, and the last requests of a process are told of."""
    monkeypatch.setattr(backlog, "_PAUSE", 30.0)
    told: list[int] = []
    waiting: Backlog[int] = Backlog(told.append)
    for number in range(250):
        waiting.put(number)
    getattr(waiting, end)()
    assert told == list(range(250))
    waiting.close()


async def test_one_that_cannot_be_told_of_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """It is a mistake of ours, and is said to be one."""
    told: list[int] = []

    def tell(number: int) -> None:
        if number == 1:
            raise ValueError("odd")
        told.append(number)

    waiting: Backlog[int] = Backlog(tell)
    for number in range(3):
        waiting.put(number)
    waiting.close()
    assert told == [0, 2]
    assert "could not be told of" in caplog.text
