"""Incremental delivery: `@defer` and `@stream`, which let an answer begin before all of it is there.

graphql-core executes such an operation, as plans work a level at a time and would hold the quick half of a
level back for the slow one. A server need not obey these directives: for a client that cannot take an answer
in parts the same document without them is compiled like any other.

Schemas do not declare the two until they are asked to. graphql-core refuses to execute anything in one go on
a schema that does, so there are two schemas then: one to validate documents and to execute them in parts, one
for everything else.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLDeferDirective,
    GraphQLSchema,
    GraphQLStreamDirective,
    Visitor,
    visit,
)
from graphql.execution import ExperimentalIncrementalExecutionResults, experimental_execute_incrementally

from gateway.execution.plan import Result, interpreted
from gateway.execution.variables import Complaints

_DIRECTIVES = {"defer", "stream"}

Delivery = Result | ExperimentalIncrementalExecutionResults


def with_incremental(schema: GraphQLSchema) -> GraphQLSchema:
    """Return a schema that declares both directives besides."""
    parts: dict[str, Any] = {**schema.to_kwargs(), "assume_valid": True}
    parts["directives"] = (*parts["directives"], GraphQLDeferDirective, GraphQLStreamDirective)
    return GraphQLSchema(**parts)


class _Whole(Visitor):
    def enter_directive(self, node: DirectiveNode, *_args: Any) -> Any:
        return REMOVE if node.name.value in _DIRECTIVES else None


def whole(document: DocumentNode) -> DocumentNode:
    """Return a document without the directives; the document itself where it uses none."""
    return visit(document, _Whole())  # type: ignore[no-any-return]


async def deliver(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    *,
    variables: Mapping[str, Any],
    context: Any,
    complaints: Complaints,
) -> Delivery:
    """Begin to execute an operation.

    Args:
        schema: From `with_incremental`.
        document: Validated against it.
        operation_name: Which of its operations.
        variables: As the client sent them.
        context: The application's own, for its resolvers.
        complaints: How complaints about variables are worded.

    Returns:
        The first part and those that follow; or the whole answer, where nothing turned out to be deferred.
    """
    result = experimental_execute_incrementally(
        schema,
        document,
        context_value=context,
        variable_values=dict(variables),
        operation_name=operation_name,
        max_coercion_errors=complaints.most,
        hide_suggestions=complaints.hide_suggestions,
        # What is deferred is asked for at once: the wait begins now, and keys share calls.
        enable_early_execution=True,
    )
    if inspect.isawaitable(result):
        result = await result
    return interpreted(result) if isinstance(result, ExecutionResult) else result
