"""Settling: what an answer means for memory, for whoever waits, and for the next refresh."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence

from gateway.domain.errors import GatewayError
from gateway.upstream.cache import Entry, Memory
from gateway.upstream.flight import Desk, Flight, Stage
from gateway.upstream.freshness import Answer, Freshness, Outcome, classify
from gateway.upstream.line import Line
from gateway.upstream.policy import Policy
from gateway.upstream.quota import Pace
from gateway.upstream.status import Meter


class Ledger:
    """The books of one lane: writes answers down and ends flights."""

    def __init__(
        self,
        *,
        desks: Sequence[Desk],
        memory: Memory,
        line: Line,
        pace: Pace,
        meter: Meter,
        policy: Policy,
    ) -> None:
        self._desks = desks
        self._memory = memory
        self._line = line
        self._pace = pace
        self._meter = meter
        self._share = policy.refresh.share
        self._freshness = Freshness(policy.freshness)

    def remember(self, desk: Desk, key: Hashable, answer: Answer, *, age: float = 0.0) -> Entry:
        """Write down what the provider says, or said a while ago to another replica."""
        now = _now()
        kind = classify(answer)
        windows = self._freshness.windows(kind, pace=self._round(now))
        entry = self._memory.put(
            desk.shelf, key, answer, kind=kind, windows=windows, observed=now - age, now=now
        )
        desk.rotation.seen(entry, now)
        return entry

    def want(self, desk: Desk, entry: Entry) -> None:
        """Have an entry refreshed that was served stale."""
        self._meter.counts["stale_hits"] += 1
        if entry.key not in desk.flights and not desk.is_suspect(entry.key):
            desk.rotation.want(entry, _now())

    def land(self, flight: Flight, outcome: Outcome) -> None:
        """End a flight and tell everybody who waits for it."""
        self._line.land(flight)
        for waiter in list(flight.waiters):
            waiter.answer(flight, outcome)

    def fail(self, flight: Flight, error: GatewayError) -> None:
        """End a flight without an answer: its waiters get the last known one, or the error."""
        entry = flight.entry
        if entry is not None and not flight.alone:
            flight.desk.rotation.tried(entry, _now())
        self.land(flight, self.rescue(entry, error) if flight.waiters else error)

    def offer(self, flight: Flight, entry: Entry) -> None:
        """Answer those waiters to whom an entry is young enough; with nobody left, the flight is over."""
        now = _now()
        for waiter in list(flight.waiters):
            if entry.serves(now, waiter.max_age):
                waiter.answer(flight, entry.answer)
        if not flight.waiters and flight.stage is not Stage.OVER:
            self._line.land(flight)

    def rescue(self, entry: Entry | None, error: GatewayError) -> Outcome:
        """Return the last known answer where the policy still allows it, else the error."""
        if entry is None or _now() >= entry.kept_until:
            return error
        self._meter.counts["rescued"] += 1
        return entry.answer

    def _round(self, now: float) -> float:
        """Seconds in which the quota can serve every key under way and every hot one once."""
        allowed = self._share * self._pace.rate(now)
        calls = sum((len(desk.rotation) + len(desk.flights)) / desk.seats for desk in self._desks)
        return calls / allowed if allowed else 0.0


def _now() -> float:
    return asyncio.get_running_loop().time()
