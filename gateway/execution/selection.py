"""Selections: what is selected of one object type, for any number of objects at once.

```text
objects        [J0, J1, J2, …]
                  │  attrgetter("status", "progress", "output"), then zip
columns        [S, S, S, …]   [7, 9, None, …]   [O0, O1, O2, …]
                  │ leaf          │ leaf             │ the selection of `output`, for all of them at once
                  ▼               ▼                  ▼
answer         map(Struct, column, column, column)  →  [{status progress output}, …]
```

Where every field is an attribute, or usually is one, and so on down, msgspec does all of that in one call: it
reads attributes into the Structs of the answer and checks their types on the way. The longer way is then
taken only if it, or a doubt about an object, finds anything in the way.

The answer's objects are msgspec Structs, of a class made for their response keys: cheaper to make than dicts
and to encode, and not tracked by the garbage collector, as trees need not be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from operator import attrgetter
from types import CoroutineType
from typing import TYPE_CHECKING, Any

import msgspec

from gateway.execution.faults import FAILED
from gateway.execution.fields import Column, Field, Pending
from gateway.execution.images import Image, image
from gateway.execution.places import Place
from gateway.execution.run import Run
from gateway.execution.traits import Doubt, Traits
from gateway.execution.values import reader

if TYPE_CHECKING:
    from gateway.execution.fragments import Fragments
    from gateway.execution.routes import Routes


class Selection:
    """The fields selected of an object type.

    Args:
        fields: In the order of the answer.
        traits: How attributes are read.

    Attributes:
        steady: Whether all of it follows from the object, if it is there at once.
    """

    def __init__(self, fields: Sequence[Field], traits: Traits) -> None:
        self._fields = fields
        self.steady = all(field.steady for field in fields)
        self._attributes = [field for field in fields if field.attribute is not None]
        self._others = [field for field in fields if field.attribute is None]
        self._names = tuple(dict.fromkeys(field.attribute for field in self._attributes if field.attribute))
        self._positions = [self._names.index(field.attribute or "") for field in self._attributes]
        self._read = _reader(self._names)
        self._nonnull = [field for field in fields if field.nonnull[0]]
        self._struct = _struct(tuple(field.key for field in fields))
        self._traits = traits
        self._doubts: dict[type, Doubt | None] = {}
        self._copy: Callable[[Column], list[Any]] | None = None
        self._uses_to_image = 2

    def project(self, run: Run, place: Place, objects: Column) -> Column | Pending:
        """Return what is selected of each object; FAILED for one that a failed field took with it."""
        if not objects:
            return []
        copied = self._copied(objects)
        if copied is not None:
            return copied
        columns: list[Column | Pending] = [()] * len(self._fields)
        waiting: list[int] = []
        # What has to be waited for is set going first.
        for field in self._others:
            columns[field.order] = column = field.column(run, place, objects)
            if type(column) is CoroutineType:
                waiting.append(field.order)
        if self._attributes:
            values = self._values(objects)
            for field, position in zip(self._attributes, self._positions, strict=True):
                columns[field.order] = column = field.completion(run, field, place, values[position])
                if type(column) is CoroutineType:
                    waiting.append(field.order)
        if waiting:
            return self._later(run, columns, waiting, len(objects))
        return self._rows(run, columns, len(objects))  # type: ignore[arg-type]  # none is waited for

    @cached_property
    def image(self) -> Image | None:
        """What reads whole objects; None where there is more to it."""
        return image(self._fields)

    @cached_property
    def _below(self) -> list[tuple[Callable[[Any], Any], int, Routes]]:
        below = [] if self.image is None else self.image.below
        return [(attrgetter(name), depth, routes) for name, depth, routes in below]

    def _count_use(self) -> None:
        """Make the image when it is used again: it takes longer to make than many an answer."""
        self._uses_to_image -= 1
        if not self._uses_to_image and self.image is not None:
            self._copy = reader(self.image.struct)

    def keep(self, fragments: Fragments) -> bool:
        """Keep what is said of lasting objects below; return whether there are any."""
        routes = [getattr(field.completion, "routes", None) for field in self._fields]
        kept = [one.keep(fragments) for one in routes if one is not None]
        if any(kept):
            self._uses_to_image = 0  # it would read them anew
        return any(kept)

    async def _later(self, run: Run, columns: list[Any], waiting: list[int], count: int) -> Column:
        if len(waiting) == 1:  # without a task of its own
            columns[waiting[0]] = await columns[waiting[0]]
        else:
            arrived = await asyncio.gather(*(columns[order] for order in waiting))
            for order, column in zip(waiting, arrived, strict=True):
                columns[order] = column
        return self._rows(run, columns, count)

    def _rows(self, run: Run, columns: list[Column], count: int) -> Column:
        rows: list[Any] = list(map(self._struct, *columns)) if columns else [self._struct()] * count
        if run.faults:
            for field in self._nonnull:
                for number, value in enumerate(columns[field.order]):
                    if value is FAILED:
                        rows[number] = FAILED
        return rows

    def _copied(self, objects: Column) -> Column | None:
        """Return what is selected of each object if all of it may be taken as it is."""
        if self._uses_to_image:
            self._count_use()
        copy, image = self._copy, self.image if self._copy else None
        if copy is None or image is None:
            return None
        try:
            rows = copy(objects)  # first, as it ends at the first value that is not one
            trusted = self.trusts(objects, set(map(type, objects)))
        except Exception:  # noqa: BLE001 - the longer way finds out whose it is
            return None
        return rows if trusted and image.fits(rows) else None

    def trusts(self, objects: Column, kinds: set[type]) -> bool:
        """Return whether no attribute of any object, down to the leaves, may be other than it seems.

        Args:
            objects: Of this type.
            kinds: Their classes.
        """
        if self._doubtful(objects, kinds):
            return False
        for read, depth, routes in self._below:
            found: Iterable[Any] = map(read, objects)
            for _ in range(depth):
                found = chain.from_iterable(filter(None, found))
            if not routes.trusts(list(found)):
                return False
        return True

    def _values(self, objects: Column) -> Sequence[Column]:
        """Return the columns of the attributes, by `_names`."""
        try:
            columns = self._read(objects)
        except Exception:  # noqa: BLE001 - an attribute may be missing, or a property raise; each is asked alone
            return self._one_by_one(objects, columns=None, numbers=range(len(objects)))
        suspects = self._suspects(objects)
        return self._one_by_one(objects, columns, suspects) if suspects else columns

    def _doubtful(self, objects: Column, kinds: set[type]) -> bool:
        """Return whether there is a doubt about any object."""
        for kind in kinds:
            try:
                doubt = self._doubts[kind]
            except KeyError:
                doubt = self._doubts[kind] = self._doubt(kind)
            if doubt is not None and any(
                map(doubt, objects if len(kinds) == 1 else [one for one in objects if type(one) is kind])
            ):
                return True
        return False

    def _suspects(self, objects: Column) -> list[int]:
        """Return the numbers of the objects whose None may stand for an error."""
        if not self._doubtful(objects, set(map(type, objects))):
            return []
        suspects: list[int] = []
        for number, one in enumerate(objects):
            doubt = self._doubts[type(one)]
            if doubt is not None and doubt(one):
                suspects.append(number)
        return suspects

    def _doubt(self, kind: type) -> Doubt | None:
        # msgspec would read a dict by its keys, and an error where an object should be is the field's.
        return _certain if issubclass(kind, (dict, Exception)) else self._traits.doubt(kind)

    def _one_by_one(
        self, objects: Column, columns: Sequence[Column] | None, numbers: Sequence[int]
    ) -> Sequence[Column]:
        get = self._traits.attribute
        asked = [list(column) for column in columns or [[None] * len(objects)] * len(self._names)]
        for number in numbers:
            for name, column in zip(self._names, asked, strict=True):
                if column[number] is None:
                    try:
                        column[number] = get(objects[number], name)
                    except Exception as error:  # noqa: BLE001 - it is the field's error
                        column[number] = error
        return asked


def _certain(_value: Any) -> bool:
    return True


def _reader(names: tuple[str, ...]) -> Callable[[Column], Sequence[Column]]:
    """Return what reads columns of attributes off objects; there is at least one object."""
    if len(names) == 1:
        get_one = attrgetter(names[0])
        return lambda objects: (list(map(get_one, objects)),)
    if not names:
        return lambda _objects: ()
    get = attrgetter(*names)
    return lambda objects: list(zip(*map(get, objects), strict=True))


@lru_cache(maxsize=4096)
def _struct(keys: tuple[str, ...]) -> Any:
    """Return the class of an answer's objects; fields are named by number, as keys may be any name."""
    names = {f"f{number}": key for number, key in enumerate(keys)}
    return msgspec.defstruct("Answer", [(name, Any) for name in names], rename=names, gc=False, frozen=True)
