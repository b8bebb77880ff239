"""Routes: which selection an object goes through.

For a field of an object type that is settled, though the type may insist on looking at the value
(``is_type_of``). For an interface or union the value decides, and objects part here and meet again behind
their selections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import CoroutineType, NoneType
from typing import Any, Protocol, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    default_type_resolver,
)
from graphql.pyutils import inspect

from gateway.execution.fields import Column, Pending
from gateway.execution.fragments import Fragments, Keeping
from gateway.execution.places import Place
from gateway.execution.run import Run
from gateway.execution.selection import Selection
from gateway.execution.traits import Traits


class Routes(Protocol):
    """Takes objects through the selections for their types.

    Attributes:
        known: Classes whose objects need no check.
        only: The selection for all objects that it `trusts`; None where there are several.
        steady: Whether what is selected follows from the objects, if it is there at once.
    """

    known: set[type]
    only: Selection | None
    steady: bool

    def check(self, value: Any, info: GraphQLResolveInfo[Any]) -> None:
        """Raise what graphql-core raises for a value that is not of the field's type."""

    def follow(self, run: Run, place: Place, objects: Column) -> Column | Pending:
        """Return the finished objects; all of them were checked, or are of a known class."""

    def trusts(self, objects: Column, /) -> bool:
        """Return whether all objects, None aside, are of the type, and `Selection.trusts` them."""

    def keep(self, fragments: Fragments) -> bool:
        """See `Selection.keep`."""


class OneWay:
    """The route of a field whose type is an object type.

    Args:
        type_: The type.
        selection: What is selected of it.
        traits: What is special about the schema's values.
    """

    def __init__(self, type_: GraphQLObjectType, selection: Selection, traits: Traits) -> None:
        self.known: set[type] = set()
        self._type = type_
        self._selection = selection
        self._through: Selection | Keeping = selection
        self._lasting = type_.name in traits.lasting
        self._remember = traits.class_tells_type or type_.is_type_of is None
        self.only = selection if self._remember else None
        self.steady = selection.steady and self._remember

    def check(self, value: Any, info: GraphQLResolveInfo[Any]) -> None:
        """See `Routes`."""
        is_type_of = self._type.is_type_of
        if is_type_of is not None and not is_type_of(value, info):
            raise _wrong_type(self._type, value, info)
        if self._remember:
            self.known.add(type(value))

    def follow(self, run: Run, place: Place, objects: Column) -> Column | Pending:
        """See `Routes`."""
        return self._through.project(run, place, objects)

    def trusts(self, objects: Column) -> bool:
        """See `Routes`."""
        kinds = set(map(type, objects))
        if NoneType in kinds:
            kinds.remove(NoneType)
            objects = [one for one in objects if one is not None]
        if not kinds:
            return True
        known = self._type.is_type_of is None or kinds <= self.known
        return known and self._selection.trusts(objects, kinds)

    def keep(self, fragments: Fragments) -> bool:
        """See `Routes`."""
        if self.steady and self._lasting:
            self._through = Keeping(self._selection, fragments)
            return True
        return self._selection.keep(fragments)


class Fork:
    """The routes of a field whose type is an interface or a union.

    Args:
        schema: Knows the types.
        type_: The interface or union.
        selection_for: Makes the selection for one of its types; asked when the first object of it comes by,
            since interfaces within interfaces would multiply.
        traits: What is special about the schema's values.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        type_: GraphQLAbstractType,
        selection_for: Callable[[GraphQLObjectType], Selection],
        traits: Traits,
    ) -> None:
        self.known: set[type] = set()
        self.only: Selection | None = None
        self.steady = False
        self._schema = schema
        self._type = type_
        self._selection_for = selection_for
        self._possible = {one.name: one for one in schema.get_possible_types(type_)}
        self._selections: dict[str, Selection | Keeping] = {}
        self._traits = traits
        self._remember = traits.class_tells_type
        self._fragments: Fragments | None = None
        self._name_by_class: dict[type, str] = {}

    def check(self, value: Any, info: GraphQLResolveInfo[Any]) -> None:
        """See `Routes`."""
        type_ = self._valid(self._name(value, info), value, info)
        if type_.is_type_of is not None and not type_.is_type_of(value, info):
            raise _wrong_type(type_, value, info)
        if self._remember:
            self._name_by_class[type(value)] = type_.name
            self.known.add(type(value))

    def follow(self, run: Run, place: Place, objects: Column) -> Column | Pending:
        """See `Routes`."""
        numbers: dict[str, list[int]] = {}
        info: GraphQLResolveInfo[Any] | None = None
        for number, value in enumerate(objects):
            name = self._name_by_class.get(type(value))
            if name is None:
                assert place.field is not None  # noqa: S101 - objects are values of a field
                info = info or run.info(place.field, place.outline()[:-1])
                name = self._name(value, info)
            numbers.setdefault(name, []).append(number)
        if len(numbers) == 1:
            return self._selection(next(iter(numbers))).project(run, place, objects)
        finished = [
            self._selection(name).project(run, place.only(some), [objects[number] for number in some])
            for name, some in numbers.items()
        ]
        if any(isinstance(column, CoroutineType) for column in finished):
            return _met_later(list(numbers.values()), finished, len(objects))
        return _met(list(numbers.values()), cast("list[Column]", finished), len(objects))

    def trusts(self, _objects: Column) -> bool:
        """See `Routes`."""
        return False

    def keep(self, fragments: Fragments) -> bool:
        """See `Routes`."""
        self._fragments = fragments
        return True

    def _name(self, value: Any, info: GraphQLResolveInfo[Any]) -> Any:
        return (self._type.resolve_type or default_type_resolver)(value, info, self._type)

    def _selection(self, name: str) -> Selection | Keeping:
        known = self._selections.get(name)
        if known is None:
            selection = self._selection_for(self._possible[name])
            known = selection
            if self._fragments is not None:
                if selection.steady and name in self._traits.lasting and self._remember:
                    known = Keeping(selection, self._fragments)
                else:
                    selection.keep(self._fragments)
            self._selections[name] = known
        return known

    def _valid(self, name: Any, value: Any, info: GraphQLResolveInfo[Any]) -> GraphQLObjectType:
        """Return the type of a name, or raise as graphql-core does for a name that is none of ours."""
        where = f"field '{info.parent_type}.{info.field_name}'"
        if name is None:
            message = (
                f"Abstract type '{self._type}' must resolve to an Object type at runtime for {where}."
                f" Either the '{self._type}' type should provide a 'resolve_type' function or each possible"
                " type should provide an 'is_type_of' function."
            )
        elif not isinstance(name, str):
            message = (
                f"Abstract type '{self._type}' must resolve to an Object type at runtime for {where} with"
                f" value {inspect(value)}, received '{inspect(name)}', which is not a valid Object type name."
            )
        else:
            if name in self._possible:
                return self._possible[name]
            type_ = self._schema.get_type(name)
            if type_ is None:
                message = (
                    f"Abstract type '{self._type}' was resolved to a type '{name}'"
                    " that does not exist inside the schema."
                )
            elif not isinstance(type_, GraphQLObjectType):
                message = f"Abstract type '{self._type}' was resolved to a non-object type '{name}'."
            else:
                message = f"Runtime Object type '{type_}' is not a possible type for '{self._type}'."
        raise GraphQLError(message, info.field_nodes)


def _wrong_type(type_: GraphQLObjectType, value: Any, info: GraphQLResolveInfo[Any]) -> GraphQLError:
    return GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", info.field_nodes)


def _met(numbers: list[list[int]], finished: list[Column], count: int) -> Column:
    column: list[Any] = [None] * count
    for some, values in zip(numbers, finished, strict=True):
        for number, value in zip(some, values, strict=True):
            column[number] = value
    return column


async def _met_later(numbers: list[list[int]], finished: list[Column | Pending], count: int) -> Column:
    waiting = [column for column in finished if isinstance(column, CoroutineType)]
    arrived = iter(await asyncio.gather(*waiting))
    columns = [next(arrived) if isinstance(column, CoroutineType) else column for column in finished]
    return _met(numbers, cast("list[Column]", columns), count)
