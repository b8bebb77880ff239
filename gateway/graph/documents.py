"""Documents: parsed and validated once, remembered with their verdict.

Validation costs more than most queries' execution, and clients send the same few documents for ever. Refused
documents are remembered too: a client that insists on a wrong one costs a look-up.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

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

from gateway.domain.sources import Whom
from gateway.execution import Compiler, NotCompilable, Plan
from gateway.execution.incremental import Delivery, deliver, whole, with_incremental
from gateway.execution.variables import Complaints
from gateway.graph.estimates import Estimates
from gateway.graph.limits import DEFAULTS, Exceeded, Limits, check, check_variables
from gateway.graph.measure import check_text, measure
from gateway.graph.rules import RULES
from gateway.graph.sizes import sizes
from gateway.graph.traits import TRAITS
from gateway.graph.verdict import refusals
from gateway.telemetry.exchange import Executed

T = TypeVar("T")

_REMEMBERED = 512
"""Documents; at 32 kB of text each the worst case stays within a few tens of megabytes."""


class Document(Struct, frozen=True, kw_only=True):
    """A document and what is known about it.

    Attributes:
        ast: None where it does not parse.
        operations: Operations by name; None names the only anonymous one.
        refusals: Why it is not executed, as errors to be sent; empty for a valid one.
        fields: Fields of its largest operation, fragments expanded.
        introspects: Whether it asks about the schema.
        estimates: How many provider calls its operations could take; None where none is executed.
        plans: How its operations are executed, by name; made when first asked for.
        told: What is told of its operations when they are executed, by name and plan.
        in_parts: What is executed for a client that takes answers in parts; None where it is the same.
    """

    ast: DocumentNode | None
    operations: dict[str | None, OperationType]
    refusals: tuple[dict[str, Any], ...]
    fields: int = 0
    introspects: bool = False
    estimates: Estimates | None = None
    plans: dict[str | None, Plan | NotCompilable] = {}
    told: dict[tuple[str | None, Plan | NotCompilable | None], Executed] = {}
    in_parts: DocumentNode | None = None


class DocumentStore:
    """Documents by text, the least recently used forgotten first.

    Args:
        schema: What documents are validated against.
        size: How many are remembered.
        limits: How much a document may hold.
        suggestions: Whether refusals name what else there is.
        fragment_bytes: What encoded parts of answers may take, kept for the next.
        incremental: Whether documents may use `@defer` and `@stream`.
        sources: All that can be asked, which decides what a document can cost.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        size: int = _REMEMBERED,
        *,
        limits: Limits = DEFAULTS,
        suggestions: bool = True,
        fragment_bytes: int = 0,
        incremental: bool = False,
        sources: Sequence[Whom] = (),
    ) -> None:
        self._sources = sources
        self._schema = schema
        self._incremental = with_incremental(schema) if incremental else None
        self._size = size
        self._limits = limits
        self._suggestions = suggestions
        self._complaints = Complaints(most=limits.errors, hide_suggestions=not suggestions)
        self._compiler = Compiler(
            schema,
            TRAITS,
            max_coercion_errors=limits.errors,
            hide_suggestions=not suggestions,
            fragment_bytes=fragment_bytes,
        )
        self._documents: OrderedDict[str, Document] = OrderedDict()

    def get(self, text: str) -> Document:
        """Return the document of a text."""
        document = self.known(text)
        if document is not None:
            return document
        try:
            check_text(self._limits, text)
        except Exceeded as exceeded:
            return _excess(exceeded)  # not remembered: measuring it again costs less than its room
        document = self._documents[text] = self._read(text)
        if len(self._documents) > self._size:
            self._documents.popitem(last=False)
        return document

    def plan(self, document: Document, operation_name: str | None) -> Plan | NotCompilable:
        """Return how one operation of a document without refusals is executed."""
        plan = document.plans.get(operation_name)
        if plan is None:
            if document.ast is None:
                raise ValueError("a refused document has no plan")
            plan = document.plans[operation_name] = self._compiler.compile(document.ast, operation_name)
        return plan

    async def deliver(
        self, document: Document, operation_name: str | None, variables: Mapping[str, Any], context: Any
    ) -> Delivery:
        """Begin to execute one operation of a document that is executed in parts."""
        if self._incremental is None or document.in_parts is None:
            raise ValueError("a document that is not executed in parts")
        return await deliver(
            self._incremental,
            document.in_parts,
            operation_name,
            variables=variables,
            context=context,
            complaints=self._complaints,
        )

    def known(self, text: str) -> Document | None:
        """Return the document of a text that was read before; None where it would have to be read."""
        document = self._documents.get(text)
        if document is not None:
            self._documents.move_to_end(text)
        return document

    def _read(self, text: str) -> Document:
        try:
            ast = parse(text, max_tokens=self._limits.tokens, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            return self._refused(None, [error], "GRAPHQL_PARSE_FAILED")
        except RecursionError:
            nested = GraphQLError("Syntax Error: The document is nested too deeply.")
            return self._refused(None, [nested], "GRAPHQL_PARSE_FAILED")
        try:
            measured = measure(self._limits, ast)
            errors = validate(
                self._incremental or self._schema,
                ast,
                RULES,
                max_errors=self._limits.errors,
                hide_suggestions=not self._suggestions,
            )
        except Exceeded as exceeded:
            return _excess(exceeded)
        except RecursionError:
            errors = [GraphQLError("The document is nested too deeply.")]
        else:
            if not errors:
                written, ast = ast, ast if self._incremental is None else whole(ast)
                return Document(
                    in_parts=None if written is ast else written,
                    ast=ast,
                    operations=_operations(ast),
                    refusals=(),
                    fields=measured.fields,
                    introspects=measured.introspects,
                    estimates=Estimates(self._schema, ast, self._sources, self._check(ast)),
                )
        return self._refused(ast, errors, "GRAPHQL_VALIDATION_FAILED")

    def _check(self, ast: DocumentNode) -> Callable[[str | None, Mapping[str, Any]], None]:
        """Return what raises `Exceeded` for what variables make of a document, if that is too much."""
        known, limits = sizes(self._schema, ast), self._limits

        def checked(operation_name: str | None, variables: Mapping[str, Any]) -> None:
            check_variables(limits, variables)
            size = only(known, operation_name)
            if size is not None:
                check(limits, "nodes", size.nodes(limits, variables) - 1)

        return checked

    def _refused(self, ast: DocumentNode | None, errors: list[GraphQLError], code: str) -> Document:
        told = tuple(refusals(ast, errors, code, self._limits))
        return Document(ast=ast, operations=_operations(ast) if ast else {}, refusals=told)


def _excess(exceeded: Exceeded) -> Document:
    return Document(ast=None, operations={}, refusals=(exceeded.refusal,))


def only(named: Mapping[str | None, T], name: str | None) -> T | None:
    """Return what belongs to an operation by its name, of which None names the only one."""
    if name is None and len(named) == 1:
        return next(iter(named.values()))
    return named.get(name)


def _operations(ast: DocumentNode) -> dict[str | None, OperationType]:
    return {
        (node.name.value if node.name else None): node.operation
        for node in ast.definitions
        if isinstance(node, OperationDefinitionNode)
    }
