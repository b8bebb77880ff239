"""How work comes into being and moves on as the clock runs, without anything being stored.

Two ideas carry it. A piece of **work** knows its three moments (created, started, finished) in advance, so
its state and progress at any time are a comparison and a division. A **series** is work created at a steady
pace and numbered from the epoch: which numbers fall into a time window is a division, too. What becomes of
each is dealt like cards, every hundred numbers getting the same hand, so even "how many failed between
Monday and Wednesday" needs no scan.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, overload

from gateway.sandbox.dice import Dice

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Outcome = Literal["succeeded", "failed", "cancelled"]

DAY: Final = 86_400
YEAR: Final = 365 * DAY
PERCENT: Final = 100
# Seconds. Short of two hundred, so that progress moves a percent every two seconds or faster.
SHORTEST_WORK, LONGEST_WORK = 120, 190
SHORTEST_WAIT, LONGEST_WAIT = 2, 9


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One piece of transcoding: a VOD job, an IMS job, a Visionular task. Times are unix seconds.

    Attributes:
        number: Its place in its series or task.
        stops_at: The progress at which it ends: 100, or less when it fails or is cancelled.
    """

    number: int
    created: int
    started: int
    finished: int
    outcome: Outcome
    stops_at: int

    def state(self, now: float) -> State:
        """Say what it is doing at this moment."""
        if now >= self.finished:
            return self.outcome
        return "running" if now >= self.started else "queued"

    def progress(self, now: float) -> int:
        """Say how far it is, in percent. Linear, and short of its end until it gets there."""
        if now >= self.finished:
            return self.stops_at
        if now <= self.started:
            return 0
        return int(self.stops_at * (now - self.started) / (self.finished - self.started))


class Series:
    """Work created every ``pace`` seconds or so, and visible for ``history`` seconds."""

    def __init__(
        self, dice: Dice, name: str, *, pace: int, history: int, hand: Mapping[Outcome, int]
    ) -> None:
        """Deal the hand: how many of a hundred end in each outcome."""
        self._dice, self._name, self._pace, self._history = dice, name, pace, history
        cards = [outcome for outcome, number in hand.items() for _ in range(number)]
        self._hand: tuple[Outcome, ...] = dice.shuffled(cards, name, "hand")
        self._work = lru_cache(maxsize=4096)(self._make)

    def work(self, number: int) -> Work:
        """Return the work of a number, whether or not it exists yet."""
        return self._work(number)

    def _make(self, number: int) -> Work:
        created = self._created(number)
        started = created + self._dice.between(SHORTEST_WAIT, LONGEST_WAIT, self._name, "wait", number)
        length = self._dice.between(SHORTEST_WORK, LONGEST_WORK, self._name, "length", number)
        outcome = self._hand[number % len(self._hand)]
        stops_at = PERCENT
        if outcome != "succeeded":
            stops_at = self._dice.between(5, 95, self._name, "stop", number)
            length = max(1, length * stops_at // PERCENT)
        return Work(number, created, started, started + length, outcome, stops_at)

    def _created(self, number: int) -> int:
        return number * self._pace + self._dice.roll(self._name, "created", number) % self._pace

    def numbers(self, now: float, since: float | None = None, until: float | None = None) -> range:
        """Find the numbers visible now that were created within a window, both ends included."""
        first = now - self._history if since is None else max(since, now - self._history)
        last = now if until is None else min(until, now)
        return range(self._first_at(first), max(self._first_at(first), self._first_after(last)))

    def _first_at(self, moment: float) -> int:
        number = int(moment // self._pace)
        return number if self._created(number) >= moment else number + 1

    def _first_after(self, moment: float) -> int:
        number = int(moment // self._pace)
        return number if self._created(number) > moment else number + 1

    def matching(self, numbers: range, states: Collection[State], now: float) -> "Matches":
        """Select the numbers whose work is in one of the states, oldest first."""
        # Only the youngest few can still be under way; everything older has ended as it was dealt.
        moving = self._first_at(now - LONGEST_WAIT - LONGEST_WORK)
        settled = range(numbers.start, max(numbers.start, min(numbers.stop, moving)))
        young = [
            number for number in range(settled.stop, numbers.stop) if self.work(number).state(now) in states
        ]
        places = [place for place, outcome in enumerate(self._hand) if outcome in states]
        return Matches(settled, places, len(self._hand), young)


class Matches(Sequence[int]):
    """Numbers that match a state, as a sequence that computes its items when asked."""

    def __init__(self, settled: range, places: Sequence[int], cycle: int, young: Sequence[int]) -> None:
        """Join the settled numbers, those at one of the places in the cycle, and the young ones."""
        self._places, self._cycle, self._young = places, cycle, young
        self._offset = self._rank(settled.start)
        self._settled = self._rank(settled.stop) - self._offset

    def _rank(self, number: int) -> int:
        hands, place = divmod(number, self._cycle)
        return hands * len(self._places) + bisect_left(self._places, place)

    def __len__(self) -> int:
        return self._settled + len(self._young)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        if index >= self._settled:
            return self._young[index - self._settled]
        hands, place = divmod(self._offset + index, len(self._places))
        return hands * self._cycle + self._places[place]
