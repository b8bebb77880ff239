"""Fragments: what a selection says about an object that never changes, encoded once.

Most objects that are asked for again are the same objects as before: the application reads a newer version of
a record into a new object. So where a selection depends on nothing but its object, its part of the answer is
kept as JSON text, and the next answer holds it as it is: a look-up instead of everything below it.

```text
videos ── [V0, V1, V2] ──▶ V0, V2 known:  {"title":…}  {"title":…}     msgspec.Raw, copied by the encoder
                           V1 new:        through the selection, encoded, kept
```

What may be kept, all of which must hold:

- the type is one of `Traits.lasting`: its objects never change;
- every field down to the leaves is an attribute, or is resolved by a function marked `from_parent`;
- it was there at once: what had to be waited for came from elsewhere;
- nothing failed: errors have a path, which is another one in every answer.

Kept is the outermost selection of which that holds, once its object is asked for a second time: many an
object never is, and to keep what was said of it takes as long as to say it. An object is known by its
identity, and referred to as `gateway.execution.held` says: its number may be given to another one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import count, repeat
from types import CoroutineType
from typing import Any

import msgspec

from gateway.execution.fields import Column, Pending
from gateway.execution.generations import Generations
from gateway.execution.held import held
from gateway.execution.places import Place
from gateway.execution.run import Run
from gateway.execution.selection import Selection

_OVERHEAD = 450
"""Bytes of a fragment besides its text, and its object if that is held: key, reference, places in dicts."""

_MOST_ONCE = 10_000
"""Objects that are remembered to have been asked for once; they are a few hundred bytes each."""

_encode = msgspec.json.Encoder().encode

_Key = tuple[int, Hashable, int]
_Kept = tuple[Callable[[], Any], msgspec.Raw, int]


class Fragments:
    """All fragments of a schema's plans.

    Args:
        room: Bytes they may take; 0 keeps none.
    """

    def __init__(self, room: int) -> None:
        self._numbers = count()
        self._once: set[_Key] = set()
        self.kept: Generations[_Key, _Kept] = Generations(room, lambda kept: kept[2])
        self.room = room

    def number(self) -> int:
        """Return a number for another selection."""
        return next(self._numbers)

    def again(self, keys: Sequence[_Key]) -> set[_Key]:
        """Return those of some things that were asked for before lately, as far as is remembered.

        Of all others it is remembered from now on; of those no more, as they will be kept.
        """
        known = self._once.intersection(keys)
        if len(self._once) + len(keys) > _MOST_ONCE:
            self._once.clear()
        self._once.update(keys)
        self._once -= known
        return known


class Keeping:
    """A selection that keeps what it said.

    Args:
        selection: The selection.
        fragments: Where it is kept.
    """

    def __init__(self, selection: Selection, fragments: Fragments) -> None:
        self._selection = selection
        self._fragments = fragments
        self._kept = fragments.kept
        self._number = fragments.number()

    def project(self, run: Run, place: Place, objects: Column) -> Column | Pending:
        """See `Selection.project`."""
        keys: list[_Key] = list(zip(repeat(self._number), repeat(run.viewer), map(id, objects)))
        kept = self._kept.get_each(keys)
        if not any(kept):
            return self._made(run, place, keys, objects)
        rows: list[Any] = [
            known[1] if known is not None and known[0]() is one else None
            for known, one in zip(kept, objects, strict=True)
        ]
        missing = [number for number, row in enumerate(rows) if row is None]
        if not missing:
            return rows
        if len(missing) == len(rows):
            return self._made(run, place, keys, objects)
        made = self._made(
            run,
            place.only(missing),
            [keys[number] for number in missing],
            [objects[number] for number in missing],
        )
        if isinstance(made, CoroutineType):
            return _filled_later(rows, missing, made)
        return _filled(rows, missing, made)  # type: ignore[arg-type]  # it is no coroutine any more

    def _made(self, run: Run, place: Place, keys: Sequence[_Key], objects: Column) -> Column | Pending:
        faults = len(run.faults)
        made = self._selection.project(run, place, objects)
        if isinstance(made, CoroutineType) or len(run.faults) > faults:
            return made
        again = self._fragments.again(keys)
        if not again:
            return made
        return [
            self._keep(key, one, row) if key in again else row
            for key, one, row in zip(keys, objects, made, strict=True)  # type: ignore[arg-type]
        ]

    def _keep(self, key: _Key, one: Any, row: Any) -> Any:
        try:
            text = msgspec.Raw(_encode(row))
            tell, weight = held(one)
        except TypeError:  # it cannot be encoded, which is not to be said here, or not be referred to
            return row
        self._kept.put(key, (tell, text, _OVERHEAD + weight + len(memoryview(text))))
        return text


def _filled(rows: list[Any], numbers: Sequence[int], made: Column) -> list[Any]:
    for number, row in zip(numbers, made, strict=True):
        rows[number] = row
    return rows


async def _filled_later(rows: list[Any], numbers: Sequence[int], pending: Pending) -> Column:
    return _filled(rows, numbers, await pending)
