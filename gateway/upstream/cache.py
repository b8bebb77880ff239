"""The first level: records in this process, bounded in number and bytes.

A shelf, one per provider and verb, is a plain dict from key to entry, so that answering from it costs a
look-up and a comparison. Entries live as long as their key is remembered and are updated in place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Mapping

import msgspec
from msgspec import Struct

from gateway.domain.errors import NotFound
from gateway.domain.records import Task, Video
from gateway.upstream.freshness import Answer, Kind, Term, classify
from gateway.upstream.policy import MemoryPolicy

# What a record takes as Python objects, for each byte it takes as MessagePack: 2.0 to 2.1 by tracemalloc,
# over tasks of none to forty jobs. An entry, its key and its places in shelf and order come on top.
_BYTES_PER_BYTE = 2.2
_ENTRY_BYTES = 600

# Videos come ten to a call, and encoding one takes longer than all else that is written down of it. Those
# with as many jobs take about the same, so the first of them is weighed on behalf of the others, and all are
# weighed anew after so many videos.
_BELIEVED = 100

_encoder = msgspec.msgpack.Encoder()


class Entry(Struct, eq=False, gc=False):
    """What is known of one key. Times are instants of the event loop's clock.

    There is one for each record, so the garbage collector is spared them: nothing in it leads back to it.

    Attributes:
        shelf: Number of its shelf.
        key: What was asked for.
        answer: The record, or that the provider knows no such thing.
        kind: What the answer says about how soon it will change.
        weight: Bytes that it counts for.
        observed: When the provider said so.
        fresh_until, stale_until, kept_until: Ends of the windows of the freshness policy.
        asked: When somebody last asked for the key.
        spared: What that was when it was last to be put out.
        tried: When it was last asked in vain.
    """

    shelf: int
    key: Hashable
    answer: Answer
    kind: Kind
    weight: int
    observed: float
    fresh_until: float
    stale_until: float
    kept_until: float
    asked: float
    spared: float
    tried: float = float("-inf")

    def serves(self, now: float, max_age: float | None) -> bool:
        """Whether this may answer at once; a caller's own bound replaces the policy's."""
        if max_age is None:
            return now < self.stale_until
        return now - self.observed <= max_age

    def due_at(self, ahead: float) -> float:
        """When to refresh it, after a part of its fresh window; a failed try counts as one."""
        return max(self.observed, self.tried) + ahead * (self.fresh_until - self.observed)

    def lateness(self, now: float) -> float:
        """Age in fresh windows: 1 when freshness ends, whatever the kind of record."""
        return (now - self.observed) / max(self.fresh_until - self.observed, 1e-3)


Shelf = dict[Hashable, Entry]


class Memory:
    """All shelves and their common bound."""

    def __init__(self, policy: MemoryPolicy) -> None:
        self._policy = policy
        self._order: deque[Entry] = deque()
        self._shelves: dict[int, Shelf] = {}
        self._scales = _Scales()
        self.bytes = 0
        self.evictions = 0

    def __len__(self) -> int:
        return len(self._order)

    def put(
        self, shelf: Shelf, answers: Mapping[Hashable, Answer], term_of: Callable[[Kind], Term], now: float
    ) -> list[Entry]:
        """Remember answers that were given together, unless younger ones are already known.

        Args:
            shelf: Where they belong.
            answers: One for each key.
            term_of: How long those of a kind serve; asked once for each kind that there is.
            now: By the event loop's clock.

        Returns:
            What is known now of each key.
        """
        terms: dict[Kind, Term] = {}
        entries: list[Entry] = []
        number = id(shelf)
        self._shelves[number] = shelf
        weigh, order = self._scales.weigh, self._order
        more = 0
        for key, answer in answers.items():
            kind = classify(answer)
            term = terms.get(kind)
            if term is None:
                term = terms[kind] = term_of(kind)
            entry = shelf.get(key)
            if entry is None:
                weight = weigh(answer)
                kind, observed, fresh, stale, kept = term
                entry = Entry(number, key, answer, kind, weight, observed, fresh, stale, kept, now, now)
                shelf[key] = entry
                order.append(entry)
                more += weight
            elif term.observed >= entry.observed:
                weight = weigh(answer)
                more += weight - entry.weight
                entry.weight = weight
                entry.answer = answer
                entry.kind, entry.observed, entry.fresh_until, entry.stale_until, entry.kept_until = term
            entries.append(entry)
        self.bytes += more
        self._scales.used(len(answers))
        if len(order) > self._policy.entries or self.bytes > self._policy.bytes:
            self._shrink()
        return entries

    def _shrink(self) -> None:
        """Forget the longest-known entries that nobody asked for since they were last spared.

        Second chance rather than least recently used: a hit then writes one time stamp and moves nothing.
        """
        policy = self._policy
        while len(self._order) > policy.entries or (self.bytes > policy.bytes and self._order):
            entry = self._order.popleft()
            if entry.asked > entry.spared:
                entry.spared = entry.asked
                self._order.append(entry)
            else:
                del self._shelves[entry.shelf][entry.key]
                self.bytes -= entry.weight
                self.evictions += 1


class _Scales:
    """Tells about how many bytes an answer takes."""

    def __init__(self) -> None:
        # By the number of their jobs.
        self._videos: dict[int, int] = {}
        self._left = _BELIEVED

    def weigh(self, answer: Answer) -> int:
        """Return the bytes of an entry with this answer."""
        if type(answer) is not Video:
            return _weigh(answer)
        task = answer.latest_task
        jobs = len(task.jobs or ()) if type(task) is Task else -1
        weight = self._videos.get(jobs)
        if weight is None:
            weight = self._videos[jobs] = _weigh(answer)
        return weight

    def used(self, times: int) -> None:
        """Weigh samples anew after so many answers."""
        self._left -= times
        if self._left <= 0:
            self._videos.clear()
            self._left = _BELIEVED


def _weigh(answer: Answer) -> int:
    if isinstance(answer, NotFound):
        return _ENTRY_BYTES
    return _ENTRY_BYTES + int(_BYTES_PER_BYTE * len(_encoder.encode(answer)))
