"""Strawberry: the Python function behind a GraphQL field. The only module that knows of Strawberry.

Strawberry's ``resolve`` makes an ``Info``, converts arguments, runs extensions and then calls the function.
Where a field has no extensions and its arguments need no conversion, all that comes to nothing, and the
function may as well be called at once. Any doubt leaves the field to its ``resolve``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Any

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema
from msgspec import Struct
from strawberry.relay import GlobalID
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import has_enum_definition
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info
from strawberry.types.lazy_type import LazyType

_DEFINITION = "strawberry-definition"
"""Where Strawberry leaves its own definition on a GraphQL type, field or argument."""


class Signature(Struct, frozen=True, kw_only=True):
    """How a resolver function is called.

    Attributes:
        function: The function.
        parent: The parameter that takes the parent; None where it wants none.
        info: The parameter that takes the info; None where it wants none.
        names: Parameters by argument, where the names differ.
        lists: Arguments that are lists; the function gets its own.
        make_info: Makes the function's info of the context, and of what makes graphql-core's info.
        by_position: Whether it is called as graphql-core would: parent and info first.
    """

    function: Callable[..., Any]
    parent: str | None
    info: str | None
    names: dict[str, str] = {}
    lists: frozenset[str] = frozenset()
    make_info: Callable[[Any, Callable[[], GraphQLResolveInfo[Any]]], Any] | None = None
    by_position: bool = False

    def named(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return arguments by the names of the parameters that take them."""
        names, lists = self.names, self.lists
        return {
            names.get(name, name): list(value) if name in lists and value is not None else value
            for name, value in arguments.items()
        }


class Attribute(Struct, frozen=True):
    """What a field without a resolver reads.

    Attributes:
        name: The parent's attribute.
        read: The schema's default resolver.
    """

    name: str
    read: Callable[[Any, str], Any]


def attribute_of(schema: GraphQLSchema, definition: GraphQLField) -> Attribute | None:
    """Return what a field without a resolver reads; None for other fields."""
    field = definition.extensions.get(_DEFINITION)
    if not isinstance(field, StrawberryField) or not field.is_basic_field or _handled(schema):
        return None
    if type(field).get_result is not StrawberryField.get_result or field.is_subscription:
        return None
    return Attribute(field.python_name, field.default_resolver)


def signature_of(schema: GraphQLSchema, definition: GraphQLField) -> Signature | None:
    """Return how to call the function behind a field; None where Strawberry has a say in it."""
    field = definition.extensions.get(_DEFINITION)
    if not isinstance(field, StrawberryField) or field.base_resolver is None or field.extensions:
        return None
    if type(field).get_result is not StrawberryField.get_result or field.is_subscription or _handled(schema):
        return None
    resolver = field.base_resolver
    function = resolver.wrapped_func
    if resolver.self_parameter is not None or not callable(function):
        return None
    names: dict[str, str] = {}
    lists: set[str] = set()
    for name, argument in definition.args.items():
        described = argument.extensions.get(_DEFINITION)
        if not isinstance(described, StrawberryArgument) or not _plain(described.type):
            return None
        if argument.out_name not in {None, name}:
            return None
        names[name] = described.python_name
        if _is_list(described.type):
            lists.add(name)
    parent = resolver.parent_parameter or resolver.root_parameter
    info = resolver.info_parameter
    info_class = schema.extensions[_DEFINITION].config.info_class
    return Signature(
        function=function,
        parent=None if parent is None else parent.name,
        info=None if info is None else info.name,
        names={name: python_name for name, python_name in names.items() if name != python_name},
        lists=frozenset(lists),
        make_info=_late_info(info_class, field),
    )


@lru_cache
def _late_info_class(info_class: type[Info]) -> type[Any]:
    """Return a class of infos that make graphql-core's only when more than the context is read."""

    class LateInfo(info_class):  # type: ignore[valid-type,misc]  # a class of the schema's choice
        def __init__(
            self, field: StrawberryField, context: Any, make_raw: Callable[[], GraphQLResolveInfo[Any]]
        ) -> None:
            self._field = field
            self._context = context
            self._make_raw = make_raw

        @property
        def context(self) -> Any:
            return self._context

        @cached_property
        def _raw_info(self) -> GraphQLResolveInfo[Any]:
            return self._make_raw()

    return LateInfo


def _late_info(
    info_class: type[Info], field: StrawberryField
) -> Callable[[Any, Callable[[], GraphQLResolveInfo[Any]]], Any]:
    # A class is hashable, whatever its objects are.
    kind: Any = _late_info_class(info_class)  # type: ignore[arg-type]
    return partial(kind, field)


def _handled(schema: GraphQLSchema) -> bool:
    """Return whether the schema turns exceptions of resolvers into results."""
    converter = getattr(schema.extensions.get(_DEFINITION), "schema_converter", None)
    return bool(getattr(converter, "_exception_handler_specs", ()))


def _plain(type_: Any) -> bool:
    """Return whether Strawberry passes an argument's coerced value on as it is, or copies its list."""
    if isinstance(type_, StrawberryMaybe):
        return False
    if isinstance(type_, StrawberryOptional):
        return _plain(type_.of_type)
    if isinstance(type_, StrawberryList):
        inner = type_.of_type
        inner = inner.of_type if isinstance(inner, StrawberryOptional) else inner
        return not isinstance(inner, (StrawberryList, StrawberryOptional)) and _plain(inner)
    if isinstance(type_, LazyType) or type_ is GlobalID:
        return False
    return has_enum_definition(type_) or not has_object_definition(type_)


def _is_list(type_: Any) -> bool:
    if isinstance(type_, StrawberryOptional):
        type_ = type_.of_type
    return isinstance(type_, StrawberryList)
