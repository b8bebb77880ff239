"""Slot and seal: when a call goes out, and with which keys.

The batch is cut when the slot is granted, not when its keys arrive. A lane that is busy thereby fills its
calls by itself, the longer the wait the fuller; one that is idle sends a single key at once. Where slots are
to be had at any time, a full call leaves where its last key comes in, and the wait of others is for those who
are at the door already.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from gateway.upstream.circuit import Circuit
from gateway.upstream.flight import Desk, Flight, Stage
from gateway.upstream.ledger import Ledger
from gateway.upstream.line import Line
from gateway.upstream.pace import TICK
from gateway.upstream.policy import RefreshPolicy
from gateway.upstream.quota import Quota, Slot
from gateway.upstream.refusals import Refusals
from gateway.upstream.status import Meter

_log = logging.getLogger(__name__)
_NEVER = float("inf")
# Part of a call's seats that is worth waiting for.
_FEW = 0.2
# Seconds until a dispatcher that stumbled goes on.
_STUMBLE = 0.1


class Dispatcher:
    """Decides, for one lane, that a call is due and what it carries.

    Args:
        send: Takes a sealed batch and its slot; returns at once.
    """

    def __init__(
        self,
        *,
        desks: Sequence[Desk],
        line: Line,
        ledger: Ledger,
        circuit: Circuit,
        quota: Quota,
        meter: Meter,
        refusals: Refusals,
        policy: RefreshPolicy,
        send: Callable[[list[Flight], Slot], None],
    ) -> None:
        self._desks = desks
        self._seats = max([desk.seats for desk in desks])
        self._line = line
        self._ledger = ledger
        self._circuit = circuit
        self._quota = quota
        self._meter = meter
        self._refusals = refusals
        self._share = policy.share
        self._send = send
        self._refresh_from = -_NEVER
        self._under_way = 0
        self._left = -_NEVER
        self._bell: asyncio.Future[None] | None = None
        self._wakes_at = _NEVER
        self._calling = False

    async def run(self) -> None:
        """Serve the line for ever."""
        while True:
            try:
                await self._work()
                at_once = self._quota.delay(_now()) <= 0
                if at_once and self._under_way:
                    await self._board()
                self._depart(await self._quota.slot(), together=at_once)
            except Exception:  # noqa: BLE001  a lane that stopped serving its line would be worse
                _log.exception("%s: the dispatcher stumbled and goes on", self._refusals.operation)
                await asyncio.sleep(_STUMBLE)

    def landed(self) -> None:
        """Note that a call is over."""
        self._under_way -= 1
        self.ring()

    def ring(self) -> None:
        """Look again whether there is something to do; unless it is sooner than it was, nobody wakes up."""
        if self._bell is None:
            return
        if len(self._line) >= self._seats and not self._calling:
            self._call_in_full()
        if len(self._line) or self._due(_now()) < self._wakes_at:
            self._wake()

    def _call_in_full(self) -> None:
        """Make calls that no wait would fill any more, if there are slots for them, before the loop turns."""
        # A call may be over before the next one begins, and that rings, too.
        self._calling = True
        try:
            while len(self._line) >= self._seats and self._circuit.admits(now := _now()):
                slot = self._quota.at_once(now)
                if slot is None or not self._depart(slot, together=True):
                    return
        except Exception:  # noqa: BLE001  whoever rang has nothing to do with it
            _log.exception("%s: the dispatcher stumbled and goes on", self._refusals.operation)
        finally:
            self._calling = False

    def _depart(self, slot: Slot, *, together: bool) -> bool:
        """Seal a batch and send it with a slot, or give that back; return whether there was a batch."""
        now = _now()
        # The circuit may have opened while the slot was waited for.
        if self._circuit.admits(now) and (batch := self.seal(now, together=together)):
            self._circuit.started()
            self._under_way += 1
            self._left = now
            self._send(batch, slot)
            return True
        self._quota.refund(slot)
        return False

    async def _work(self) -> None:
        """Return when there is a reason to make a call."""
        while True:
            now = _now()
            if not self._circuit.admits(now):
                self._refuse_all(now)
            elif len(self._line):
                return
            due = self._due(now)
            if due <= now:
                return
            await self._sleep(due)

    def _due(self, now: float) -> float:
        """When there is something to do although nobody waits."""
        if not self._circuit.admits(now):
            return self._circuit.admits_at(now)
        return self._refresh_due(now)

    async def _board(self) -> None:
        """Let in whoever has come while other calls were under way, before the next one leaves.

        A request that has arrived may take the event loop another turn to get here. Turns in which the line
        grows are short beside a call, and one call less leaves time for several requests. But those who leave
        together come back together and then wait for each other: it is until they are a few that one waits.
        Only right after another call it is longer, for a tick, as whoever came with its keys is coming still.
        """
        seats = self._seats
        if _now() - self._left < TICK and len(self._line) < seats:
            await asyncio.sleep(TICK)
            return
        before = 0
        while before < len(self._line) < seats * _FEW:
            before = len(self._line)
            await asyncio.sleep(0)

    def _refuse_all(self, now: float) -> None:
        refusal = self._refusals.circuit_open(self._meter.last_error, self._circuit.wait(now))
        for flight in self._line.waiting():
            self._ledger.fail(flight, flight.error or refusal)

    def _refresh_due(self, now: float) -> float:
        """When the next call for refreshing alone may go out."""
        due = min([desk.rotation.due_at(now) for desk in self._desks])
        if due == _NEVER:
            return due
        share = self._refresh_share()
        if not share:
            return _NEVER
        # The whole quota has a cadence already.
        return due if share >= 1 else max(due, self._refresh_from)

    def _refresh_share(self) -> float:
        """Part of the quota for refreshing; what watches ask for keeps to a share of its own already."""
        return 1.0 if any(desk.rotation.watched for desk in self._desks) else self._share

    def seal(self, now: float, *, together: bool) -> list[Flight]:
        """Cut a batch: whoever waits, then whatever is hot, up to the seats of one call.

        Args:
            now: The instant.
            together: Whether whoever has several keys has them called for together.
        """
        if pack := self._line.take_pack():
            return pack
        batch = self._line.take(together=together)
        if batch:
            desk = batch[0].desk
        elif self._refresh_due(now) <= now:
            desk = max(self._desks, key=lambda desk: desk.rotation.lateness(now))
            pause = 1 / (self._refresh_share() * self._quota.rate(now))
            # One that is late does not put off the next.
            self._refresh_from = max(self._refresh_from, now - pause) + pause
        else:
            return []
        free = desk.seats - len(batch)
        return batch + self._hot(desk, free, now) if free and not (batch and batch[0].alone) else batch

    def refill(self, desk: Desk, seats: int) -> list[Flight]:
        """Find more keys for a call that has seats left after all."""
        now = _now()
        more = self._line.take(desk, seats)
        return more + self._hot(desk, seats - len(more), now)

    @staticmethod
    def _hot(desk: Desk, seats: int, now: float) -> list[Flight]:
        entries = desk.rotation.take(seats, now, besides=desk.flights)
        flights = {entry.key: Flight(desk, entry.key, Stage.AIRBORNE, set()) for entry in entries}
        desk.flights.update(flights)
        return list(flights.values())

    async def _sleep(self, until: float) -> None:
        """Wait for the bell, or for an instant where there is one."""
        loop = asyncio.get_running_loop()
        self._bell = loop.create_future()
        self._wakes_at = until
        alarm = None if until == _NEVER else loop.call_at(until, self._wake)
        try:
            await self._bell
        finally:
            self._bell = None
            if alarm is not None:
                alarm.cancel()

    def _wake(self) -> None:
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)


def _now() -> float:
    return asyncio.get_running_loop().time()
