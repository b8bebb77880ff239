"""Whole answers, given again as long as they would come out the same.

Nobody guesses how long that is. An answer is kept with all that was read for it, and before it is given again
the lanes are asked for all of that once more, which costs a look-up each: if every record is the very one it
was made of, so is the answer. So a kept answer is never staler than a new one would be, and every use of it
counts as demand for its records, which keeps them refreshed as before.

Kept are answers to queries without errors that were made of records and nothing else. They are kept by
document, operation, variables and scopes: whoever has the same scopes sees the same. What differs between two
clients, or two moments, is in `extensions`, and is made anew.

An answer that had to wait for records is not worth keeping, unless caches are told how long it lasts: nobody
had asked for those records, and keeping what may never be asked for again takes the room of what will be.
Whoever does ask again finds them all at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from operator import is_
from typing import Any

import msgspec
from msgspec import Struct

from gateway.domain.errors import GatewayError, NotFound
from gateway.domain.provider import Verb
from gateway.domain.sources import Whom
from gateway.execution import Generations, held
from gateway.lookups import Reads, Upstream
from gateway.telemetry.exchange import Executed

_OVERHEAD = 1500
_PER_KEY = 150
"""Bytes besides texts and what is held: the entry, its place, and for each key a reference to a record."""

_encode = msgspec.json.Encoder().encode

Key = tuple[str, str | None, bytes, AbstractSet[Hashable]]


class _Read(Struct, frozen=True):
    """What was read of one verb."""

    source: Whom
    verb: Verb
    max_age: float | None
    keys: Sequence[Hashable]
    outcomes: Sequence[Callable[[], Any]]


class Kept(Struct):
    """An answer without errors.

    Attributes:
        key: What it is kept by.
        data: Encoded.
        oldest: When the least fresh of its records had been observed; None without any.
        calls: Provider calls that it could have taken.
        fields: Fields that were asked for.
        reads: What it was made of.
        operation: What was executed, for whoever tells of it.
        variants: Forms of it that were sent over HTTP, made when first wanted.
        weight: Bytes it takes.
    """

    key: Key
    data: bytes
    oldest: datetime | None
    calls: int
    fields: int
    reads: Sequence[_Read]
    weight: int
    operation: Executed | None = None
    variants: dict[str, Any] = {}


class Answers:
    """Keeps answers.

    Args:
        upstream: The lanes.
        room: Bytes that all of them may take; 0 keeps none.
    """

    def __init__(self, upstream: Upstream, room: int) -> None:
        self._upstream = upstream
        self._room = room
        self._kept: Generations[Key, Kept] = Generations(room, lambda kept: kept.weight)

    @staticmethod
    def key(
        text: str,
        operation_name: str | None,
        variables: Mapping[str, Any] | None,
        scopes: AbstractSet[Hashable],
    ) -> Key:
        """Return what an answer is kept by."""
        return text, operation_name, _encode(variables) if variables else b"", scopes

    def get(self, key: Key) -> Kept | None:
        """Return an answer that would come out the same now; None where it might not."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        for read in kept.reads:
            now = self._upstream.peek_many(read.source, read.verb, read.keys, max_age=read.max_age)
            if now is None or not all(map(is_, now, [one() for one in read.outcomes])):
                return None
        return kept

    def keep(
        self, key: Key, data: Any, reads: Reads, *, oldest: datetime | None, calls: int, fields: int
    ) -> Kept | None:
        """Keep an answer without errors; return None where it cannot be given again.

        Args:
            key: What it is kept by.
            data: For `msgspec.json.encode`.
            reads: What was read for it.
            oldest: When the least fresh record had been observed.
            calls: Provider calls that it could have taken.
            fields: Fields that were asked for.
        """
        if not self._room or reads.fleeting:
            return None
        if any(
            isinstance(one, GatewayError) and not isinstance(one, NotFound)
            for reading in reads.readings
            for one in reading.outcomes
        ):
            return None
        seen: list[_Read] = []
        weight = 0
        try:
            for one in reads.readings:
                outcomes = [held(record) for record in one.outcomes]
                weight += sum(of_one for _, of_one in outcomes)
                tell = [tell for tell, _ in outcomes]
                seen.append(_Read(one.source, one.verb, one.max_age, one.keys, tell))
        except TypeError:  # something that cannot be referred to
            return None
        encoded = _encode(data)
        keys = sum(len(reading.keys) for reading in reads.readings)
        kept = Kept(
            key=key,
            data=encoded,
            oldest=oldest,
            calls=calls,
            fields=fields,
            reads=seen,
            # Twice the text, as it may be kept compressed beside.
            weight=2 * len(encoded) + len(key[0]) + len(key[2]) + _OVERHEAD + _PER_KEY * keys + weight,
        )
        self._kept.put(key, kept)
        return kept

    def fresh_for(self, kept: Kept) -> float:
        """Return for how many seconds more all that an answer was made of is fresh."""
        return min(
            (self._upstream.fresh_for(read.source, read.verb, read.keys) for read in kept.reads),
            default=0.0,
        )
