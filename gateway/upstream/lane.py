"""One provider operation as a keyed fetch.

The way of a request is `reception` (cache, join, queue), `dispatch` (slot, seal), `call` (the request and its
failures) and `ledger` (settle). Here is what holds them together. Everything runs on one event loop, whose
clock is the clock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Hashable, Sequence
from contextvars import Context
from typing import TYPE_CHECKING, Any, cast

from gateway.domain.sources import Whom, name_of
from gateway.eager import begin
from gateway.upstream.cache import Memory
from gateway.upstream.call import Caller, Observe
from gateway.upstream.circuit import Circuit
from gateway.upstream.dispatch import Dispatcher
from gateway.upstream.flight import Change, Desk, Flight, Stage
from gateway.upstream.ledger import Ledger
from gateway.upstream.line import Line
from gateway.upstream.lookout import Lookout
from gateway.upstream.pace import Pace
from gateway.upstream.policy import Policy
from gateway.upstream.quota import Quota, Slot
from gateway.upstream.reception import Found, Reception
from gateway.upstream.refusals import Refusals
from gateway.upstream.status import LaneStatus, Meter

if TYPE_CHECKING:
    from gateway.upstream.replicas import Replicas
    from gateway.upstream.sharing import Sharing

_log = logging.getLogger(__name__)


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

    Attributes:
        reception: Where requests come in.
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
        self._pace = pace
        self._quota = quota
        self._refusals = refusals = Refusals(source, operation)
        self._circuit = circuit = Circuit(policy.circuit)
        self._line = line = Line()
        self._meter = meter = Meter()
        self._ledger = ledger = Ledger(
            desks=desks, memory=memory, line=line, quota=quota, meter=meter, policy=policy
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
            quota=quota,
            meter=meter,
            refusals=refusals,
            policy=policy.refresh,
            send=self._send,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls: dict[Slot, asyncio.Task[None]] = {}
        self._sharing: Sharing | None = None
        if replicas:
            from gateway.upstream.sharing import Sharing  # noqa: PLC0415 - see `gateway.upstream.stack`

            self._sharing = Sharing(
                replicas,
                desks=desks,
                line=line,
                ledger=ledger,
                meter=meter,
                refill=self._dispatcher.refill,
                spawn=self._spawn,
                ring=self._dispatcher.ring,
            )
        self.reception = Reception(
            line=line,
            ledger=ledger,
            circuit=circuit,
            quota=quota,
            meter=meter,
            refusals=refusals,
            policy=policy.queue,
            sharing=self._sharing,
            found=found,
            ring=self._dispatcher.ring,
        )

    def lookout(self, desk: Desk) -> Lookout:
        """Return what watchers of a desk's keys need."""
        return Lookout(
            desk,
            circuit=self._circuit,
            quota=self._quota,
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
        tasks = [*self._tasks, *self._calls.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._calls.clear()
        for desk in self._desks:
            for flight in list(desk.flights.values()):
                self._ledger.fail(flight, self._refusals.closing())

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

    async def _serve(self, batch: list[Flight], slot: Slot) -> None:
        """Take a sealed batch to the provider, and its answers to memory and to the other replicas.

        Args:
            batch: From the dispatcher.
            slot: Granted for it.
        """
        self._calls[slot] = cast("asyncio.Task[None]", asyncio.current_task())
        started = asyncio.get_running_loop().time()
        try:
            if self._sharing:
                batch = await self._sharing.claim(batch)
            if batch:
                await self._caller.call(batch, slot)
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
            del self._calls[slot]
            self._dispatcher.landed()

    # What runs on behalf of the lane runs in no request's context, though it may be made in one: that would
    # carry a trace and a principal into calls for everybody.

    def _send(self, batch: list[Flight], slot: Slot) -> None:
        begin(self._serve(batch, slot), context=Context())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, context=Context())
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
            rate=self._quota.rate(now),
            waiting=len(self._line),
            estimated_wait=self.reception.wait(len(self._line), self._desks[0], now),
            circuit=self._circuit.state(now).value,
            quota=self._quota.mode,
            hot=sum(len(desk.rotation) for desk in self._desks),
            retry_budget=self._caller.retries_left,
        )
