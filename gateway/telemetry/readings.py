"""The metrics that lanes, memory, gate, subscriptions and stores have counted for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import Any, Protocol

from gateway.domain.records import Provider
from gateway.telemetry import names
from gateway.telemetry.pulse import Reading
from gateway.upstream.cache import Memory
from gateway.upstream.circuit import State
from gateway.upstream.status import LaneStatus


class Gate(Protocol):
    """What lets requests through; see `gateway.web.overload`."""

    @property
    def refused(self) -> int:
        """How many were refused."""

    @property
    def running(self) -> int:
        """How many are being answered."""

    @property
    def waiting(self) -> int:
        """How many wait."""


class Sessions(Protocol):
    """Where subscriptions are served; see `gateway.web.sessions`."""

    def __len__(self) -> int:
        """How many connections are open."""

    @property
    def subscriptions(self) -> int:
        """How many there are."""

    @property
    def sent(self) -> int:
        """Messages that went out."""

    @property
    def replaced(self) -> int:
        """Messages that did not, as a newer one took their place."""


class Door(Protocol):
    """Where a provider's notifications come in; see `gateway.push.door`."""

    @property
    def provider(self) -> Provider:
        """Whose."""

    @property
    def counts(self) -> Mapping[Any, int]:
        """How many had which verdict."""

    @property
    def changed(self) -> int:
        """How many records they changed."""


class Store(Protocol):
    """A server that may be away; see `gateway.upstream.server`."""

    @property
    def failures(self) -> int:
        """Questions it did not answer."""


def lanes(statuses: Iterable[LaneStatus], *, parts: int = 1) -> Iterator[Reading]:
    """Yield what lanes tell.

    Args:
        statuses: The lanes of this process.
        parts: Into how many the quota is divided among the processes that are shown as one.
    """
    for lane in statuses:
        of = (str(lane.whom), lane.operation)
        lookups = {
            "hit": lane.hits - lane.stale_hits,
            "stale": lane.stale_hits,
            "miss": lane.misses,
            "shared": lane.shared_hits,
            "rescued": lane.rescued,
        }
        for outcome, count in lookups.items():
            yield names.LOOKUPS, (*of, outcome), count
        yield names.JOINS, of, lane.joins
        yield names.REFRESHES, of, lane.refreshes
        yield names.RETRIES, of, lane.retries
        yield names.RETRY_BUDGET, of, lane.retry_budget
        yield names.LANE_SHED, of, lane.shed
        yield names.QUOTA_LIMIT, of, lane.limit * parts
        yield names.QUOTA_RATE, of, lane.rate * parts
        yield names.LANE_WAITING, of, lane.waiting
        yield names.LANE_HOT, of, lane.hot
        for state in State:
            yield names.CIRCUIT, (*of, state.value), lane.circuit == state.value


def memory(records: Memory) -> Iterator[Reading]:
    """Yield what the memory tells."""
    yield names.MEMORY_RECORDS, (), len(records)
    yield names.MEMORY_BYTES, (), records.bytes
    yield names.EVICTIONS, (), records.evictions


def gate(gate: Gate) -> Iterator[Reading]:
    """Yield what the gate tells."""
    yield names.SHED, (), gate.refused
    yield names.RUNNING, (), gate.running
    yield names.QUEUED, (), gate.waiting


def sessions(sessions: Sessions) -> Iterator[Reading]:
    """Yield what subscriptions tell."""
    yield names.CONNECTIONS, (), len(sessions)
    yield names.SUBSCRIPTIONS, (), sessions.subscriptions
    yield names.SUBSCRIPTION_EVENTS, (), sessions.sent
    yield names.SUBSCRIPTION_DROPPED, (), sessions.replaced


def watches(watches: Sized) -> Iterator[Reading]:
    """Yield what watches tell."""
    yield names.WATCHES, (), len(watches)


def door(door: Door) -> Iterator[Reading]:
    """Yield what a provider's notifications tell."""
    of = str(door.provider)
    for verdict, count in door.counts.items():
        yield names.NOTIFICATIONS, (of, str(verdict)), count
    yield names.NOTIFICATION_CHANGES, (of,), door.changed


def store(name: str, server: Store) -> Iterator[Reading]:
    """Yield what a shared store tells."""
    yield names.STORE_FAILURES, (name,), server.failures
