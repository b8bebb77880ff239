"""What one request asked the lanes, and what it was told.

Two things group keys, and they are not the same. Here the keys are collected that one request asks for in one
turn of the event loop: whoever comes first asks for all, and every load made before the loop gets back to it
rides along. So thirty videos of one query arrive at the lane as one list. The *lane* below groups across
requests, at the moment the provider's quota grants a call, and cuts that list into calls of ten.

Most requests never get there: what memory has is answered at once, without a future or a turn of the loop.
And a request that asks for one thing after the other, and for nothing beside it, waits for no company.

A request also remembers: whatever it reads twice is the same record both times, errors included. That is
right within an operation and wrong beyond it, which is why none of this is ever shared: a subscription, whose
connection outlives many events, begins anew for every event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

from msgspec import Struct

from gateway.domain.errors import GatewayError, NotFound, ProviderError
from gateway.domain.provider import Verb
from gateway.domain.records import Job, Observation, Task, TaskPage, Video
from gateway.domain.sources import Whom
from gateway.upstream.status import LaneStatus


class Upstream(Protocol):
    """What is needed of the lanes; see `gateway.upstream.stack`."""

    async def load_many(
        self,
        source: Whom,
        verb: Verb,
        keys: Sequence[Hashable],
        /,
        *,
        max_age: float | None = None,
        deadline: float | None = None,
    ) -> Sequence[Any]:
        """Return a record or a `GatewayError` for each key, in the order of the keys."""

    def peek_many(
        self, source: Whom, verb: Verb, keys: Iterable[Hashable], /, *, max_age: float | None = None
    ) -> Sequence[Any] | None:
        """Return what `load_many` would if it need not wait, else None."""

    def fresh_for(self, source: Whom, verb: Verb, keys: Iterable[Hashable], /) -> float:
        """Return for how many seconds more what memory has of all keys is fresh."""

    def status(self) -> Sequence[LaneStatus]:
        """Return every lane at this moment."""

    @property
    def sources(self) -> Sequence[Whom]:
        """All that can be asked."""


class Ages:
    """How old the records are that one request was given.

    Attributes:
        oldest: When the least fresh of them had been observed; None before any.
    """

    def __init__(self) -> None:
        self.oldest: datetime | None = None

    def note(self, observed: datetime) -> None:
        """Take a record into account."""
        if self.oldest is None or observed < self.oldest:
            self.oldest = observed


class Spent:
    """The provider calls that one request waited for.

    Every record names the call it was read from, so that a call shared with others, or by ten records, is one
    call, and a record from memory tells by its time that nothing was called for it. What is not there names
    none: unknown ids and empty pages that were waited for are taken to have come by the calls of the records
    that came with them as far as those had room, and by calls of their own beyond. Who asks for what is not
    there would else have the quota for next to nothing.
    """

    def __init__(self) -> None:
        self._fetched: list[tuple[Whom, Verb, Sequence[Any]]] = []

    def note(self, source: Whom, verb: Verb, outcomes: Sequence[Any]) -> None:
        """Take into account what the lanes gave after a while."""
        self._fetched.append((source, verb, outcomes))

    @property
    def waited(self) -> bool:
        """Whether there was anything to wait for."""
        return bool(self._fetched)

    def calls(self, since: datetime, keys_per_call: Mapping[Verb, int]) -> int:
        """Return how many calls were made since a time, as far as records can tell.

        Args:
            since: When the request began.
            keys_per_call: Keys that one call carries; one where nothing is said.
        """
        made: list[tuple[Whom, Observation]] = []
        besides = 0
        for source, verb, outcomes in self._fetched:
            observations = [_observation(outcome) for outcome in outcomes]
            # A call's records share the object that names it, which is quicker to tell apart than its value.
            named = {id(one): one for one in observations if one}
            new = [one for one in named.values() if one.at >= since]
            made += [(source, one) for one in new]
            silent = 0
            if None in observations:
                silent = sum(
                    observed is None and isinstance(outcome, (NotFound, ProviderError, TaskPage, Video))
                    for observed, outcome in zip(observations, outcomes, strict=True)
                )
            if silent:
                keys = silent + sum(one is not None and one.at >= since for one in observations)
                besides += max(0, -(-keys // keys_per_call.get(verb, 1)) - len(set(new)))
        return besides + (len(set(made)) if len(made) > 1 else len(made))


def _observation(outcome: Any) -> Observation | None:
    if type(outcome) is Video:
        task = outcome.latest_task
        return task.observation if type(task) is Task else None
    match outcome:
        case Task() | Job():
            return outcome.observation
        case TaskPage(tasks=[task, *_]):
            return task.observation
    return None


class Reading(Struct, frozen=True):
    """One question to the lanes, and their answer, key by key."""

    source: Whom
    verb: Verb
    max_age: float | None
    keys: Sequence[Hashable]
    outcomes: Sequence[Any]


class Reads:
    """All that an answer was made of.

    Attributes:
        readings: What was read of the lanes.
        fleeting: Whether the answer is also made of something else, such as the time of day.
    """

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.fleeting = False


class _Batch:
    """Keys that are asked for together, by one of those who want them.

    Attributes:
        asked: Whether somebody is about to ask, or waits for the answer.
        over: Whether it is there.
    """

    def __init__(self) -> None:
        self.keys: dict[Hashable, None] = {}
        self.asked = self.over = False
        self._others: list[asyncio.Future[None]] = []

    async def settled(self) -> None:
        """Wait until whoever asks has the answer, or gave up."""
        own: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._others.append(own)
        await own

    def settle(self, *, over: bool) -> None:
        """Have all others go on."""
        self.asked, self.over = False, over
        others, self._others = self._others, []
        for other in others:
            if not other.done():
                other.set_result(None)


class Lookups:
    """Asks the lanes on behalf of one request.

    Args:
        upstream: The lanes.
        deadline: When the request must be answered, by the event loop's clock; None for no limit.
        max_age: How old records may be, in seconds; None leaves it to the freshness policy.
        spent: Where the calls behind records are noted.
        reads: Where it is noted what was read.
        task: The request's own, if all else that asks at the same time is in tasks that it waits for: what it
            looks up itself, it looks up alone.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        deadline: float | None,
        max_age: float | None,
        spent: Spent,
        reads: Reads,
        task: asyncio.Task[Any] | None = None,
    ) -> None:
        self._upstream = upstream
        self._deadline = deadline
        self._max_age = max_age
        self._spent = spent
        self._reads = reads
        self._task = task
        self._known: dict[tuple[Whom, Verb], dict[Hashable, Any]] = {}
        self._open: dict[tuple[Whom, Verb], _Batch] = {}

    async def many(self, source: Whom, verb: Verb, keys: Sequence[Hashable]) -> list[Any]:
        """Return a record or a `GatewayError` for each key, in the order of the keys."""
        known = self._known.get((source, verb))
        if known is None:
            known = self._known[source, verb] = {}
        new = [key for key in dict.fromkeys(keys) if key not in known]
        if new and not self._remembered(source, verb, new, known):
            if asyncio.current_task() is self._task:  # so nobody else asks before this is answered
                await self._fetch(source, verb, new)
            else:
                batch = self._open.get((source, verb))
                if batch is None:
                    batch = self._open[source, verb] = _Batch()
                batch.keys.update(dict.fromkeys(new))
                known.update(dict.fromkeys(new, batch))
        outcomes = [known[key] for key in keys]
        batches = dict.fromkeys([outcome for outcome in outcomes if type(outcome) is _Batch])
        if not batches:
            return outcomes
        # What nobody else asks for is not kept waiting for what somebody does.
        for batch in sorted(batches, key=attrgetter("asked")):
            await self._arrived(source, verb, batch)
        return [known[key] for key in keys]

    async def _arrived(self, source: Whom, verb: Verb, batch: _Batch) -> None:
        """Ask for a batch, or wait for who does.

        Who asks may be cancelled: graphql-core does that to the siblings of a field whose null takes their
        parent away. Then another asks.
        """
        while not batch.over:
            if batch.asked:
                await batch.settled()
                continue
            batch.asked = True
            try:
                await asyncio.sleep(0)  # what is asked for before the loop gets here rides along
                self._open.pop((source, verb), None)
                await self._fetch(source, verb, list(batch.keys))
            except BaseException:
                batch.settle(over=False)
                raise
            batch.settle(over=True)

    def _remembered(
        self, source: Whom, verb: Verb, keys: Sequence[Hashable], known: dict[Hashable, Any]
    ) -> bool:
        """Return whether the lanes had all keys at hand."""
        try:
            outcomes = self._upstream.peek_many(source, verb, keys, max_age=self._max_age)
        except GatewayError as error:
            outcomes = [error] * len(keys)
        if outcomes is None:
            return False
        self._note(source, verb, keys, outcomes, known)
        return True

    async def _fetch(self, source: Whom, verb: Verb, keys: list[Hashable]) -> None:
        waited: list[Verb] = []
        # Runs as soon as the loop does, which is not before an answer that memory has.
        turn = asyncio.get_running_loop().call_soon(waited.append, verb)
        try:
            outcomes = await self._upstream.load_many(
                source, verb, keys, max_age=self._max_age, deadline=self._deadline
            )
        except GatewayError as error:
            outcomes = [error] * len(keys)
        turn.cancel()
        if waited:
            self._spent.note(source, verb, outcomes)
        self._note(source, verb, keys, outcomes, self._known[source, verb])

    def _note(
        self,
        source: Whom,
        verb: Verb,
        keys: Sequence[Hashable],
        outcomes: Sequence[Any],
        known: dict[Hashable, Any],
    ) -> None:
        self._reads.readings.append(Reading(source, verb, self._max_age, keys, outcomes))
        # An error may be remembered below and raised again for every request that asks for its key: without
        # this it would gather the traceback of each, and keep alive whatever their frames hold.
        for key, outcome in zip(keys, outcomes, strict=True):
            known[key] = outcome.with_traceback(None) if isinstance(outcome, GatewayError) else outcome
