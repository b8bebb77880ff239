"""Estimates, remembered by what they depend on.

Foretelling the provider calls of an operation walks its document, and its variables are looked through for
what exceeds a limit. Clients send the same few operations with other ids each time, and what matters of the
ids of `videos` is how many they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from graphql import ArgumentNode, DocumentNode, FieldNode, GraphQLSchema, VariableNode
from graphql.language import Node

from gateway.domain.sources import Source, Whom
from gateway.graph.cost import estimate

_MOST = 256
"""Estimates of one document."""

_LONGEST = 128
"""Bytes of what is remembered of a variable: clients may send a quarter of a megabyte in one."""

_encode = msgspec.json.Encoder().encode


class Estimates:
    """Estimates of one document.

    Args:
        schema: Knows the types of fields.
        document: Valid.
        sources: All that can be asked.
        check: Raises for an operation and variables that exceed a limit, looking at nothing of the ids of
            `videos` but how many they are.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        sources: Sequence[Whom] = (),
        check: Callable[[str | None, Mapping[str, Any]], None] = lambda _name, _variables: None,
    ) -> None:
        self._schema = schema
        self._sources = sources
        self._several = any(isinstance(one, Source) for one in sources)
        self._document = document
        self._check = check
        self._counted: frozenset[str] | None = None
        self._seen = False
        self._known: dict[tuple[str | bytes | None, ...], int] = {}

    def of(self, operation_name: str | None, variables: Mapping[str, Any]) -> int:
        """Return how many provider calls an operation could take.

        Raises:
            Exceeded: A limit does not allow its variables.
        """
        if not self._seen:  # many a document is sent once
            self._seen = True
            return self._estimate(operation_name, variables)
        if self._counted is None:
            # Where there are several accounts, ids also tell whose they are.
            self._counted = frozenset() if self._several else _counted(self._document)
        counted = self._counted
        key = (operation_name, *(_shape(name in counted, name, value) for name, value in variables.items()))
        known = self._known.get(key)
        if known is None:
            known = self._estimate(operation_name, variables)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = known
        return known

    def _estimate(self, operation_name: str | None, variables: Mapping[str, Any]) -> int:
        self._check(operation_name, variables)
        return estimate(self._schema, self._document, operation_name, variables, self._sources)


def _shape(counted: bool, name: str, value: Any) -> bytes:  # noqa: FBT001
    """Return what matters of a variable."""
    if counted and type(value) is list and set(map(type, value)) == {str}:
        told = _encode((name, len(value), len(set(value))))
    else:
        told = _encode((name, value))
    return told if len(told) <= _LONGEST else blake2b(told).digest()


def _counted(document: DocumentNode) -> frozenset[str]:
    """Return the variables that are nothing but the ids of `videos`."""
    counted: set[str] = set()
    otherwise: set[str] = set()
    waiting: list[tuple[Node, bool]] = [(node, False) for node in document.definitions]
    while waiting:
        node, ids = waiting.pop()
        if isinstance(node, VariableNode):
            (counted if ids else otherwise).add(node.name.value)
            continue
        for key in node.keys:
            below = getattr(node, key, None)
            listed = below if isinstance(below, (list, tuple)) else [below]
            if key != "variable":  # where one is defined
                waiting += [(one, _ids(node, one, ids=ids)) for one in listed if isinstance(one, Node)]
    return frozenset(counted - otherwise)


def _ids(node: Node, below: Node, *, ids: bool) -> bool:
    """Return whether a node below another is the ids of `videos`, by itself."""
    if isinstance(node, FieldNode):
        return node.name.value == "videos" and isinstance(below, ArgumentNode) and below.name.value == "ids"
    return ids and isinstance(node, ArgumentNode)
