"""What a request meets in a lane: cache, join, queue.

Nothing here waits but for the last answer or the deadline, whichever is sooner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

from gateway.domain.errors import GatewayError
from gateway.upstream.cache import Entry
from gateway.upstream.circuit import Circuit
from gateway.upstream.flight import Desk, Flight, Stage, Waiter
from gateway.upstream.freshness import Outcome
from gateway.upstream.ledger import Ledger
from gateway.upstream.line import Line
from gateway.upstream.policy import QueuePolicy
from gateway.upstream.quota import Quota
from gateway.upstream.refusals import Refusals
from gateway.upstream.status import Meter

if TYPE_CHECKING:
    from gateway.upstream.sharing import Sharing

Found = Callable[[int, int], None]


class Reception:
    """Answers from memory what it can, and lines up the rest.

    Args:
        found: Told, by whoever asks, how many records memory had, and how many of them were stale.
        ring: Has the dispatcher look whether there is something to do.
    """

    def __init__(
        self,
        *,
        line: Line,
        ledger: Ledger,
        circuit: Circuit,
        quota: Quota,
        meter: Meter,
        refusals: Refusals,
        policy: QueuePolicy,
        sharing: Sharing | None,
        found: Found,
        ring: Callable[[], None],
    ) -> None:
        self._line = line
        self._ledger = ledger
        self._circuit = circuit
        self._quota = quota
        self._meter = meter
        self._refusals = refusals
        self._policy = policy
        self._sharing = sharing
        self._found = found
        self._ring = ring

    def peek(self, desk: Desk, keys: Iterable[Hashable], max_age: float | None) -> list[Outcome] | None:
        """Return an answer for every key if memory has them all, else None; never waits."""
        now = asyncio.get_running_loop().time()
        shelf = desk.shelf
        answers: list[Outcome] = []
        stale: list[Entry] = []
        for key in keys:
            entry = shelf.get(key)
            if entry is None or not self._serves(entry, now, max_age):
                return None
            if now >= entry.fresh_until:
                stale.append(entry)
            entry.asked = now
            answers.append(entry.answer)
        self._meter.counts["hits"] += len(answers)
        self._found(len(answers), len(stale))
        if stale:
            for entry in stale:
                self._ledger.want(desk, entry)
            self._ring()
        return answers

    async def load_many(
        self,
        desk: Desk,
        keys: Sequence[Hashable],
        *,
        max_age: float | None,
        deadline: float | None,
        caller: Hashable | None,
    ) -> list[Outcome]:
        """Return an outcome for every key, waiting for what memory does not have."""
        answers = self.peek(desk, keys, max_age)
        if answers is not None:
            return answers
        loop = asyncio.get_running_loop()
        if deadline is None:
            deadline = loop.time() + self._policy.patience
        waiter = Waiter(desk, keys, caller=caller, max_age=max_age)
        self._line_up(waiter, dict.fromkeys(keys), deadline)
        if waiter.pending:
            alarm = loop.call_at(deadline, self._expire, waiter)
            try:
                await waiter.done
            finally:
                # However this ended, be it with the client leaving, only this waiter is gone.
                alarm.cancel()
                self._line.leave(waiter)
        return [waiter.answers[key] for key in keys]

    def _line_up(self, waiter: Waiter, keys: Collection[Hashable], deadline: float) -> None:
        """Give a waiter what memory has, and a flight, shared or new, for everything else."""
        desk = waiter.desk
        if not desk.shelf.keys().isdisjoint(keys):
            keys = self._from_memory(waiter, keys)
        counts = self._meter.counts
        counts["misses"] += len(keys)
        if not desk.flights.keys().isdisjoint(keys):
            shared = [key for key in keys if key in desk.flights]
            keys = [key for key in keys if key not in desk.flights]
            counts["joins"] += len(shared)
            for key in shared:
                self._line.join(waiter, desk.flights[key])
        # Whoever comes last waits longest: if the last of them is in time, all are.
        if keys and self._refusal(waiter, len(keys) - 1, deadline):
            keys = self._turn_away(waiter, keys, deadline)
        looking = Stage.LOOKING
        new = {key: Flight(desk, key, looking, {waiter}) for key in keys}
        desk.flights.update(new)
        if self._sharing:
            self._sharing.look_for(new.values())
        else:
            self._line.admit_all(waiter, new.values())
        self._ring()

    def _from_memory(self, waiter: Waiter, keys: Iterable[Hashable]) -> list[Hashable]:
        """Give a waiter what memory has, and return the other keys."""
        desk, now = waiter.desk, waiter.since
        answers: dict[Hashable, Outcome] = {}
        others: list[Hashable] = []
        stale = 0
        for key in keys:
            entry = desk.shelf.get(key)
            if entry is not None:
                entry.asked = now
                if self._serves(entry, now, waiter.max_age):
                    answers[key] = entry.answer
                    if now >= entry.fresh_until:
                        stale += 1
                        self._ledger.want(desk, entry)
                    continue
            others.append(key)
        self._meter.counts["hits"] += len(answers)
        if answers:
            self._found(len(answers), stale)
            waiter.answer(answers)
        return others

    def _turn_away(self, waiter: Waiter, keys: Iterable[Hashable], deadline: float) -> list[Hashable]:
        """Answer at once for what would line up in vain, and return the other keys."""
        answers: dict[Hashable, Outcome] = {}
        others: list[Hashable] = []
        for key in keys:
            refusal = self._refusal(waiter, len(others), deadline)
            if refusal is None:
                others.append(key)
            else:
                answers[key] = self._ledger.rescue(waiter.desk.shelf.get(key), refusal)
        self._meter.counts["shed"] += len(answers)
        waiter.answer(answers)
        return others

    def _serves(self, entry: Entry, now: float, max_age: float | None) -> bool:
        return entry.serves(now, max_age) or (max_age is None and self._ledger.still_serves(entry, now))

    def _refusal(self, waiter: Waiter, more: int, deadline: float) -> GatewayError | None:
        """Why lining up would be in vain, if so: better told at once than after the deadline."""
        now = waiter.since
        if not self._circuit.admits(now):
            return self._refusals.circuit_open(self._meter.last_error, self._circuit.wait(now))
        desk = waiter.desk
        wait = self.wait(self._line.ahead(waiter.caller, desk, more), desk, now)
        if wait >= deadline - now or len(self._line) + more >= self._policy.longest:
            return self._refusals.exhausted(wait)
        return None

    def wait(self, ahead: int, desk: Desk, now: float) -> float:
        """Seconds until a key with so many ahead of it is called for."""
        return max(0.0, self._quota.delay(now)) + ahead // desk.seats / self._quota.rate(now)

    def _expire(self, waiter: Waiter) -> None:
        """End the wait of a request whose deadline is here: old records where there are any, else errors."""
        now = asyncio.get_running_loop().time()
        flights = [waiter.desk.flights[key] for key in waiter.pending]
        late = {
            flight.key: self._ledger.rescue(flight.entry, self._too_late(flight, now)) for flight in flights
        }
        self._line.leave(waiter)
        waiter.answer(late)

    def _too_late(self, flight: Flight, now: float) -> GatewayError:
        if flight.stage is Stage.AIRBORNE:
            return self._refusals.timed_out()
        return flight.error or self._refusals.exhausted(self.wait(len(self._line), flight.desk, now))
