"""Whose turn it is: the waiting flights of a lane, served one key per caller in turn.

Turns instead of first come, first served: a caller with hundreds of keys then delays one with a single key by
one round and not by all its calls. Where nobody delays anybody, as calls leave at once, a caller's keys stay
together instead: it then waits for few calls, and not for all that are made in that moment. A waiter that
leaves takes only itself away; a flight that all have left before it took off is dropped.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Hashable, Iterable

from gateway.upstream.flight import Desk, Flight, Stage, Waiter

# Who asks, at which desk, and whether for a suspect: whatever shares a turn can share a call, so that no key
# stands in the way of another one behind it.
_Turn = tuple[Hashable, Desk, bool]


class Line:
    """The waiting flights of one lane."""

    def __init__(self) -> None:
        self._turns: OrderedDict[_Turn, deque[Flight]] = OrderedDict()
        self._returned: deque[Flight] = deque()
        self._packs: deque[list[Flight]] = deque()
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def ahead(self, caller: Hashable, desk: Desk, more: int = 0) -> int:
        """How many keys are served before another one of a caller's, after some more of its own."""
        if not self._turns:
            return self._waiting + more
        turn = (caller, desk, False)
        own = len(self._turns.get(turn, ())) + more
        others = len(self._turns) - (turn in self._turns)
        return min(self._waiting + more, own + others * (own + 1))

    def admit(self, flight: Flight) -> None:
        """Let a new flight wait; each of its waiters takes a turn for it."""
        self._wait(flight)
        for waiter in flight.waiters:
            self._queue(waiter, alone=flight.alone).append(flight)

    def admit_all(self, waiter: Waiter, flights: Collection[Flight]) -> None:
        """Let a waiter's new flights wait that nobody shares yet."""
        if waiter.desk.suspects:
            for flight in flights:
                self.admit(flight)
        elif flights:
            waiting = Stage.WAITING
            for flight in flights:
                flight.stage = waiting
            self._waiting += len(flights)
            self._queue(waiter, alone=False).extend(flights)

    def join(self, waiter: Waiter, flight: Flight) -> None:
        """Let a waiter share a flight, and take a turn for it if it is in the line."""
        flight.waiters.add(waiter)
        if flight.stage is Stage.WAITING:
            self._queue(waiter, alone=flight.alone).append(flight)

    def leave(self, waiter: Waiter) -> None:
        """Let a waiter go; what nobody waits for any more is not fetched."""
        for key in waiter.pending:
            flight = waiter.desk.flights[key]
            flight.waiters.discard(waiter)
            if flight.stage is Stage.WAITING and not flight.waiters:
                self.land(flight)
        waiter.pending.clear()

    def land(self, *flights: Flight) -> None:
        """End flights, wherever they are; ending one twice changes nothing."""
        waiting, over = Stage.WAITING, Stage.OVER
        waited = 0
        for flight in flights:
            if flight.stage is over:
                continue
            if flight.stage is waiting:
                waited += 1
            flight.stage = over
            del flight.desk.flights[flight.key]
        if waited:
            self._no_longer_wait(waited)

    def rejoin(self, flights: Iterable[Flight]) -> None:
        """Put flights back at the head of the line: they have waited longest."""
        for flight in flights:
            self._wait(flight)
            self._returned.append(flight)

    def rejoin_together(self, flights: list[Flight]) -> None:
        """Put flights back as one batch to which nothing is added."""
        for flight in flights:
            self._wait(flight)
        self._packs.append(flights)

    def waiting(self) -> list[Flight]:
        """Return all flights that wait, those that came back first."""
        lines = [*self._packs, self._returned, *self._turns.values()]
        flights = dict.fromkeys(flight for line in lines for flight in line)
        return [flight for flight in flights if flight.stage is Stage.WAITING]

    def take_pack(self) -> list[Flight]:
        """Take off with the next batch that was put back as one, if there is any."""
        while self._packs:
            pack = [flight for flight in self._packs.popleft() if flight.stage is Stage.WAITING]
            for flight in pack:
                flight.stage = Stage.AIRBORNE
            if pack:
                self._no_longer_wait(len(pack))
                return pack
        return []

    def take(
        self, desk: Desk | None = None, seats: int | None = None, *, together: bool = False
    ) -> list[Flight]:
        """Take off with one batch: flights of one desk, callers taking turns, a suspect all by itself.

        Args:
            desk: Whose flights; None leaves that to whoever stands first.
            seats: How many at most; None for a whole call.
            together: Whether a turn lasts for as long as its caller has keys, in the next batch too.
        """
        batch = _Batch(desk, seats)
        if self._returned:
            self._take_returned(batch)
        self._take_turns(batch, together=together)
        self._no_longer_wait(len(batch.flights))
        return batch.flights

    def _take_returned(self, batch: _Batch) -> None:
        returned, self._returned = self._returned, deque()
        for flight in returned:
            if batch.takes(flight.desk, alone=flight.alone):
                batch.board(flight.desk, deque([flight]), alone=flight.alone)
            elif flight.stage is Stage.WAITING:
                self._returned.append(flight)

    def _take_turns(self, batch: _Batch, *, together: bool) -> None:
        turns = self._turns
        passed: list[tuple[_Turn, deque[Flight]]] = []
        while turns and batch.free:
            turn, queue = turns.popitem(last=False)
            _, desk, alone = turn
            if not batch.takes(desk, alone=alone):
                passed.append((turn, queue))
                continue
            # Whoever is the only one has the next turn too.
            batch.board(desk, queue, alone=alone, one=bool(turns) and not together)
            if queue:
                turns[turn] = queue
                turns.move_to_end(turn, last=not together)
        if passed:
            # Whoever was passed over because this batch was not for them has the first turn of the next.
            self._turns = OrderedDict([*passed, *turns.items()])

    def _queue(self, waiter: Waiter, *, alone: bool) -> deque[Flight]:
        turn = (waiter.caller, waiter.desk, alone)
        queue = self._turns.get(turn)
        if queue is None:
            queue = self._turns[turn] = deque()
        return queue

    def _wait(self, flight: Flight) -> None:
        flight.stage = Stage.WAITING
        self._waiting += 1

    def _no_longer_wait(self, flights: int) -> None:
        self._waiting -= flights
        if not self._waiting:
            # Others than waiting ones are skipped where they stand; with nobody behind them they would stay.
            self._turns.clear()
            self._returned.clear()
            self._packs.clear()


class _Batch:
    """A batch in the making: flights of one desk, and either one suspect or any number of others.

    Args:
        desk: Whose; None leaves that to the first flight.
        seats: How many are free in a call that has other keys already; None for a call of its own.

    Attributes:
        free: Seats left; before the first flight, the one that it takes.
    """

    def __init__(self, desk: Desk | None, seats: int | None) -> None:
        self.flights: list[Flight] = []
        self.free = 1 if seats is None else seats
        self._desk = desk

    def takes(self, desk: Desk, *, alone: bool) -> bool:
        """Whether there is a seat for flights of a desk, suspects or others."""
        if self._desk is None:
            return True
        return desk is self._desk and not alone and self.free > 0

    def board(self, desk: Desk, queue: deque[Flight], *, alone: bool, one: bool = False) -> None:
        """Take off with those of a queue that wait: one, or as many as there are seats for."""
        waiting, airborne = Stage.WAITING, Stage.AIRBORNE
        free = self.free if self._desk else 1 if alone else desk.seats
        most = 1 if one else free
        taken: list[Flight] = []
        while queue and len(taken) < most:
            for flight in [queue.popleft() for _ in range(min(most - len(taken), len(queue)))]:
                # Others have been taken along by another turn, or nobody waits for them any more.
                if flight.stage is waiting:
                    flight.stage = airborne
                    taken.append(flight)
        if taken:
            self._desk = desk
            self.free = free - len(taken)
            self.flights += taken
