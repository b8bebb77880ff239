"""Completion: from what resolvers return to what is encoded.

Each kind of value has a quick way and a careful one. The quick way looks at a whole column at once and
takes it as it is, or hands all the objects in it on together. Whatever is unusual about any value (an
error, a null among the items of a list, a class not seen before) sends its column the careful way, one
value after the other, as graphql-core goes, to the same errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, islice
from types import CoroutineType, NoneType
from typing import Any, cast

from graphql import GraphQLError, Undefined
from graphql.pyutils import is_iterable

from gateway.execution.faults import FAILED
from gateway.execution.fields import Column, Field, Pending
from gateway.execution.places import Origin, Place
from gateway.execution.routes import Routes
from gateway.execution.run import Run
from gateway.execution.values import Leaf, checker

_LISTS = {list, tuple}


class Leaves:
    """Completes leaves and lists of leaves.

    Args:
        leaf: Their type.
        nonnull: See `gateway.execution.fields.Field`.

    Attributes:
        native: Which values need no serializer.
        routes: None; there is nothing below.
    """

    routes = None

    def __init__(self, leaf: Leaf, nonnull: Sequence[bool]) -> None:
        self._leaf = leaf
        self.native = leaf.native
        self._check = None if leaf.native is None else checker(leaf.native, nonnull)

    def __call__(self, run: Run, field: Field, place: Place, values: Column) -> Column | Pending:
        """Return the finished column."""
        if self._check is not None:
            checked = self._check(values)
            if checked is not None:
                return checked
        walk = _Walk(run, field, place, lambda value, _number, _indices: self._leaf.serialized(value))
        return [walk.value(value, number, ()) for number, value in enumerate(values)]


class Objects:
    """Completes objects and lists of objects.

    Args:
        routes: Where objects go by their type.

    Attributes:
        routes: Where objects go by their type.
    """

    def __init__(self, routes: Routes) -> None:
        self.routes = routes

    def __call__(self, run: Run, field: Field, place: Place, values: Column) -> Column | Pending:
        """Return the finished column."""
        kinds = set(map(type, values))
        known = self.routes.known
        if field.depth == 0:
            if kinds <= known:
                return self._through(run, Place(place, field, values), values, _Whole(field))
            if not field.nonnull[0] and kinds <= {NoneType, *known}:
                present = [value for value in values if value is not None]
                return self._through(run, Place(place, field, values), present, _Gaps(field, values))
        elif field.depth == 1 and kinds <= _LISTS:
            items = list(chain.from_iterable(values))
            if set(map(type, items)) <= known:
                return self._through(run, Place(place, field, values), items, _Lists(field, values))
        return self._carefully(run, field, place, values)

    def _carefully(self, run: Run, field: Field, place: Place, values: Column) -> Column | Pending:
        present: list[Any] = []
        origins: list[Origin] = []
        routes = self.routes
        info = run.info(field, place.outline())

        def take(value: Any, number: int, indices: tuple[int, ...]) -> _Taken:
            routes.check(value, info)
            present.append(value)
            origins.append(Origin(number, indices))
            return _Taken(len(present) - 1)

        walk = _Walk(run, field, place, take)
        shape = [walk.value(value, number, ()) for number, value in enumerate(values)]
        below = Place(place, field, values, origins)
        return self._through(run, below, present, _Shape(field, shape))

    def _through(
        self, run: Run, place: Place, objects: Column, restore: Callable[[Run, Column], Column]
    ) -> Column | Pending:
        finished = self.routes.follow(run, place, objects)
        if isinstance(finished, CoroutineType):
            return _restored(run, finished, restore)
        return restore(run, cast("Column", finished))


async def _restored(run: Run, pending: Pending, restore: Callable[[Run, Column], Column]) -> Column:
    return restore(run, await pending)


class _Taken(int):
    """The number of an object taken out of a value, in its stead."""

    __slots__ = ()


class _Walk:
    """Completes one value after the other, through its lists, as graphql-core does."""

    def __init__(
        self, run: Run, field: Field, place: Place, bottom: Callable[[Any, int, tuple[int, ...]], Any]
    ) -> None:
        self._run = run
        self._field = field
        self._place = place
        self._bottom = bottom

    def value(self, value: Any, number: int, indices: tuple[int, ...]) -> Any:
        """Return a value's completion; None, or FAILED where that is not allowed, if it failed."""
        field = self._field
        level = len(indices)
        try:
            if isinstance(value, Exception):
                raise value  # noqa: TRY301 - an error in a value's place is the value's error
            if value is None or value is Undefined:
                completed = None
            elif level == field.depth:
                completed = self._bottom(value, number, indices)
            elif is_iterable(value):
                completed = [self.value(item, number, (*indices, index)) for index, item in enumerate(value)]
                if field.nonnull[level + 1] and any(item is FAILED for item in completed):
                    return FAILED if field.nonnull[level] else None
            else:
                raise GraphQLError(  # noqa: TRY301
                    f"Expected Iterable, but did not find one for field '{field.parent_type}.{field.name}'."
                )
            if completed is None and field.nonnull[level]:
                raise TypeError(  # noqa: TRY301
                    f"Cannot return null for non-nullable field {field.parent_type}.{field.name}."
                )
        except Exception as error:  # noqa: BLE001 - whatever a resolver or serializer raises is the value's error
            self._run.fail(self._place, number, field, indices, error)
            return FAILED if field.nonnull[level] else None
        return completed


# What follows puts finished objects back where they were taken from. FAILED is looked for only once something
# has failed; it nulls what it must on the way.


class _Whole:
    """Every value was an object."""

    def __init__(self, field: Field) -> None:
        self._nonnull = field.nonnull[0]

    def __call__(self, run: Run, finished: Column) -> Column:
        if run.faults and not self._nonnull:
            return [None if one is FAILED else one for one in finished]
        return finished


class _Gaps:
    """Values were objects or, as they may be, None."""

    def __init__(self, _field: Field, values: Column) -> None:
        self._values = values

    def __call__(self, run: Run, finished: Column) -> Column:
        following = iter(finished)
        column = [None if value is None else next(following) for value in self._values]
        return [None if one is FAILED else one for one in column] if run.faults else column


class _Lists:
    """Every value was a list, and every item of it an object."""

    def __init__(self, field: Field, values: Sequence[Sequence[Any]]) -> None:
        self._field = field
        self._values = values

    def __call__(self, run: Run, finished: Column) -> Column:
        following = iter(finished)
        column: list[Any] = [list(islice(following, len(value))) for value in self._values]
        return [_settled(items, self._field.nonnull, 0) for items in column] if run.faults else column


class _Shape:
    """Values were anything; objects were taken out of them and their numbers left in their stead."""

    def __init__(self, field: Field, shape: list[Any]) -> None:
        self._field = field
        self._shape = shape

    def __call__(self, _run: Run, finished: Column) -> Column:
        def filled(value: Any) -> Any:
            if type(value) is _Taken:
                return finished[value]
            return [filled(item) for item in value] if type(value) is list else value

        return [_settled(filled(value), self._field.nonnull, 0) for value in self._shape]


def _settled(value: Any, nonnull: tuple[bool, ...], level: int) -> Any:
    """Return a value in which failures have nulled what they must."""
    if type(value) is list and level < len(nonnull) - 1:
        value = [_settled(item, nonnull, level + 1) for item in value]
        if nonnull[level + 1] and any(item is FAILED for item in value):
            value = FAILED
    return None if value is FAILED and not nonnull[level] else value
