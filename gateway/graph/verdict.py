"""What the author of a refused document is told.

A literal that its scalar refuses is bad input like the same value in a variable, and is named by the argument
it stands in; graphql-core names the type only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    BREAK,
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    Node,
    ObjectFieldNode,
    VariableDefinitionNode,
    Visitor,
    visit,
)

from gateway.graph.errors import refusal
from gateway.graph.limits import Limits


def refusals(
    ast: DocumentNode | None, errors: list[GraphQLError], code: str, limits: Limits
) -> Iterator[dict[str, Any]]:
    """Yield what is wrong, in the form of the specification, section 7.1.2.

    Args:
        ast: The document; None where it does not parse.
        errors: What parser or validation found.
        code: The code of errors that bring none of their own.
        limits: How many errors, and how long each.
    """
    for error in errors[: limits.errors]:
        own = (error.extensions or {}).get("code")
        message = f"{_place(ast, error)}{error.message}" if own else error.message
        yield refusal(message[: limits.message], own or code) | {
            "locations": [{"line": at.line, "column": at.column} for at in error.locations or ()]
        }


def _place(ast: DocumentNode | None, error: GraphQLError) -> str:
    """Return the names that lead to the value in question, such as ``filter.createdAfter:``."""
    if ast is None or not error.nodes:
        return ""
    finder = _Finder(error.nodes[0])
    visit(ast, finder)
    return f"{'.'.join(finder.names)}: " if finder.names else ""


class _Finder(Visitor):
    """Finds one node, and the names it stands under."""

    def __init__(self, wanted: Node) -> None:
        super().__init__()
        self.names: list[str] = []
        self._wanted = wanted

    def enter(self, node: Node, _key: object, parent: Any, _path: object, ancestors: list[Any]) -> Any:
        if node is not self._wanted:
            return None
        for above in [*ancestors, parent]:
            match above:
                case ArgumentNode() | ObjectFieldNode():
                    self.names.append(above.name.value)
                case VariableDefinitionNode():
                    self.names.append(f"${above.variable.name.value}")
        return BREAK
