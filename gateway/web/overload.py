"""Takes on as many requests as can be answered, and refuses the rest at once.

A server that accepts everything answers nobody in time: each request waits behind all others, clients give
up, and the work is done for no one. So few requests wait, in a line of our own. The line is served a few
requests for each turn of the event loop: all that arrived meanwhile then come to the gate first, where being
turned away costs a fraction of being answered, and where the length of the line is the truth about the load.

A crowd that comes at once is no such truth: the line may be as long as there is room for all of it behind the
gate, if there was none a moment ago.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

RETRY_AFTER = 1.0
"""Seconds after which a refused client had better come back; HTTP counts in whole ones."""

_A_TURN = 4
"""Requests that are let in for each turn; those that need records nobody has then share provider calls."""

_A_MOMENT = 0.1
"""Seconds within which those who come are a crowd; a line that is older is there for want of time.

As late may a timer be that a process is in time for; one that is later has stood still.
"""


class Overloaded(Exception):
    """There is no room for another request.

    Args:
        retry_after: Seconds after which there may be.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__("overloaded")
        self.retry_after = retry_after


class Gate:
    """Lets requests through.

    Args:
        running: How many are answered at the same time, most of them waiting for providers.
        waiting: How many wait for their turn.
        patience: Seconds that one waits.
    """

    def __init__(self, *, running: int, waiting: int, patience: float) -> None:
        self._most = running
        self._room = waiting
        self._patience = patience
        self._running = 0
        # In the order in which they are due, as all have the same patience.
        self._line: OrderedDict[asyncio.Future[None], float] = OrderedDict()
        self._line_since = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._stood_still = False
        self._this_turn = 0
        self.refused = 0

    @property
    def full(self) -> bool:
        """Whether another request would be refused."""
        return not self._free and self._line_is_full

    @property
    def running(self) -> int:
        """How many are being answered."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._line)

    @property
    def _free(self) -> bool:
        return self._has_room and not self._line

    @property
    def _has_room(self) -> bool:
        return self._running < self._most and self._this_turn < _A_TURN

    @property
    def _line_is_full(self) -> bool:
        if len(self._line) < self._room:
            return False
        if self._line_since + _A_MOMENT < asyncio.get_running_loop().time():
            return True
        return len(self._line) >= self._room + self._most - self._running

    async def enter(self) -> None:
        """Wait for a turn; whoever got one leaves again.

        Raises:
            Overloaded: Too many wait already, or the turn did not come in time.
        """
        if self._free:
            self._let_in()
            return
        if self._line_is_full:
            raise self._overloaded()
        loop = asyncio.get_running_loop()
        now = loop.time()
        if not self._line:
            self._line_since = now
        turn: asyncio.Future[None] = loop.create_future()
        self._line[turn] = now + self._patience
        if self._alarm is None:
            self._look_at(now + self._patience, loop)
        try:
            await turn
        except asyncio.CancelledError:
            self._give_up(turn)
            raise

    def leave(self) -> None:
        """Make room for another."""
        self._running -= 1
        self._serve()

    def count(self) -> None:
        """Count a request that was refused because the gate is full."""
        self.refused += 1

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if turn.cancelled():
            self._line.pop(turn, None)
        elif turn.exception() is None:
            self.leave()  # the turn had come, and nobody is there to use it

    def _look_at(self, due: float, loop: asyncio.AbstractEventLoop) -> None:
        self._alarm = loop.call_at(due, self._look, due, loop)

    def _look(self, due: float, loop: asyncio.AbstractEventLoop) -> None:
        """Refuse whoever has waited for long enough; look again when the next may have."""
        self._alarm = None
        now = loop.time()
        if now - due > _A_MOMENT and not self._stood_still:
            # Nobody had a turn in that time; whoever is in the line may have theirs now.
            self._stood_still = True
            self._look_at(now + self._patience, loop)
            return
        self._stood_still = False
        while self._line:
            turn, due = next(iter(self._line.items()))
            if due > now:
                self._look_at(due, loop)
                return
            del self._line[turn]
            if not turn.done():
                turn.set_exception(self._overloaded())

    def _let_in(self) -> None:
        self._running += 1
        self._this_turn += 1
        if self._this_turn == 1:
            asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._this_turn = 0
        self._serve()

    def _serve(self) -> None:
        while self._line and self._has_room:
            turn, _ = self._line.popitem(last=False)
            if not turn.cancelled():  # given up, and not yet out of the line
                self._let_in()
                turn.set_result(None)

    def _overloaded(self) -> Overloaded:
        self.refused += 1
        return Overloaded(RETRY_AFTER)
