"""The time limit of a lane's calls, watched by one timer for all of them.

Nearly every call is over long before. A timer that is set for each and taken back again costs more than all
else that is written down of a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, cast

from gateway.upstream.pace import TICK

T = TypeVar("T")


class Limit:
    """Ends what takes too long.

    Args:
        seconds: How long anything may take.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # As all are given equally long, they are in the order in which their time is up.
        self._ends: dict[asyncio.Task[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def keep(self, work: Awaitable[T]) -> T:
        """Await something in a task that does nothing else meanwhile.

        Raises:
            TimeoutError: It took too long.
        """
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        loop = asyncio.get_running_loop()
        self._ends[task] = end = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(end, self._look)
        try:
            return await work
        except asyncio.CancelledError:
            if task in self._ends or task.uncancel():
                raise  # somebody else wants it to end
            raise TimeoutError from None
        finally:
            self._ends.pop(task, None)

    def _look(self) -> None:
        """End what is late, and look again when the next may be."""
        loop = asyncio.get_running_loop()
        self._timer = None
        for task, end in list(self._ends.items()):
            if end - loop.time() > TICK:
                self._timer = loop.call_at(end, self._look)
                return
            del self._ends[task]
            task.cancel()
