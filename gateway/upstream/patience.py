"""A time limit for somebody else's answer, which a stall of this process does not use up.

A process that stood still for a second finds every limit of a tenth of one past, and the answers that came
meanwhile unread. Whoever concludes that nobody answered is wrong, and if that makes a replica leave the
shared quota while the others keep to it, the provider is asked too often. So the limit is counted in steps,
each of which takes no more than its own length off it, however late its end is noticed.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

_STEPS = 5


class Patience:
    """Ends what is awaited in its context with TimeoutError.

    Args:
        seconds: How long at least.
    """

    def __init__(self, seconds: float) -> None:
        self._limit = asyncio.timeout(None)
        self._step = seconds / _STEPS
        self._left = _STEPS
        self._alarm: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        self._wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alarm:
            self._alarm.cancel()
        await self._limit.__aexit__(kind, error, trace)

    def lose(self) -> None:
        """End now what is awaited."""
        if not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())

    def _wait(self) -> None:
        self._alarm = asyncio.get_running_loop().call_later(self._step, self._pass)

    def _pass(self) -> None:
        self._left -= 1
        if self._left:
            self._wait()
        else:
            self.lose()
