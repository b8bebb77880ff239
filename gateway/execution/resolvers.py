"""Resolvers: where the values of a field come from.

==============  ======================================================================================
`Typename`      ``__typename``: known beforehand
an attribute    read off many parents by their selection, see `selection`; here it is only recognized
`Read`          an attribute, by a default resolver that `Traits` say nothing of
`Batch`         a function over all parents, see `batched`
`Direct`        a function of one parent, called without anything between
`AsInterpreted` the GraphQL field's own ``resolve``, with everything that Strawberry puts around the function:
                permissions, extensions, input objects
==============  ======================================================================================

What graphql-core tells resolvers of the field (``info``) is made once for all parents, except for the last
kind: its path is without the indices of lists, since it stands for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache
from types import CoroutineType
from typing import Any

from graphql import GraphQLError, GraphQLField, GraphQLSchema, default_field_resolver
from msgspec import Struct

from gateway.execution.arguments import Arguments
from gateway.execution.batched import FROM_PARENT, MANY, USUAL, Usual
from gateway.execution.fields import Column, Field, Pending, Source
from gateway.execution.places import Place
from gateway.execution.run import Run
from gateway.execution.strawberry_fields import Attribute, Signature, attribute_of, signature_of
from gateway.execution.traits import Traits

_LISTS = {list, tuple}


class Resolution(Struct, frozen=True):
    """How a field is resolved: as an attribute of its parent, or from a source.

    Attributes:
        attribute: The attribute's name.
        source: The source.
        usual: The attribute that its values usually are; see `usually`.
        steady: Whether values that are there at once follow from the parent; see `from_parent`.
    """

    attribute: str | None = None
    source: Source | None = None
    usual: Usual | None = None
    steady: bool = False


def resolution(
    schema: GraphQLSchema, definition: GraphQLField, arguments: Arguments | None, traits: Traits
) -> Resolution:
    """Return how a field is resolved."""
    attribute = attribute_of(schema, definition)
    if attribute is not None:
        if attribute.read in {getattr, traits.attribute}:
            return Resolution(attribute=attribute.name, usual=Usual(attribute.name), steady=True)
        return Resolution(source=Read(attribute))
    signature = signature_of(schema, definition)
    if signature is None:
        resolve = definition.resolve or default_field_resolver
        many = getattr(resolve, MANY, None)
        if many is not None:
            signature = Signature(function=resolve, parent=None, info=None, by_position=True)
            return Resolution(source=Batch(many, signature, arguments))
        return Resolution(source=AsInterpreted(resolve, arguments))
    steady = arguments is None and getattr(signature.function, FROM_PARENT, False)
    usual = getattr(signature.function, USUAL, None) if steady else None
    many = getattr(signature.function, MANY, None)
    source = Direct(signature, arguments) if many is None else Batch(many, signature, arguments)
    return Resolution(source=source, usual=usual, steady=steady)


class Typename:
    """``__typename``."""

    def __call__(self, _run: Run, field: Field, _place: Place, parents: Column) -> Column:
        """See `gateway.execution.fields.Source`."""
        return [field.parent_type.name] * len(parents)


class Read:
    """An attribute that only the schema's default resolver can read.

    Args:
        attribute: Which, and how.
    """

    def __init__(self, attribute: Attribute) -> None:
        self._attribute = attribute

    def __call__(self, _run: Run, field: Field, _place: Place, parents: Column) -> Column | Pending:
        """See `gateway.execution.fields.Source`."""
        read, name = self._attribute.read, self._attribute.name
        values: list[Any] = []
        for parent in parents:
            try:
                values.append(read(parent, name))
            except Exception as error:  # noqa: BLE001 - it is the field's error
                values.append(error)
        return _awaited(values, field.depth)


class Direct:
    """A function of one parent.

    Args:
        signature: How it is called.
        arguments: Works out the field's arguments.
    """

    def __init__(self, signature: Signature, arguments: Arguments | None) -> None:
        self._signature = signature
        self._arguments = arguments

    def __call__(self, run: Run, field: Field, place: Place, parents: Column) -> Column | Pending:
        """See `gateway.execution.fields.Source`."""
        signature = self._signature
        try:
            keywords = _keywords(signature, self._arguments, run, field, place)
        except GraphQLError as error:
            return [error] * len(parents)
        function, name = signature.function, signature.parent
        values: list[Any] = []
        for parent in parents:
            if name is not None:
                keywords[name] = parent
            try:
                values.append(function(**keywords))
            except Exception as error:  # noqa: BLE001 - it is the field's error
                values.append(error)
        return _awaited(values, field.depth)


class Batch:
    """A function of all parents.

    Args:
        function: Returns as many values as it is given parents.
        signature: How it is called.
        arguments: Works out the field's arguments.
    """

    def __init__(
        self, function: Callable[..., Any], signature: Signature, arguments: Arguments | None
    ) -> None:
        self._function = function
        self._signature = signature
        self._arguments = arguments

    def __call__(self, run: Run, field: Field, place: Place, parents: Column) -> Column | Pending:
        """See `gateway.execution.fields.Source`."""
        signature = self._signature
        try:
            keywords = _keywords(signature, self._arguments, run, field, place)
            if signature.by_position:
                values = self._function(parents, run.info(field, place.outline()), **keywords)
            else:
                keywords[signature.parent or ""] = parents
                values = self._function(**keywords)
        except Exception as error:  # noqa: BLE001 - it is every parent's error
            return [error] * len(parents)
        if hasattr(values, "__await__"):
            return _many_later(values, len(parents))
        return _aligned(values, len(parents))


class AsInterpreted:
    """The ``resolve`` of a field, called as graphql-core calls it.

    Args:
        resolve: Takes the parent, the info, and arguments by name.
        arguments: Works out the field's arguments.
    """

    def __init__(self, resolve: Callable[..., Any], arguments: Arguments | None) -> None:
        self._resolve = resolve
        self._arguments = arguments

    def __call__(self, run: Run, field: Field, place: Place, parents: Column) -> Column | Pending:
        """See `gateway.execution.fields.Source`."""
        try:
            arguments = self._arguments(run) if self._arguments else {}
        except GraphQLError as error:
            return [error] * len(parents)
        values: list[Any] = []
        for number, parent in enumerate(parents):
            info = run.info(field, [step.key for step in place.steps(number)])
            try:
                values.append(self._resolve(parent, info, **arguments))
            except Exception as error:  # noqa: BLE001 - it is the field's error
                values.append(error)
        return _awaited(values, field.depth)


def _keywords(
    signature: Signature, arguments: Arguments | None, run: Run, field: Field, place: Place
) -> dict[str, Any]:
    keywords = {} if arguments is None else signature.named(arguments(run))
    if signature.info is not None and signature.make_info is not None:
        keywords[signature.info] = signature.make_info(run.context, lambda: run.info(field, place.outline()))
    return keywords


def _awaited(values: list[Any], depth: int) -> Column | Pending:
    """Return values, or what waits for those of them, or of the items in them, that are still to come."""
    return _arrived(values, depth) if _awaits(values, depth) else values


def _awaits(values: Column, depth: int) -> bool:
    """Return whether something within values, so many lists deep, is still to come."""
    kinds = set(map(type, values))
    if any(map(_is_awaited, kinds)):
        return True
    if depth == 0:
        return False
    if any(map(_is_iterated, kinds)):
        return True
    lists = values if kinds <= _LISTS else [value for value in values if type(value) in _LISTS]
    return any(_awaits(value, depth - 1) for value in lists)


@lru_cache(maxsize=1024)
def _is_awaited(kind: type) -> bool:
    return hasattr(kind, "__await__")


@lru_cache(maxsize=1024)
def _is_iterated(kind: type) -> bool:
    return hasattr(kind, "__aiter__")


async def _arrived(values: list[Any], depth: int) -> Column:
    numbers = [number for number, value in enumerate(values) if hasattr(value, "__await__")]
    if len(numbers) == 1:  # without a task of its own
        [number] = numbers
        try:
            values[number] = await values[number]
        except Exception as error:  # noqa: BLE001 - it is the field's error
            values[number] = error
    elif numbers:
        arrived = await asyncio.gather(*(values[number] for number in numbers), return_exceptions=True)
        for number, value in zip(numbers, arrived, strict=True):
            if isinstance(value, BaseException) and not isinstance(value, Exception):
                raise value
            values[number] = value
    if depth and _awaits(values, depth):
        return await asyncio.gather(*(_items_arrived(value, depth - 1) for value in values))
    return values


async def _items_arrived(value: Any, depth: int) -> Any:
    if hasattr(value, "__aiter__"):
        items: list[Any] = []
        try:
            async for item in value:
                items.append(item)  # noqa: PERF401 - those before an error are known this way
        except Exception as error:  # noqa: BLE001 - it is the field's error
            for item in items:
                if isinstance(item, CoroutineType):
                    item.close()
            return error
        value = items
    return await _arrived(list(value), depth) if type(value) in _LISTS else value


async def _many_later(pending: Awaitable[Any], count: int) -> Column:
    try:
        values = await pending
    except Exception as error:  # noqa: BLE001 - it is every parent's error
        return [error] * count
    return _aligned(values, count)


def _aligned(values: Any, count: int) -> Column:
    if isinstance(values, (list, tuple)) and len(values) == count:
        return values
    found = f"{len(values)} of them" if isinstance(values, (list, tuple)) else type(values).__name__
    return [TypeError(f"A batched field must return a list of {count} results, not {found}.")] * count
