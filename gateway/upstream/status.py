"""What a lane shows of itself."""

from __future__ import annotations

from collections import Counter, deque
from datetime import UTC, datetime
from statistics import median
from typing import Any

from msgspec import Struct

from gateway.domain.errors import GatewayError
from gateway.domain.provider import Verb
from gateway.domain.records import DEFAULT, Provider
from gateway.domain.sources import Whom, whom

# Enough for a median that one outlier does not move, few enough to follow a provider that gets slower.
_REMEMBERED_CALLS = 101


class LaneStatus(Struct, frozen=True, kw_only=True):
    """One operation at this moment.

    Attributes:
        limit: Calls per second this gateway allows itself when nobody throttles.
        rate: Calls per second it allows itself now.
        quota: own, where this process keeps it; shared by all replicas; share, while each keeps to its part.
        used: Calls this replica made in the last second.
        waiting: Keys that wait for a slot.
        estimated_wait: Seconds until a key asked for now would be called for.
        circuit: closed, open or half_open.
        last_error: Code of the last failed call; None while none has failed.
        last_error_at: When that was.
        latency: Median seconds of the last calls; None before the first.
        hot: Keys kept fresh although nobody waits.
        hits, stale_hits, misses: Keys answered from memory; how many of those stale; keys not in memory.
        calls, keys: Real requests, and keys they carried.
        refreshes: Keys carried although nobody waited.
        retries: Calls that repeated a failed one.
        rescued: Keys answered from old memory because the provider failed or could not be asked in time.
        shed: Keys refused before lining up.
        shared_hits: Keys answered from the store that replicas share.
        joins: Keys that were on their way already when they were asked for.
        source: Which of the provider's accounts.
        retry_budget: Calls that may be made again before more have gone well.
    """

    provider: Provider
    operation: str
    verbs: tuple[Verb, ...]
    limit: float
    rate: float
    quota: str
    used: int
    waiting: int
    estimated_wait: float
    circuit: str
    last_error: str | None
    last_error_at: datetime | None
    latency: float | None
    hot: int
    hits: int
    stale_hits: int
    misses: int
    calls: int
    keys: int
    refreshes: int
    retries: int
    rescued: int
    shed: int
    shared_hits: int
    joins: int = 0
    retry_budget: float = 0.0
    source: str = DEFAULT

    @property
    def whom(self) -> Whom:
        """Whose lane it is."""
        return whom(self.provider, self.source)


class Meter:
    """What a lane counts while it works."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.last_error: str | None = None
        self.last_error_at: datetime | None = None
        self.last_success = float("-inf")
        self._starts: deque[float] = deque()
        self._latencies: deque[float] = deque(maxlen=_REMEMBERED_CALLS)

    def called(self, now: float, keys: int, refreshes: int) -> None:
        """Count a real request."""
        self.counts["calls"] += 1
        self.counts["keys"] += keys
        self.counts["refreshes"] += refreshes
        self._starts.append(now)
        self.used(now)

    def answered(self, now: float, took: float) -> None:
        """Count an answer."""
        self.last_success = now
        self._latencies.append(took)

    def failed(self, error: GatewayError) -> None:
        """Remember a failed call."""
        self.last_error = error.code
        self.last_error_at = datetime.now(UTC)

    def used(self, now: float) -> int:
        """Calls in the last second."""
        while self._starts and self._starts[0] <= now - 1:
            self._starts.popleft()
        return len(self._starts)

    def status(self, now: float, **lane: Any) -> LaneStatus:
        """Return what was counted, beside what the lane knows."""
        counts = self.counts
        return LaneStatus(
            used=self.used(now),
            latency=median(self._latencies) if self._latencies else None,
            last_error=self.last_error,
            last_error_at=self.last_error_at,
            hits=counts["hits"],
            stale_hits=counts["stale_hits"],
            misses=counts["misses"],
            calls=counts["calls"],
            keys=counts["keys"],
            refreshes=counts["refreshes"],
            retries=counts["retries"],
            rescued=counts["rescued"],
            shed=counts["shed"],
            shared_hits=counts["shared_hits"],
            joins=counts["joins"],
            **lane,
        )
