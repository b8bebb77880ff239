"""A provider operation that keeps failing is left alone, and tried by one probe at a time.

Counted is the ratio of failures over a rolling window, not failures in a row: one lucky answer among many
failures means nothing. Being throttled is no failure: the provider is well, and the pace deals with it.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum

from gateway.upstream.policy import CircuitPolicy


class State(StrEnum):
    """Closed lets calls through, open refuses them, half open waits for its one probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Circuit:
    """The circuit of one operation; every method takes the instant it is called at."""

    def __init__(self, policy: CircuitPolicy) -> None:
        self._policy = policy
        self._results: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._probe_at: float | None = None
        self._probing = False

    def state(self, now: float) -> State:
        """What the circuit shows, and what it would do were it not only measuring."""
        if self._probe_at is None:
            return State.CLOSED
        return State.OPEN if now < self._probe_at else State.HALF_OPEN

    def admits(self, now: float) -> bool:
        """Whether a call may go out: always while closed, and one probe after the cool-down."""
        if self._probe_at is None or self._policy.measure_only:
            return True
        return now >= self._probe_at and not self._probing

    def admits_at(self, now: float) -> float:
        """When to ask again; never, by the clock, while a probe is under way whose end nobody knows."""
        if self._probing:
            return float("inf")
        return now if self._probe_at is None else self._probe_at

    def wait(self, now: float) -> float:
        """Seconds after which a client may sensibly try again."""
        if self._probing or self._probe_at is None:
            return self._policy.cool_down
        return max(self._probe_at - now, 0.0)

    def started(self) -> None:
        """A call goes out."""
        self._probing = self._probe_at is not None

    def succeeded(self, now: float) -> None:
        """A call was answered; if it was the probe, all is forgotten."""
        if self._probe_at is not None:
            self._probe_at = None
            self._probing = False
            self._results.clear()
            self._failures = 0
        self._count(now, failed=False)

    def failed(self, now: float) -> None:
        """A call failed; a failed probe, or too many failures, leaves the provider alone for a while."""
        self._count(now, failed=True)
        policy = self._policy
        enough = len(self._results) >= policy.volume and self._failures >= policy.ratio * len(self._results)
        if self._probing or (self._probe_at is None and enough):
            self._probe_at = now + policy.cool_down
            self._probing = False

    def undecided(self) -> None:
        """A call ended in a way that says nothing about the provider's health; another probe may go."""
        self._probing = False

    def _count(self, now: float, *, failed: bool) -> None:
        self._results.append((now, failed))
        self._failures += failed
        while self._results[0][0] < now - self._policy.window:
            self._failures -= self._results.popleft()[1]
