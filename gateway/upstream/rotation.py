"""The keys to refresh although nobody waits for them: who is due, and how badly.

Three sources. *Hot* keys move and are being polled; they are refreshed in rotation, ahead of expiry, so that
polls find them fresh. *Wanted* keys were answered stale a moment ago. *Watched* keys are
asked for by watches at a pace of their own. All are ordered by time, so that the most overdue stands in
front; between them the later one goes first, measured in its own fresh windows.

A hot or wanted key nobody asked for lately is skipped when its turn comes: with nobody asking, nothing is
called.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Hashable, Iterable

from gateway.upstream.cache import Entry
from gateway.upstream.freshness import Kind
from gateway.upstream.policy import RefreshPolicy


class Rotation:
    """The refreshable keys of one desk."""

    def __init__(self, policy: RefreshPolicy) -> None:
        self._policy = policy
        self._hot: OrderedDict[Hashable, Entry] = OrderedDict()
        self._wanted: OrderedDict[Hashable, Entry] = OrderedDict()
        self._watched: OrderedDict[Hashable, Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._hot)

    def want(self, entry: Entry, now: float) -> None:
        """Note that an entry was served stale; one that was just tried in vain is not tried at every poll."""
        if entry.key not in self._hot and entry.due_at(self._policy.ahead) <= now:
            self._wanted.setdefault(entry.key, entry)

    def watch(self, entry: Entry) -> None:
        """Have an entry looked at in its turn, whatever kind it is and whenever it was asked for."""
        self._forget(entry.key)
        self._watched[entry.key] = entry

    def unwatch(self, key: Hashable) -> None:
        """Note that nobody watches a key any more."""
        self._watched.pop(key, None)

    @property
    def watched(self) -> bool:
        """Whether there are keys that watches ask for now."""
        return bool(self._watched)

    def tried(self, entry: Entry, now: float) -> None:
        """Note that an entry could not be refreshed: it has its next turn when the others have had theirs."""
        entry.tried = now
        self.seen([entry], now)

    def seen(self, entries: Iterable[Entry], now: float) -> None:
        """Note that entries were looked up; those worth refreshing now stand behind all others."""
        if self._hot or self._wanted or self._watched:
            for entry in entries:
                self._forget(entry.key)
        moving = Kind.MOVING
        for entry in entries:
            if entry.kind is moving and self._is_hot(entry, now):
                self._hot[entry.key] = entry

    def call_up(self, entry: Entry, now: float) -> None:
        """Put an entry before all others, if anybody cares: the provider says that something happened."""
        if now - entry.asked > self._policy.called_up:
            return
        entry.asked = now
        self._forget(entry.key)
        self._wanted[entry.key] = entry
        self._wanted.move_to_end(entry.key, last=False)

    def doubt(self, entry: Entry, now: float) -> None:
        """Have an entry looked at again in its turn, whatever kind it is."""
        entry.tried = now
        self._forget(entry.key)
        if self._is_hot(entry, now):
            self._hot[entry.key] = entry

    def due_at(self, now: float) -> float:
        """When the next call for refreshing alone makes sense."""
        if not (self._hot or self._wanted or self._watched):
            return float("inf")
        if self._watched or self._front(self._wanted, now):
            return now
        entry = self._front(self._hot, now)
        if entry is None:
            return float("inf")
        return entry.due_at(self._policy.ahead)

    def lateness(self, now: float) -> float:
        """How overdue the most overdue key is, in its own fresh windows."""
        return max((entry.lateness(now) for entry in self._fronts(now)), default=0.0)

    def take(self, count: int, now: float, *, besides: Container[Hashable]) -> list[Entry]:
        """Take up to a number of keys, the most overdue first, leaving out those already under way."""
        taken: list[Entry] = []
        while len(taken) < count:
            entry = max(self._fronts(now), key=lambda entry: entry.lateness(now), default=None)
            if entry is None:
                break
            self._forget(entry.key)
            if entry.key not in besides:
                taken.append(entry)
        return taken

    def _fronts(self, now: float) -> list[Entry]:
        fronts = (self._front(self._hot, now), self._front(self._wanted, now), _first(self._watched))
        return [entry for entry in fronts if entry is not None]

    def _front(self, entries: OrderedDict[Hashable, Entry], now: float) -> Entry | None:
        while entries:
            key, entry = next(iter(entries.items()))
            if self._is_hot(entry, now):
                return entry
            del entries[key]
        return None

    def _is_hot(self, entry: Entry, now: float) -> bool:
        return now - entry.asked <= self._policy.hot_for

    def _forget(self, key: Hashable) -> None:
        self._hot.pop(key, None)
        self._wanted.pop(key, None)
        self._watched.pop(key, None)


def _first(entries: OrderedDict[Hashable, Entry]) -> Entry | None:
    return next(iter(entries.values()), None)
