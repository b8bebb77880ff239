"""Settling: what an answer means for memory, for whoever waits, and for the next refresh."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence

from gateway.domain.errors import GatewayError
from gateway.upstream.cache import Entry, Memory
from gateway.upstream.flight import Desk, Flight, Stage, waiting_for
from gateway.upstream.freshness import Answer, Freshness, Kind, Outcome, Term, classify, takes_back
from gateway.upstream.line import Line
from gateway.upstream.policy import Policy, Windows
from gateway.upstream.quota import Quota
from gateway.upstream.status import Meter


class Ledger:
    """The books of one lane: writes answers down and ends flights."""

    def __init__(
        self,
        *,
        desks: Sequence[Desk],
        memory: Memory,
        line: Line,
        quota: Quota,
        meter: Meter,
        policy: Policy,
    ) -> None:
        self._desks = desks
        self._memory = memory
        self._line = line
        self._quota = quota
        self._meter = meter
        self._share = policy.refresh.share
        self._policy = policy.freshness
        self._freshness = Freshness(policy.freshness)

    def settle(self, flights: Sequence[Flight], answers: Mapping[Hashable, Answer], now: float) -> None:
        """Write down what a call yielded, end its flights and tell everybody who waits for them.

        Args:
            flights: Of one desk, those included that have failed by themselves.
            answers: What the provider says of all others.
            now: By the event loop's clock.
        """
        desk = flights[0].desk
        if desk.suspects:
            for key in answers:
                desk.trust(key)
        entries = self._write(desk, answers, now, now)
        self._line.land(*flights)
        told = {entry.key: entry.answer for entry in entries}
        for waiter in waiting_for(flights):
            waiter.answer(told)

    def remember(self, desk: Desk, key: Hashable, answer: Answer, *, age: float = 0.0) -> Entry:
        """Write down what the provider says, or said a while ago to another replica.

        Args:
            desk: Whose key it is.
            key: What was asked for.
            answer: What is said of it.
            age: Seconds for which it has been known elsewhere.
        """
        now = _now()
        (entry,) = self._write(desk, {key: answer}, now - age, now)
        return entry

    def _write(
        self, desk: Desk, answers: Mapping[Hashable, Answer], observed: float, now: float
    ) -> list[Entry]:
        """Write down what the provider said at one instant; return what is known now of each key."""
        shelf, rotation = desk.shelf, desk.rotation
        lagging: list[Entry] = []
        if not shelf.keys().isdisjoint(answers):
            known = [shelf[key] for key in answers if key in shelf]
            lagging = [entry for entry in known if self._is_lagging(answers[entry.key], entry, observed)]
        if lagging:
            late = {entry.key for entry in lagging}
            answers = {key: answer for key, answer in answers.items() if key not in late}
        entries = self._memory.put(shelf, answers, lambda kind: self._term(kind, observed, now), now)
        rotation.seen(entries, now)
        for entry in lagging:
            entry.fresh_until = now + self._policy.moving.fresh
            rotation.doubt(entry, now)
        entries += lagging
        if desk.listeners:
            for entry in entries:
                self._tell(desk, entry)
        return entries

    def revise(self, desk: Desk, key: Hashable, answer: Answer) -> Entry:
        """Write down what a notification makes of a record: it serves, and a call has to confirm it."""
        now = _now()
        kind = classify(answer)
        usual = self._freshness.windows(kind)
        windows = Windows(fresh=0.0, stale=usual.fresh + usual.stale, kept=usual.kept)
        (entry,) = self._memory.put(desk.shelf, {key: answer}, lambda _: Term.of(kind, windows, now), now)
        desk.rotation.seen([entry], now)
        self._tell(desk, entry)
        return entry

    def call_up(self, desk: Desk, entry: Entry) -> None:
        """Have an entry looked at in the next call, because the provider says that something happened."""
        entry.fresh_until = min(entry.fresh_until, entry.observed)
        if entry.key not in desk.suspects:
            desk.rotation.call_up(entry, _now())
            if entry.key in desk.listeners:
                desk.rotation.watch(entry)

    def still_serves(self, entry: Entry, now: float) -> bool:
        """Whether an entry past its windows is within those that it would be given now.

        The pace may have dropped since it was written down, and whoever asks for what cannot be refreshed any
        sooner would only wait.
        """
        if entry.kind is not Kind.MOVING:
            return False
        windows = self._freshness.windows(entry.kind, pace=self._round(now))
        return now < entry.observed + windows.fresh + windows.stale

    def want(self, desk: Desk, entry: Entry) -> None:
        """Have an entry refreshed that was served stale."""
        self._meter.counts["stale_hits"] += 1
        if entry.key not in desk.flights and entry.key not in desk.suspects:
            desk.rotation.want(entry, _now())

    def land(self, flight: Flight, outcome: Outcome) -> None:
        """End a flight and tell everybody who waits for it."""
        self._line.land(flight)
        for waiter in flight.waiters:
            waiter.answer({flight.key: outcome})

    def fail(self, flight: Flight, error: GatewayError) -> None:
        """End a flight without an answer: its waiters get the last known one, or the error."""
        entry = flight.entry
        if entry is not None and not flight.alone:
            flight.desk.rotation.tried(entry, _now())
        self.land(flight, self.rescue(entry, error) if flight.waiters else error)
        if listener := flight.desk.listeners.get(flight.key):
            listener.failed(error)

    def offer(self, flight: Flight, entry: Entry) -> None:
        """Answer those waiters to whom an entry is young enough; with nobody left, the flight is over."""
        now = _now()
        for waiter in list(flight.waiters):
            if entry.serves(now, waiter.max_age):
                flight.waiters.discard(waiter)
                waiter.answer({flight.key: entry.answer})
        if not flight.waiters and flight.stage is not Stage.OVER:
            self._line.land(flight)

    def rescue(self, entry: Entry | None, error: GatewayError) -> Outcome:
        """Return the last known answer where the policy still allows it, else the error."""
        if entry is None or _now() >= entry.kept_until:
            return error
        self._meter.counts["rescued"] += 1
        return entry.answer

    @staticmethod
    def _tell(desk: Desk, entry: Entry) -> None:
        if listener := desk.listeners.get(entry.key):
            listener.told(entry)

    def _is_lagging(self, answer: Answer, known: Entry, observed: float) -> bool:
        return observed - known.observed < self._policy.settled and takes_back(answer, known.answer)

    def _term(self, kind: Kind, observed: float, now: float) -> Term:
        pace = self._round(now) if kind is Kind.MOVING else 0.0
        return Term.of(kind, self._freshness.windows(kind, pace=pace), observed)

    def _round(self, now: float) -> float:
        """Seconds in which the quota can serve every key under way and every hot one once."""
        allowed = self._share * self._quota.rate(now)
        calls = sum((len(desk.rotation) + len(desk.flights)) / desk.seats for desk in self._desks)
        return calls / allowed if allowed else 0.0


def _now() -> float:
    return asyncio.get_running_loop().time()
