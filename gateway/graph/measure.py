"""Measures a document against the limits, before anything costlier looks at it.

Tokens are counted in the bare text, since parsing takes longer the more of them there are. All else is
counted in the parsed document with every fragment spread in place, as an executor would meet it, and counting
stops at the first limit: a document whose fragments double with every level is never walked to its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
)
from msgspec import Struct

from gateway.graph.limits import Limits, check

# In time that grows with the text alone, whatever it is: what a branch has looked at it takes, so that a
# string without an end is one token, and possessive quantifiers never look back.
_TOKEN = re.compile(
    r'"""(?:\\"""|[^"]|"(?!""))*+(?:""")?|"(?:[^"\\\n\r]|\\.)*+"?|#[^\n\r]*+'
    r"|[_A-Za-z][_0-9A-Za-z]*+|-?[0-9][0-9.eE+-]*+|\.\.\.|[^\s,\ufeff]"
)
_INTROSPECTION = ("__schema", "__type", "_service")


class Measure(Struct, frozen=True, kw_only=True):
    """What a document amounts to whatever its variables are.

    Attributes:
        fields: Fields of its largest operation, fragments expanded.
        introspects: Whether it asks about the schema.
    """

    fields: int
    introspects: bool


def check_text(limits: Limits, text: str) -> None:
    """Measure a document that is not parsed yet.

    Raises:
        Exceeded: It is too long.
    """
    check(limits, "document", len(text))
    check(limits, "tokens", len(_TOKEN.findall(text)))


def measure(limits: Limits, document: DocumentNode) -> Measure:
    """Measure a parsed document, valid or not.

    Raises:
        Exceeded: One of its operations, or what it holds besides them, is above a limit.
    """
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    counts = [
        _Count(limits, fragments, node)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]
    # Fragments that nobody uses make a document invalid; finding that out must not cost much either.
    reached = {name for count in counts for name in count.reached}
    counts += [_Count(limits, {}, node) for name, node in fragments.items() if name not in reached]
    check(limits, "directives", sum(count.directives for count in counts))
    check(limits, "parts", sum(count.parts for count in counts))
    return Measure(
        fields=max((count.fields for count in counts), default=0),
        introspects=any(count.introspects for count in counts),
    )


class _Count:
    """Counts one definition."""

    def __init__(
        self,
        limits: Limits,
        fragments: dict[str, FragmentDefinitionNode],
        node: OperationDefinitionNode | FragmentDefinitionNode,
    ) -> None:
        self._limits = limits
        self._fragments = fragments
        self._path: set[str] = set()
        self.reached: set[str] = set()
        self.parts = self.fields = self.aliases = self.root_fields = self.directives = 0
        self.introspects = False
        self._directed(node.directives)
        for variable in node.variable_definitions or ():
            self._part()
            self._directed(variable.directives)
            if variable.default_value is not None:
                self._value(variable.default_value, f"${variable.variable.name.value}")
        self._selected(node.selection_set, 1 if isinstance(node, OperationDefinitionNode) else 2)

    def _part(self) -> None:
        self.parts += 1
        check(self._limits, "parts", self.parts)

    def _selected(self, selections: SelectionSetNode, depth: int) -> None:
        for node in selections.selections:
            self._part()
            self._directed(node.directives)
            match node:
                case FieldNode():
                    self._field(node, depth)
                case InlineFragmentNode():
                    self._selected(node.selection_set, depth)
                case FragmentSpreadNode():
                    self._spread(node.name.value, depth)

    def _field(self, node: FieldNode, depth: int) -> None:
        check(self._limits, "depth", depth)
        self.fields += 1
        if depth == 1:
            self.root_fields += 1
            check(self._limits, "root_fields", self.root_fields)
        if node.alias is not None:
            self.aliases += 1
            check(self._limits, "aliases", self.aliases)
            check(self._limits, "name", len(node.alias.value))
        self._arguments(node.arguments)
        if node.selection_set is not None:
            about_schema = depth <= 1 and node.name.value in _INTROSPECTION
            self.introspects |= about_schema
            # Depths below are those of types within types; graphql-core has a rule for them.
            self._selected(node.selection_set, -1_000_000 if about_schema else depth + 1)

    def _spread(self, name: str, depth: int) -> None:
        fragment = self._fragments.get(name)
        if fragment is None or name in self._path:
            return  # validation says that it does not exist, or contains itself
        self.reached.add(name)
        self._directed(fragment.directives)
        self._path.add(name)
        self._selected(fragment.selection_set, depth)
        self._path.remove(name)

    def _directed(self, directives: Sequence[DirectiveNode] | None) -> None:
        if directives:
            check(self._limits, "directives_at_once", len(directives))
            self.directives += len(directives)
            check(self._limits, "directives", self.directives)
            for directive in directives:
                self._arguments(directive.arguments)

    def _arguments(self, arguments: Iterable[ArgumentNode] | None) -> None:
        for argument in arguments or ():
            self._part()
            self._value(argument.value, argument.name.value)

    def _value(self, value: ValueNode, name: str) -> None:
        match value:
            case ListValueNode():
                check(self._limits, "ids", len(value.values), name)
                for one in value.values:
                    self._part()
                    self._value(one, name)
            case ObjectValueNode():
                for field in value.fields:
                    self._part()
                    self._value(field.value, f"{name}.{field.name.value}")
