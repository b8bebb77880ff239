"""One provider operation as a keyed fetch.

Here is what a request meets: cache, join, queue. The rest of the way is `dispatch` (slot, seal), `call`
(the request and its failures) and `ledger` (settle). Everything runs on one event loop, whose clock is the
clock; nothing here waits but for a slot, an answer or a deadline.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable, Iterable, Sequence
from contextvars import Context
from typing import Any

from gateway.domain.errors import GatewayError
from gateway.domain.sources import Whom, name_of
from gateway.upstream.cache import Entry, Memory
from gateway.upstream.call import Caller, Observe
from gateway.upstream.circuit import Circuit
from gateway.upstream.dispatch import Dispatcher
from gateway.upstream.flight import Change, Desk, Flight, Stage, Waiter
from gateway.upstream.freshness import Outcome
from gateway.upstream.ledger import Ledger
from gateway.upstream.line import Line
from gateway.upstream.lookout import Lookout
from gateway.upstream.policy import Policy
from gateway.upstream.quota import Pace, Quota
from gateway.upstream.refusals import Refusals
from gateway.upstream.replicas import Replicas
from gateway.upstream.sharing import Sharing
from gateway.upstream.status import LaneStatus, Meter

_log = logging.getLogger(__name__)


Found = Callable[[int, int], None]


class Lane:
    """One operation of one provider.

    Args:
        source: Whose.
        operation: The provider's name of it.
        desks: The verbs it answers.
        memory: Where its records count.
        pace: Its rate.
        quota: Its slots.
        policy: How it behaves.
        observe: Entered around every real request.
        found: Told, by whoever asks, how many records memory had, and how many of them were stale.
        replicas: The other gateways on the same account, where there are any.
    """

    def __init__(
        self,
        source: Whom,
        operation: str,
        *,
        desks: Sequence[Desk],
        memory: Memory,
        pace: Pace,
        quota: Quota,
        policy: Policy,
        observe: Observe,
        found: Found,
        replicas: Replicas | None = None,
    ) -> None:
        self._desks = desks
        self._found = found
        self._pace = pace
        self._quota = quota
        self._policy = policy
        self._refusals = refusals = Refusals(source, operation)
        self._circuit = circuit = Circuit(policy.circuit)
        self._line = line = Line()
        self._meter = meter = Meter()
        self._ledger = ledger = Ledger(
            desks=desks, memory=memory, line=line, pace=pace, meter=meter, policy=policy
        )
        self._caller = Caller(
            line=line,
            ledger=ledger,
            circuit=circuit,
            pace=pace,
            quota=quota,
            meter=meter,
            refusals=refusals,
            policy=policy,
            observe=observe,
        )
        self._dispatcher = Dispatcher(
            desks=desks,
            line=line,
            ledger=ledger,
            circuit=circuit,
            pace=pace,
            quota=quota,
            meter=meter,
            refusals=refusals,
            policy=policy.refresh,
            send=lambda batch, void: self._spawn(self._serve(batch, void)),
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._sharing = replicas and Sharing(
            replicas,
            desks=desks,
            line=line,
            ledger=ledger,
            meter=meter,
            refill=self._dispatcher.refill,
            spawn=self._spawn,
            ring=self._dispatcher.ring,
        )

    def lookout(self, desk: Desk) -> Lookout:
        """Return what watchers of a desk's keys need."""
        return Lookout(
            desk,
            circuit=self._circuit,
            pace=self._pace,
            meter=self._meter,
            refusals=self._refusals,
            ring=self._dispatcher.ring,
        )

    def start(self) -> None:
        """Start serving the line."""
        self._spawn(self._dispatcher.run())
        if self._sharing:
            self._sharing.start()

    async def close(self) -> None:
        """Stop; whoever still waits is told so."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for desk in self._desks:
            for flight in list(desk.flights.values()):
                self._ledger.fail(flight, self._refusals.closing())

    def peek(self, desk: Desk, keys: Iterable[Hashable], max_age: float | None) -> list[Outcome] | None:
        """Return an answer for every key if memory has them all, else None; never waits."""
        now = asyncio.get_running_loop().time()
        shelf = desk.shelf
        answers: list[Outcome] = []
        stale: list[Entry] = []
        for key in keys:
            entry = shelf.get(key)
            if entry is None or not entry.serves(now, max_age):
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
            self._dispatcher.ring()
        return answers

    async def hear(self, desk: Desk, key: Hashable, change: Change) -> bool:
        """Take what the provider told unasked; return whether it said enough to change the record."""
        if self._sharing and key not in desk.shelf:
            await self._sharing.find(desk, key)
        entry = desk.shelf.get(key)
        if entry is None:
            return False
        answer = change(entry.answer)
        if answer is not None:
            entry = self._ledger.revise(desk, key, answer)
            flight = desk.flights.get(key)
            if flight is not None and flight.stage is not Stage.AIRBORNE:
                self._ledger.offer(flight, entry)
            if self._sharing:
                self._spawn(self._sharing.pass_on(desk, entry))
        self._ledger.call_up(desk, entry)
        self._dispatcher.ring()
        return answer is not None

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
            deadline = loop.time() + self._policy.queue.patience
        waiter = Waiter(caller, max_age)
        self._line_up(waiter, desk, dict.fromkeys(keys), deadline)
        if waiter.pending:
            alarm = loop.call_at(deadline, self._expire, waiter)
            try:
                await waiter.done
            finally:
                # However this ended, be it with the client leaving, only this waiter is gone.
                alarm.cancel()
                self._line.leave(waiter)
        return [waiter.answers[key] for key in keys]

    def _line_up(self, waiter: Waiter, desk: Desk, keys: Iterable[Hashable], deadline: float) -> None:
        """Give a waiter what memory has, and a flight, shared or new, for everything else."""
        now = asyncio.get_running_loop().time()
        new: list[Flight] = []
        for key in keys:
            entry = desk.shelf.get(key)
            if entry is not None:
                entry.asked = now
                if entry.serves(now, waiter.max_age):
                    waiter.answers[key] = entry.answer
                    self._meter.counts["hits"] += 1
                    self._found(1, int(now >= entry.fresh_until))
                    if now >= entry.fresh_until:
                        self._ledger.want(desk, entry)
                    continue
            self._meter.counts["misses"] += 1
            flight = desk.flights.get(key)
            self._meter.counts["joins"] += flight is not None
            if flight is None:
                refusal = self._refusal(waiter, desk, len(new), deadline, now)
                if refusal is not None:
                    self._meter.counts["shed"] += 1
                    waiter.answers[key] = self._ledger.rescue(entry, refusal)
                    continue
                flight = Flight(desk, key, Stage.LOOKING)
                new.append(flight)
            self._line.join(waiter, flight)
        if self._sharing:
            self._sharing.look_for(new)
        else:
            for flight in new:
                self._line.admit(flight)
        self._dispatcher.ring()

    def _refusal(
        self, waiter: Waiter, desk: Desk, more: int, deadline: float, now: float
    ) -> GatewayError | None:
        """Why lining up would be in vain, if so: better told at once than after the deadline."""
        if not self._circuit.admits(now):
            return self._refusals.circuit_open(self._meter.last_error, self._circuit.wait(now))
        wait = self._wait(self._line.ahead(waiter.caller, desk, more), desk, now)
        if wait >= deadline - now or len(self._line) + more >= self._policy.queue.longest:
            return self._refusals.exhausted(wait)
        return None

    def _wait(self, ahead: int, desk: Desk, now: float) -> float:
        """Seconds until a key with so many ahead of it is called for."""
        return max(0.0, self._quota.delay(now)) + ahead // desk.seats / self._pace.rate(now)

    def _expire(self, waiter: Waiter) -> None:
        """End the wait of a request whose deadline is here: old records where there are any, else errors."""
        now = asyncio.get_running_loop().time()
        late = {flight: self._too_late(flight, now) for flight in waiter.pending}
        self._line.leave(waiter)
        for flight, error in late.items():
            waiter.answers[flight.key] = self._ledger.rescue(flight.entry, error)
        waiter.finish()

    def _too_late(self, flight: Flight, now: float) -> GatewayError:
        if flight.stage is Stage.AIRBORNE:
            return self._refusals.timed_out()
        return flight.error or self._refusals.exhausted(self._wait(len(self._line), flight.desk, now))

    async def _serve(self, batch: list[Flight], void: float) -> None:
        """Take a sealed batch to the provider, and its answers to memory and to the other replicas.

        Args:
            batch: From the dispatcher.
            void: When its slot is no longer good.
        """
        started = asyncio.get_running_loop().time()
        try:
            if self._sharing:
                batch = await self._sharing.claim(batch)
            if batch:
                await self._caller.call(batch, void)
            else:
                self._circuit.undecided()
            if self._sharing and batch:
                self._spawn(self._sharing.tell(batch, since=started))
        except Exception:  # noqa: BLE001  whoever waits is to hear of it, whatever it was
            _log.exception("%s: a call could not be made", self._refusals.operation)
            for flight in batch:
                if flight.stage is Stage.AIRBORNE:
                    self._ledger.fail(flight, self._refusals.garbled())
        finally:
            self._dispatcher.ring()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something on behalf of the lane, not of whichever request happens to be served now.

        A task made in a request's context would carry its trace and its principal into calls for everybody.
        """
        task = asyncio.create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def status(self) -> LaneStatus:
        """Return the lane at this moment."""
        now = asyncio.get_running_loop().time()
        return self._meter.status(
            now,
            provider=self._refusals.provider,
            source=name_of(self._refusals.source),
            operation=self._refusals.operation,
            verbs=tuple(desk.verb for desk in self._desks),
            limit=self._pace.full,
            rate=self._pace.rate(now),
            waiting=len(self._line),
            estimated_wait=self._wait(len(self._line), self._desks[0], now),
            circuit=self._circuit.state(now).value,
            quota=self._quota.mode,
            hot=sum(len(desk.rotation) for desk in self._desks),
            retry_budget=self._caller.retries_left,
        )
