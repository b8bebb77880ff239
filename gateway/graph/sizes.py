"""How many objects an answer could hold: lists within lists multiply, and arguments say how long lists are.

A document's lists are put together once, when it is read; what a request's variables make of them is then a
sum of a few products.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)
from msgspec import Struct

from gateway.graph.limits import Limits, check

_LENGTHS = ("ids", "first", "last", "pageSize", "representations")
"""Arguments that say how long a list is: by a number, or by their own length."""

_ASSUMED = {"jobs": 10, "inputs": 2, "sources": 4, "providers": 3, "operations": 6}
"""Lists that no argument bounds, at their usual most: a template group seldom has more than ten jobs."""

_ASSUMED_OTHERWISE = 3
"""Streams of a file, mostly."""


class _Length(Struct, frozen=True):
    """How long a list is.

    Attributes:
        number: Where the document says so.
        variable: Where a variable does.
        argument: Which argument it is the value of.
    """

    number: int
    variable: str | None = None
    argument: str = "first"

    def of(self, limits: Limits, variables: Mapping[str, Any]) -> int:
        value = variables.get(self.variable, self.number) if self.variable else self.number
        if isinstance(value, list):
            return len(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # execution takes it for one, too
        if isinstance(value, int) and not isinstance(value, bool):
            check(limits, "page", value, self.argument)
            return max(value, 0)
        return self.number  # null, or of a type that coercion will refuse


class Size(Struct, frozen=True):
    """Objects below one field.

    Attributes:
        length: How many the field gives.
        inner: What is below each.
    """

    length: _Length
    inner: tuple[Size, ...]

    def nodes(self, limits: Limits, variables: Mapping[str, Any]) -> int:
        """Return how many objects an answer could hold.

        Raises:
            Exceeded: A page is larger than pages may be.
        """
        each = 1
        for size in self.inner:
            each += size.nodes(limits, variables)
        return each if self.length is _ONE else each * self.length.of(limits, variables)


_ONE = _Length(1)


def sizes(schema: GraphQLSchema, document: DocumentNode) -> dict[str | None, Size]:
    """Return the size of each operation of a valid document."""
    reader = _Reader(schema, document)
    return {
        node.name.value if node.name else None: reader.operation(node)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }


class _Reader:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._defaults: dict[str, ValueNode | None] = {}

    def operation(self, node: OperationDefinitionNode) -> Size:
        root = self._schema.get_root_type(node.operation)
        self._defaults = {
            variable.variable.name.value: variable.default_value
            for variable in node.variable_definitions or ()
        }
        return Size(_ONE, tuple(self._below(root, node.selection_set, None)))

    def _below(
        self, parent: Any, selections: SelectionSetNode | None, length: _Length | None
    ) -> Iterator[Size]:
        for owner, field in self._fields(parent, selections):
            name = field.name.value
            definition = owner.fields.get(name) if hasattr(owner, "fields") else None
            type_ = get_named_type(definition.type) if definition else None
            if definition is None or is_leaf_type(type_):
                continue
            told = self._told(definition, field)
            if _is_list(definition):
                own = told or length or _Length(_ASSUMED.get(name, _ASSUMED_OTHERWISE))
                yield Size(own, tuple(self._below(type_, field.selection_set, None)))
            else:
                # The number of a connection, or a page, is that of the list within it.
                yield Size(_ONE, tuple(self._below(type_, field.selection_set, told)))

    def _fields(self, parent: Any, selections: SelectionSetNode | None) -> Iterator[tuple[Any, FieldNode]]:
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                yield parent, node
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
            on = fragment.type_condition
            yield from self._fields(
                self._schema.get_type(on.name.value) if on else parent, fragment.selection_set
            )

    def _told(self, definition: GraphQLField, field: FieldNode) -> _Length | None:
        given = {argument.name.value: argument.value for argument in field.arguments or ()}
        for name in _LENGTHS:
            argument = definition.args.get(name)
            if argument is None:
                continue
            usual = argument.default_value
            number = usual if isinstance(usual, int) else 1
            return self._length(given.get(name), number, name)
        return None

    def _length(self, value: ValueNode | None, usual: int, argument: str) -> _Length:
        match value:
            case VariableNode():
                name = value.name.value
                default = self._length(self._defaults.get(name), usual, argument)
                return _Length(default.number, name, argument)
            case IntValueNode():
                return _Length(int(value.value[:10]), argument=argument)
            case ListValueNode():
                return _Length(len(value.values))
            case NullValueNode() | None:
                return _Length(usual)
        return _Length(1)  # one value where a list is wanted is a list of one


def _is_list(definition: GraphQLField) -> bool:
    type_: Any = definition.type
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    return isinstance(type_, GraphQLList)
