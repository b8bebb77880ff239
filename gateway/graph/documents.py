"""Documents: parsed and validated once, remembered with their verdict.

Validation costs more than most queries' execution, and clients send the same few documents for ever. Refused
documents are remembered too: a client that insists on a wrong one costs a look-up.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)
from msgspec import Struct

from gateway.graph.errors import MAX_ERRORS, refusal

_MAX_TOKENS = 2000
"""A query of 300 fields has some 900 tokens; validation time grows with their square."""

_REMEMBERED = 512
"""Documents; at 32 kB of text each the worst case stays within a few tens of megabytes."""


class Document(Struct, frozen=True, kw_only=True):
    """A document and what is known about it.

    Attributes:
        ast: None where it does not parse.
        operations: Operations by name; None names the only anonymous one.
        refusals: Why it is not executed, as errors to be sent; empty for a valid one.
    """

    ast: DocumentNode | None
    operations: dict[str | None, OperationType]
    refusals: tuple[dict[str, Any], ...]


class DocumentStore:
    """Documents by text, the least recently used forgotten first.

    Args:
        schema: What documents are validated against.
        size: How many are remembered.
    """

    def __init__(self, schema: GraphQLSchema, size: int = _REMEMBERED) -> None:
        self._schema = schema
        self._size = size
        self._documents: OrderedDict[str, Document] = OrderedDict()

    def get(self, text: str) -> Document:
        """Return the document of a text."""
        document = self._documents.get(text)
        if document is None:
            document = self._documents[text] = self._read(text)
            if len(self._documents) > self._size:
                self._documents.popitem(last=False)
        else:
            self._documents.move_to_end(text)
        return document

    def _read(self, text: str) -> Document:
        try:
            ast = parse(text, max_tokens=_MAX_TOKENS, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            return _refused(None, [error], "GRAPHQL_PARSE_FAILED")
        except RecursionError:
            nested = GraphQLError("Syntax Error: The document is nested too deeply.")
            return _refused(None, [nested], "GRAPHQL_PARSE_FAILED")
        try:
            errors = validate(self._schema, ast, max_errors=MAX_ERRORS)
        except RecursionError:
            errors = [GraphQLError("The document is nested too deeply.")]
        if errors:
            return _refused(ast, errors, "GRAPHQL_VALIDATION_FAILED")
        return Document(ast=ast, operations=_operations(ast), refusals=())


def _refused(ast: DocumentNode | None, errors: list[GraphQLError], code: str) -> Document:
    refusals = tuple(
        refusal(error.message, code)
        | {"locations": [{"line": at.line, "column": at.column} for at in error.locations or ()]}
        for error in errors[:MAX_ERRORS]
    )
    return Document(ast=ast, operations=_operations(ast) if ast else {}, refusals=refusals)


def _operations(ast: DocumentNode) -> dict[str | None, OperationType]:
    return {
        (node.name.value if node.name else None): node.operation
        for node in ast.definitions
        if isinstance(node, OperationDefinitionNode)
    }
