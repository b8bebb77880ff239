"""What is under way: desks, flights and waiters.

A *desk* is one verb of one operation with all it keeps per key. A *flight* is one key on its way to the
provider, a *waiter* is one request for some keys; many waiters may share a flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from contextvars import Context, copy_context
from enum import Enum, auto
from typing import Any, Protocol

from msgspec import Struct

from gateway.domain.errors import GatewayError
from gateway.domain.provider import Verb
from gateway.upstream.cache import Entry, Shelf
from gateway.upstream.freshness import Answer, Outcome
from gateway.upstream.rotation import Rotation

Change = Callable[[Answer], Answer | None]
"""What a notification makes of a record; None where it does not say enough to tell."""

Fetch = Callable[[Sequence[Any]], Awaitable[Mapping[Any, Outcome]]]


class Listener(Protocol):
    """Hears of one key; neither method may raise or wait."""

    def told(self, entry: Entry) -> None:
        """Something was learned: from a call, from another replica, or from a notification."""

    def failed(self, error: GatewayError) -> None:
        """A look at the key came to nothing."""


# Each suspect costs a call of its own while it is asked for; past this many, the oldest is trusted again.
_MOST_SUSPECTS = 1000


class Desk:
    """One verb of one operation.

    Attributes:
        name: What it is called among replicas: provider, account and region, operation, verb.
        verb: What it answers.
        seats: Keys per call.
        fetch: The provider's verb.
        shelf: What is remembered.
        rotation: What is refreshed although nobody waits.
        flights: What is on its way.
        listeners: Who hears of which key; see `gateway.upstream.lookout`.
        suspects: Keys that spoilt a call before, so that each is to have the next to itself.
    """

    def __init__(self, name: str, verb: Verb, *, seats: int, fetch: Fetch, rotation: Rotation) -> None:
        self.name = name
        self.verb = verb
        self.seats = seats
        self.fetch = fetch
        self.shelf: Shelf = {}
        self.rotation = rotation
        self.flights: dict[Hashable, Flight] = {}
        self.listeners: dict[Hashable, Listener] = {}
        self.suspects: dict[Hashable, None] = {}

    def suspect(self, key: Hashable) -> None:
        """Note that a key spoils the calls it is part of."""
        self.suspects[key] = None
        if len(self.suspects) > _MOST_SUSPECTS:
            del self.suspects[next(iter(self.suspects))]

    def trust(self, key: Hashable) -> None:
        """Note that a key was part of a call that went well."""
        self.suspects.pop(key, None)


class Stage(Enum):
    """Where a flight is; one that failed for a reason that may pass goes back from airborne to waiting."""

    LOOKING = auto()
    WAITING = auto()
    AIRBORNE = auto()
    OVER = auto()


class Flight(Struct, eq=False):
    """One key on its way, at most one per key and process.

    Attributes:
        waiters: Who is to have the answer.
        error: Why the last try failed, while the next is being waited for.
        tries: Calls that failed.
        accused_at: When a call it shared with others failed for a reason that may lie in one of its keys.
    """

    desk: Desk
    key: Hashable
    stage: Stage
    waiters: set[Waiter]
    error: GatewayError | None = None
    tries: int = 0
    accused_at: float | None = None

    @property
    def entry(self) -> Entry | None:
        """What is remembered of the key."""
        return self.desk.shelf.get(self.key)

    @property
    def alone(self) -> bool:
        """Whether this must not share a call."""
        return self.key in self.desk.suspects


class Waiter:
    """One request for some keys of a desk: what has been answered, and what it still waits for.

    Attributes:
        desk: Where it asks.
        pending: The keys that it still waits for.
        answers: What it was told, be it of keys that it did not ask for.
        caller: Whose turn this takes; requests of the same caller share one.
        max_age: The oldest data it takes; None leaves that to the policy.
        context: Where it came from, so that a trace of the call can be linked to it.
        since: When it lined up.
        done: Resolves with the last answer.
    """

    __slots__ = ("answers", "caller", "context", "desk", "done", "max_age", "pending", "since")

    def __init__(
        self, desk: Desk, keys: Iterable[Hashable], *, caller: Hashable | None, max_age: float | None
    ) -> None:
        self.desk = desk
        self.pending = set(keys)
        self.caller: Hashable = self if caller is None else caller
        self.max_age = max_age
        self.context: Context = copy_context()
        self.answers: dict[Hashable, Outcome] = {}
        loop = asyncio.get_running_loop()
        self.since = loop.time()
        self.done: asyncio.Future[None] = loop.create_future()

    def answer(self, outcomes: Mapping[Hashable, Outcome]) -> None:
        """Take outcomes, and wake up after the last that was waited for."""
        self.answers.update(outcomes)
        self.pending.difference_update(outcomes)
        if not self.pending:
            self.finish()

    def finish(self) -> None:
        """Wake up."""
        if not self.done.done():
            self.done.set_result(None)


def waiting_for(flights: Iterable[Flight]) -> set[Waiter]:
    """Return who waits for any of some flights."""
    nobody: set[Waiter] = set()
    return nobody.union(*[flight.waiters for flight in flights])
