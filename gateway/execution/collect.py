"""Collecting: which fields a selection comes to once fragments are spread and directives obeyed.

What ``@skip`` and ``@include`` say may depend on variables. A plan therefore has a variant for every
combination of those variables that clients really send, and here all of them are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
    type_from_ast,
)

_CONDITIONS = {"skip", "include"}
_MAX_DEPTH = 50
"""Levels of selections. A plan calls itself a handful of times for each; Python allows a thousand calls."""

_INTROSPECTION = {"__schema", "__type"}


class CannotCompile(Exception):
    """The operation is for graphql-core to execute.

    Args:
        reason: Why, in a few words that are the same for all operations of the kind.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Return the operation that is meant.

    Raises:
        CannotCompile: It is not clear which; graphql-core says so to the client.
    """
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name is not None:
        operations = [one for one in operations if one.name and one.name.value == name]
    if len(operations) != 1:
        raise CannotCompile("no such operation")
    return operations[0]


def conditions_of(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """Return the variables that decide what is selected.

    Raises:
        CannotCompile: The operation uses something that plans do not know.
    """
    if operation.directives:
        raise CannotCompile(f"@{operation.directives[0].name.value} on an operation")
    variables: dict[str, None] = {}
    for node in _nodes(operation.selection_set, fragments, set(), 1):
        if isinstance(node, FieldNode) and node.name.value in _INTROSPECTION:
            raise CannotCompile("introspection")
        for directive in node.directives or ():
            name = directive.name.value
            if name not in _CONDITIONS:
                raise CannotCompile(f"@{name}")
            value = _condition(directive)
            if isinstance(value, str):
                variables[value] = None
    return tuple(variables)


def _nodes(
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    seen: set[str],
    depth: int,
) -> Iterator[FieldNode | FragmentSpreadNode | InlineFragmentNode]:
    """Yield every selection that the operation reaches."""
    if depth > _MAX_DEPTH:
        raise CannotCompile("nested too deeply")
    for node in selections.selections:
        if isinstance(node, FragmentSpreadNode):
            yield node
            name = node.name.value
            if name not in seen and name in fragments:
                seen.add(name)
                if fragments[name].variable_definitions or node.arguments:
                    raise CannotCompile("variables of fragments")
                yield from _nodes(fragments[name].selection_set, fragments, seen, depth + 1)
        elif isinstance(node, (FieldNode, InlineFragmentNode)):
            yield node
            if node.selection_set:
                yield from _nodes(node.selection_set, fragments, seen, depth + 1)


def _condition(directive: DirectiveNode) -> bool | str:
    """Return what a directive says: yes, no, or as a variable says."""
    for argument in directive.arguments or ():
        if isinstance(argument.value, BooleanValueNode):
            return argument.value.value
        if isinstance(argument.value, VariableNode):
            return argument.value.name.value
    raise CannotCompile("a condition that is not Boolean")


class Collector:
    """Collects fields, for one combination of the variables that decide.

    Args:
        schema: Knows which types are of which interfaces.
        fragments: By name.
        decided: The variables' values.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        decided: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._decided = decided

    def fields(
        self, type_: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """Return the fields of an object type by response key, merged and in the order of the answer."""
        grouped: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selections in selection_sets:
            self._visit(type_, selections, grouped, spread)
        return grouped

    def _visit(
        self,
        type_: GraphQLObjectType,
        selections: SelectionSetNode,
        grouped: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                grouped.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if self._applies(node, type_):
                    self._visit(type_, node.selection_set, grouped, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                fragment = self._fragments.get(node.name.value)
                if fragment is not None and self._applies(fragment, type_):
                    spread.add(node.name.value)
                    self._visit(type_, fragment.selection_set, grouped, spread)

    def _included(self, node: Node) -> bool:
        for directive in getattr(node, "directives", None) or ():
            value = _condition(directive)
            value = self._decided[value] if isinstance(value, str) else value
            if value is (directive.name.value == "skip"):
                return False
        return True

    def _applies(
        self, fragment: FragmentDefinitionNode | InlineFragmentNode, type_: GraphQLObjectType
    ) -> bool:
        if fragment.type_condition is None:
            return True
        condition = type_from_ast(self._schema, fragment.type_condition)
        return condition is type_ or (
            is_abstract_type(condition) and self._schema.is_sub_type(condition, type_)
        )
