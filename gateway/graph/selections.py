"""What a valid operation selects, as execution would merge it; told without executing anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    value_from_ast_untyped,
)

_LEAVES_OUT = {"skip": True, "include": False}


class Field(NamedTuple):
    """A field, selected in one place of the answer by one place of the document or more.

    Attributes:
        type: Name of the type whose field it is.
        key: What it is called in the answer.
        name: What it is called in the schema.
        nodes: Where the document selects it.
    """

    type: str
    key: str
    name: str
    nodes: Sequence[FieldNode]

    @property
    def below(self) -> list[SelectionSetNode]:
        """What is selected of it."""
        return [node.selection_set for node in self.nodes if node.selection_set is not None]


class Selections:
    """Reads the selections of a document.

    Args:
        schema: Knows the types of fields.
        fragments: The document's.
        variables: As the client sent them, with the operation's defaults.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: dict[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def fields(self, type_: str, below: Sequence[SelectionSetNode]) -> list[Field]:
        """Return what is selected of a type."""
        merged: dict[tuple[str, str], list[FieldNode]] = {}
        for selections in below:
            self._collect(type_, selections, merged)
        return [Field(owner, key, nodes[0].name.value, nodes) for (owner, key), nodes in merged.items()]

    def within(self, type_: str, name: str, below: Sequence[SelectionSetNode]) -> list[SelectionSetNode]:
        """Return what is selected of a field of a type, by whatever keys."""
        return [
            selections
            for field in self.fields(type_, below)
            if field.name == name
            for selections in field.below
        ]

    def reached(self, type_: str, below: Sequence[SelectionSetNode], but: str) -> Iterator[str]:
        """Yield all fields below, at any depth, as ``Type.field``; of those of one name only themselves."""
        for field in self.fields(type_, below):
            yield f"{field.type}.{field.name}"
            defined = getattr(self._schema.get_type(field.type), "fields", {}).get(field.name)
            if defined is not None and field.name != but:
                yield from self.reached(get_named_type(defined.type).name, field.below, but)

    def arguments(self, field: Field) -> dict[str, Any]:
        """Return the arguments of a field, whether they are any good or not."""
        return self._arguments(field.nodes[0])

    def _collect(
        self, type_: str, selections: SelectionSetNode, merged: dict[tuple[str, str], list[FieldNode]]
    ) -> None:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                key = (node.alias or node.name).value
                merged.setdefault((type_, key), []).append(node)
                continue
            fragment: Any = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            on = fragment.type_condition.name.value if fragment.type_condition else type_
            # A condition on an interface says nothing new about an object; one on an object does.
            inner = type_ if is_abstract_type(self._schema.get_type(on)) else on
            self._collect(inner, fragment.selection_set, merged)

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            name = directive.name.value
            # By identity: a client's variable may hold anything.
            if name in _LEAVES_OUT and self._arguments(directive).get("if") is _LEAVES_OUT[name]:
                return False
        return True

    def _arguments(self, node: Any) -> dict[str, Any]:
        return {
            argument.name.value: value_from_ast_untyped(argument.value, self._variables)
            for argument in node.arguments or ()
        }
