"""Values: which leaves may go to the JSON encoder as they are.

graphql-core sends every leaf through its type's serializer. Almost always that hands back what it was
given: a str is a String. Here the question is put to a whole column at once, and msgspec answers it in C:
are these values of the class, and within the bounds, that the encoder writes as the serializer would have
it written? Only if not, each value is serialized by itself, and so are its errors found.

The same description of a type, as an annotation, serves to read whole objects at once; see `selection`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from graphql import GraphQLEnumType, GraphQLLeafType, Undefined
from graphql.pyutils import inspect
from graphql.type.scalars import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT
from msgspec import Meta, Struct, ValidationError

from gateway.execution.traits import Fits, Native, Traits

AS_THEY_ARE = (bytes, bytearray, date, datetime, time, timedelta, Decimal, UUID)
"""Classes whose values msgspec would otherwise also make of text, which no serializer takes for them."""

_MAX_EXACT = 2**53 - 1
"""An int up to here is a float exactly; what is beyond, and infinity, is left to the serializer."""

_BUILT_IN = {
    "String": Native(annotation=str),
    "ID": Native(annotation=str),
    "Boolean": Native(annotation=bool),
    "Int": Native(annotation=Annotated[int, Meta(ge=GRAPHQL_MIN_INT, le=GRAPHQL_MAX_INT)]),
    "Float": Native(annotation=Annotated[float, Meta(ge=-_MAX_EXACT, le=_MAX_EXACT)]),
}


class Leaf(Struct, frozen=True):
    """A leaf type.

    Attributes:
        named: The GraphQL type.
        native: Which of its values need no serializer; None where all do.
    """

    named: GraphQLLeafType
    native: Native | None

    def serialized(self, value: Any) -> Any:
        """Return one value as its type serializes it.

        Raises:
            Exception: It is no value of the type.
        """
        coerced = self.named.coerce_output_value(value)
        if coerced is Undefined or coerced is None:
            raise TypeError(
                f"Expected `{inspect(self.named)}.coerce_output_value({inspect(value)})`"
                f" to return non-nullable value, returned: {inspect(coerced)}"
            )
        return coerced


def leaf(type_: GraphQLLeafType, traits: Traits) -> Leaf:
    """Return how values of a leaf type are written."""
    if isinstance(type_, GraphQLEnumType):
        return Leaf(type_, _enumeration(type_))
    return Leaf(type_, traits.natives.get(type_.name) or _BUILT_IN.get(type_.name))


def _enumeration(type_: GraphQLEnumType) -> Native | None:
    """Return the Python enumeration behind a GraphQL one if the encoder writes its members by their names.

    Strawberry keeps the enumeration as ``wrapped_cls``; msgspec writes a member as its value.
    """
    enumeration = getattr(type_, "wrapped_cls", None)
    if not (isinstance(enumeration, type) and issubclass(enumeration, Enum)):
        return None
    names = {value.value: name for name, value in type_.values.items()}
    if all(isinstance(one.value, str) and names.get(one.value) == one.value for one in enumeration):
        return Native(annotation=enumeration)
    return None


def nested(annotation: Any, nonnull: Sequence[bool]) -> Any:
    """Return the annotation of values that are lists of what another describes, as deep as is said."""
    if len(nonnull) > 1:
        annotation = list[nested(annotation, nonnull[1:])]  # type: ignore[misc]  # made while running
    return annotation if nonnull[0] else annotation | None


def reader(annotation: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """Return what reads a column of values, or of objects by their attributes.

    It raises whatever stands in the way of taking all of them as they are.
    """
    # msgspec remembers how to read a class, and would analyse a bare list[...] every time.
    column: Any = msgspec.defstruct("Column", [("items", list[annotation])], array_like=True, gc=False)

    def read(values: Sequence[Any]) -> list[Any]:
        read: Any = msgspec.convert((values,), column, from_attributes=True, builtin_types=AS_THEY_ARE)
        items: list[Any] = read.items
        return items

    return read


def checker(native: Native, nonnull: Sequence[bool]) -> Callable[[Sequence[Any]], list[Any] | None]:
    """Return what looks at a column of leaves, or of lists of leaves: the column to encode, or None."""
    read = reader(nested(native.annotation, nonnull))
    depth = len(nonnull) - 1

    def check(values: Sequence[Any]) -> list[Any] | None:
        try:
            items = read(values)
        except ValidationError:
            return None
        return items if native.fits is None or all_fit(native.fits, items, depth) else None

    return check


def all_fit(fits: Fits, values: Iterable[Any], depth: int) -> bool:
    """Return whether all leaves within values so many lists deep fit; None does."""
    found = present(values, depth)
    return not found or fits(found)


def present(values: Iterable[Any], depth: int) -> list[Any]:
    """Return what lies within values so many lists deep, None left out."""
    found = [value for value in values if value is not None]
    for _ in range(depth):
        found = [item for items in found for item in items if item is not None]
    return found
