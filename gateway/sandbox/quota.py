"""Calls counted in a sliding second: so many a second, whenever the second begins.

A fixed window would let twice the limit through around its edge; a client that stays within a sliding
second stays within any way of counting.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

WINDOW = 1.0  # seconds


class SlidingSecond:
    """How many events fell into the second that ends now, and the most that ever did."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque()
        self.peak = 0

    def count(self, moment: float) -> int:
        """Count the events of the past second. One exactly a second ago is past."""
        while self._moments and self._moments[0] <= moment - WINDOW:
            self._moments.popleft()
        return len(self._moments)

    def add(self, moment: float) -> None:
        """Record an event."""
        self.peak = max(self.peak, self.count(moment) + 1)
        self._moments.append(moment)


@dataclass(slots=True)
class Calls:
    """What became of an operation's calls: ``made`` counts all, ``ids`` what the accepted ones carried."""

    made: int = 0
    refused: int = 0
    failed: int = 0
    ids: int = 0
    accepted: SlidingSecond = field(default_factory=SlidingSecond)
    offered: SlidingSecond = field(default_factory=SlidingSecond)


class Quota:
    """The limit of each operation and the record of its calls."""

    def __init__(self, rate: float, rates: Mapping[str, float], monotonic: Callable[[], float]) -> None:
        """Allow ``rate`` calls a second, or what ``rates`` says for an operation."""
        self._rate, self._rates, self._monotonic = rate, rates, monotonic
        self._calls: dict[str, Calls] = {}

    def offer(self, operation: str) -> None:
        """Record that a call came in."""
        calls = self._of(operation)
        calls.made += 1
        calls.offered.add(self._monotonic())

    def accept(self, operation: str, ids: int) -> bool:
        """Let a call through if the past second has room; a refused call takes no room."""
        calls, moment = self._of(operation), self._monotonic()
        if calls.accepted.count(moment) >= self._rates.get(operation, self._rate):
            calls.refused += 1
            return False
        calls.accepted.add(moment)
        calls.ids += ids
        return True

    def fail(self, operation: str) -> None:
        """Record that a call was refused for another reason, or spoilt by a fault."""
        self._of(operation).failed += 1

    def report(self) -> dict[str, dict[str, int]]:
        """Tell the record of every operation called so far."""
        return {
            operation: {
                "made": calls.made,
                "refused": calls.refused,
                "failed": calls.failed,
                "ids": calls.ids,
                "peak": calls.accepted.peak,
                "peak_offered": calls.offered.peak,
            }
            for operation, calls in self._calls.items()
        }

    def reset(self) -> None:
        """Forget every call."""
        self._calls.clear()

    def _of(self, operation: str) -> Calls:
        return self._calls.setdefault(operation, Calls())
