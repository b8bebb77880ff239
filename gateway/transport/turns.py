"""Whose turn it is to be read, of answers that have come at once.

Those that come together would take every step side by side: all are read, then all are remembered, then all
are written to clients, so that the first is ready when the last is. Whoever waited for them then asks
together again, and the process works in bursts with nothing to do between them. A few for each turn of the
event loop, the first are with their clients while the last are still to be read. One by one they would not
be better off: what a step takes is at hand for the next that takes the same step, and a turn has a price of
its own.
"""

from __future__ import annotations

import asyncio
from collections import deque

A_TURN = 8
"""Waiters woken for each turn: fewer suit requests that need one answer, more those that need three."""


class Turns:
    """Wakes those who wait for answers."""

    def __init__(self) -> None:
        self._line: deque[asyncio.Future[None]] = deque()
        self._woken = 0

    def wake(self, waiter: asyncio.Future[None]) -> None:
        """Wake a waiter that is not done: at once, unless enough have been woken in this turn."""
        if self._woken < A_TURN:
            self._wake(waiter)
        else:
            self._line.append(waiter)

    def _wake(self, waiter: asyncio.Future[None]) -> None:
        if not self._woken:
            asyncio.get_running_loop().call_soon(self._next)
        self._woken += 1
        waiter.set_result(None)

    def _next(self) -> None:
        self._woken = 0
        while self._line and self._woken < A_TURN:
            waiter = self._line.popleft()
            # It may have left, or been woken for something else that its connection heard.
            if not waiter.done():
                self._wake(waiter)
