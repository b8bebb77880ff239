"""ProviderStatus: how the gateway gets on with a provider, operation by operation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from gateway.domain.sources import Whom, name_of, provider_of
from gateway.graph.types.enums import Provider
from gateway.upstream.status import LaneStatus


@strawberry.enum(description="Whether a provider's operation is called at all.")
class Circuit(Enum):
    """See `gateway.upstream.circuit`."""

    CLOSED = strawberry.enum_value("CLOSED", description="It is called.")
    OPEN = strawberry.enum_value("OPEN", description="It has been failing and is left alone for a while.")
    HALF_OPEN = strawberry.enum_value("HALF_OPEN", description="One call finds out whether it works again.")


@strawberry.enum(description="Who counts the calls.")
class QuotaKeeper(Enum):
    """See `gateway.upstream.quota`."""

    OWN = strawberry.enum_value("OWN", description="This process, which has the quota to itself.")
    SHARED = strawberry.enum_value("SHARED", description="All replicas together, in the store.")
    SHARE = strawberry.enum_value("SHARE", description="Each replica its own part: the store is away.")


@strawberry.type(description="The last failure of a provider's operation.")
class Failure:
    """The last error of a lane."""

    code: str = strawberry.field(description="As extensions.code of an error. Never null.")
    at: datetime = strawberry.field(description="When it happened. Never null.")


@strawberry.type(description="A provider's operation: its quota, its queue and its health, on this replica.")
class OperationStatus:
    """See `gateway.upstream.status.LaneStatus`."""

    name: str = strawberry.field(description="The provider's name, e.g. GetTranscodeSummary. Never null.")
    limit: float = strawberry.field(description="Calls per second that the gateway allows itself at most.")
    rate: float = strawberry.field(
        description="Calls per second that it allows itself now: fewer while the provider throttles even so, "
        "and while it keeps to its share."
    )
    quota: QuotaKeeper = strawberry.field(description="Who counts the calls.")
    used: int = strawberry.field(description="Calls made in the last second by this replica.")
    waiting: int = strawberry.field(description="Ids and pages that wait for a call.")
    estimated_wait_ms: int = strawberry.field(
        description="How long an id asked for now would wait for its call, in milliseconds."
    )
    circuit: Circuit = strawberry.field(description="Whether the operation is called at all.")
    last_failure: Failure | None = strawberry.field(
        description="The last call that failed. Null while none has since the gateway started."
    )
    latency_ms: float | None = strawberry.field(
        description="Median time of the last hundred answers, in milliseconds. Null before the first."
    )
    calls: int = strawberry.field(description="Calls made since the gateway started.")
    keys: int = strawberry.field(description="Ids and pages that those calls carried.")
    refreshes: int = strawberry.field(description="How many of them were carried although nobody waited.")
    hot: int = strawberry.field(description="Ids that are kept fresh because they were asked for lately.")
    hits: int = strawberry.field(description="Ids and pages answered from memory.")
    misses: int = strawberry.field(description="Ids and pages that were not in memory.")
    shed: int = strawberry.field(description="Ids and pages refused because too much was waiting.")

    @classmethod
    def of(cls, lane: LaneStatus) -> Self:
        """Return a lane's status in the graph's words."""
        failure = None
        if lane.last_error is not None and lane.last_error_at is not None:
            failure = Failure(code=lane.last_error, at=lane.last_error_at)
        return cls(
            name=lane.operation,
            limit=lane.limit,
            rate=lane.rate,
            quota=QuotaKeeper(lane.quota.upper()),
            used=lane.used,
            waiting=lane.waiting,
            estimated_wait_ms=round(lane.estimated_wait * 1000),
            circuit=Circuit(lane.circuit.upper()),
            last_failure=failure,
            latency_ms=None if lane.latency is None else lane.latency * 1000,
            calls=lane.calls,
            keys=lane.keys,
            refreshes=lane.refreshes,
            hot=lane.hot,
            hits=lane.hits,
            misses=lane.misses,
            shed=lane.shed,
        )


@strawberry.type(description="How this gateway gets on with an account of a provider.")
class ProviderStatus:
    """The lanes of one source."""

    provider: Provider = strawberry.field(description="Who. Never null.")
    source: str = strawberry.field(
        description="Which of the provider's accounts; `default` where there is one only. Never null."
    )
    configured: bool = strawberry.field(
        description="Whether this gateway has credentials; without them the provider's fields are errors."
    )
    operations: list[OperationStatus] = strawberry.field(
        description="The provider's operations. Empty where it is not configured."
    )

    @classmethod
    def of(cls, source: Whom, lanes: Iterable[LaneStatus]) -> Self:
        """Return a source's status from all lanes."""
        operations = [OperationStatus.of(lane) for lane in lanes if lane.whom == source]
        return cls(
            provider=provider_of(source),
            source=name_of(source),
            configured=bool(operations),
            operations=operations,
        )
