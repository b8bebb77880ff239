"""One real request, and what its failure means: for the operation, and for each of its keys."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import Context
from typing import Protocol

from msgspec import Struct

from gateway.domain.departure import gated
from gateway.domain.errors import (
    Garbled,
    GatewayError,
    KeyReplaced,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from gateway.domain.provider import Verb
from gateway.domain.sources import Whom
from gateway.upstream.circuit import Circuit
from gateway.upstream.flight import Flight, Stage, waiting_for
from gateway.upstream.freshness import ANSWERS, Answer, Outcome
from gateway.upstream.ledger import Ledger
from gateway.upstream.limit import Limit
from gateway.upstream.line import Line
from gateway.upstream.pace import Pace
from gateway.upstream.policy import Policy
from gateway.upstream.quota import Quota, Slot
from gateway.upstream.refusals import Refusals
from gateway.upstream.retry import RetryBudget
from gateway.upstream.status import Meter

_log = logging.getLogger(__name__)


class Origin(Protocol):
    """One request that waits for a call."""

    @property
    def context(self) -> Context:
        """Where it came from."""

    @property
    def since(self) -> float:
        """When it lined up, by the event loop's clock."""


class Call(Struct, frozen=True, kw_only=True):
    """One real request, for whoever observes them.

    Attributes:
        provider, operation, verb: What is called.
        keys: How many keys it carries.
        refreshes: How many of them nobody waits for.
        origins: Returns who waits for it at this moment; more may join while it is under way.
    """

    provider: Whom
    operation: str
    verb: Verb
    keys: int
    refreshes: int
    origins: Callable[[], Collection[Origin]]


Observe = Callable[[Call], AbstractContextManager[object]]


class Caller:
    """Makes the calls of one lane and settles every flight of them, come what may."""

    def __init__(
        self,
        *,
        line: Line,
        ledger: Ledger,
        circuit: Circuit,
        pace: Pace,
        quota: Quota,
        meter: Meter,
        refusals: Refusals,
        policy: Policy,
        observe: Observe,
    ) -> None:
        self._line = line
        self._ledger = ledger
        self._circuit = circuit
        self._pace = pace
        self._quota = quota
        self._meter = meter
        self._refusals = refusals
        self._limit = Limit(policy.queue.call_timeout)
        self._longest_hold = policy.quota.longest_hold
        self._tries = policy.retry.tries
        self._budget = RetryBudget(policy.retry)
        self._observe = observe

    async def call(self, batch: list[Flight], slot: Slot) -> None:
        """Ask the provider once for all keys of a batch.

        Args:
            batch: Flights of one desk.
            slot: Granted for this.
        """
        loop = asyncio.get_running_loop()
        slot = await self._quota.renewed(slot)
        left = loop.time()

        async def leave() -> None:
            nonlocal left
            await self._quota.leave(slot)
            left = loop.time()

        try:
            with self._observe(self._begin(batch, left)), gated(leave):
                outcomes = await self._limit.keep(batch[0].desk.fetch([flight.key for flight in batch]))
            self._meter.answered(loop.time(), loop.time() - left)
            self._settle(batch, outcomes)
        except GatewayError as error:
            self._settle_failure(batch, error)
        except TimeoutError:
            self._settle_failure(batch, self._refusals.timed_out())
        except Exception:  # noqa: BLE001  a provider's client that raises anything else has a bug
            _log.exception("%s: the provider's client failed unexpectedly", self._refusals.operation)
            self._settle_failure(batch, self._refusals.garbled())

    @property
    def retries_left(self) -> float:
        """How many calls may be made again before more have gone well."""
        return self._budget.saved

    def _begin(self, batch: list[Flight], now: float) -> Call:
        refreshes = len([flight for flight in batch if not flight.waiters])
        self._budget.earn()
        self._meter.called(now, len(batch), refreshes)
        return Call(
            provider=self._refusals.source,
            operation=self._refusals.operation,
            verb=batch[0].desk.verb,
            keys=len(batch),
            refreshes=refreshes,
            origins=lambda: waiting_for(batch),
        )

    def _settle(self, batch: Sequence[Flight], outcomes: Mapping[Hashable, Outcome]) -> None:
        """Hand out what the call yielded."""
        now = asyncio.get_running_loop().time()
        self._circuit.succeeded(now)
        answers: dict[Hashable, Answer] = {}
        for flight in batch:
            outcome = outcomes.get(flight.key)
            if isinstance(outcome, ANSWERS):
                answers[flight.key] = outcome
            else:
                self._ledger.fail(flight, outcome or self._refusals.garbled())
        if answers:
            self._ledger.settle(batch, answers, now)

    def _settle_failure(self, batch: Iterable[Flight], error: GatewayError) -> None:
        now = asyncio.get_running_loop().time()
        flights = [flight for flight in batch if flight.stage is Stage.AIRBORNE]
        for flight in flights:
            flight.error = error
            flight.tries += 1
        self._meter.failed(error)
        self._judge(error, now)
        if isinstance(error, Rejected | Garbled):
            self._narrow(flights, error, now)
        else:
            self._try_again(flights, error, now)

    def _judge(self, error: GatewayError, now: float) -> None:
        """Tell circuit and pace what an error says about the operation as a whole."""
        match error:
            case Throttled():
                self._circuit.undecided()
                self._pace.throttled(now)
                self._quota.hold(now + min(error.retry_after or 0.0, self._longest_hold))
            case KeyReplaced():
                # Says nothing about the provider: whatever was under way with the old key fails at once.
                self._circuit.undecided()
            case Unavailable() | Garbled() | Unauthorized():
                self._circuit.failed(now)
            case Rejected():
                # A provider that refuses our parameters has read them: it is well.
                self._circuit.succeeded(now)
            case _:
                self._circuit.undecided()

    def _narrow(self, flights: list[Flight], error: GatewayError, now: float) -> None:
        """Halve a batch that was refused as a whole until the key that spoils it stands alone."""
        if len(flights) > 1:
            for flight in flights:
                flight.accused_at = now if flight.accused_at is None else flight.accused_at
            middle = len(flights) // 2
            self._line.rejoin_together(flights[:middle])
            self._line.rejoin_together(flights[middle:])
            return
        for flight in flights:
            # Guilty only if its neighbours got through meanwhile; otherwise the provider itself is unwell.
            if flight.accused_at is not None and self._meter.last_success > flight.accused_at:
                flight.desk.suspect(flight.key)
            self._ledger.fail(flight, error)

    def _try_again(self, flights: list[Flight], error: GatewayError, now: float) -> None:
        """Put back what somebody waits for, if the error may pass and the budget allows."""
        again: list[Flight] = []
        if isinstance(error, Throttled):
            # The provider did no work, so this costs no retry; the pace is what answers it, deadlines end it.
            again = [flight for flight in flights if flight.waiters]
        elif isinstance(error, KeyReplaced):
            # No work was done either, and each key is replaced once: nobody is lost for want of a budget.
            again = [flight for flight in flights if flight.waiters and flight.tries < self._tries]
        elif error.retryable and self._circuit.admits(now):
            again = [flight for flight in flights if flight.waiters and flight.tries < self._tries]
            if again and not self._budget.spend():
                again = []
        self._meter.counts["retries"] += bool(again)
        self._line.rejoin(again)
        for flight in flights:
            if flight.stage is Stage.AIRBORNE:
                self._ledger.fail(flight, error)
