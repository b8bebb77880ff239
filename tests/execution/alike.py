"""Executes an operation both ways on a toy schema, and insists that both say the same."""

from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec
from graphql import ExecutionResult, GraphQLSchema, execute, parse, validate

from gateway.execution import Compiler, Plan, Result, Traits


def core(schema: Any) -> GraphQLSchema:
    """Return the GraphQLSchema of a Strawberry schema, or itself."""
    return getattr(schema, "_schema", schema)  # type: ignore[no-any-return]


def plan(schema: Any, query: str, traits: Traits | None = None) -> Plan:
    """Return the plan of a valid query."""
    document = parse(query)
    assert not validate(core(schema), document)
    made = Compiler(core(schema), traits).compile(document)
    assert isinstance(made, Plan), made.reason
    return made


async def alike(
    schema: Any,
    query: str,
    variables: dict[str, Any] | None = None,
    *,
    root: Any = None,
    context: Any = None,
    traits: Traits | None = None,
    ordered: bool = True,
) -> Result:
    """Return the plan's result, after asserting that graphql-core's is the same.

    Errors are compared with path, message, locations and the class of their original; in order too, unless
    that is a matter of timing.
    """
    compiled = await plan(schema, query, traits).execute(context, variables, root_value=root)
    result = execute(
        core(schema), parse(query), root_value=root, context_value=context, variable_values=variables
    )
    if inspect.isawaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult)
    assert json.loads(msgspec.json.encode(compiled.data)) == result.data
    ours = [described(error) for error in compiled.errors]
    theirs = [described(error) for error in result.errors or []]
    assert ours == theirs if ordered else sorted(ours, key=repr) == sorted(theirs, key=repr)
    return compiled


def described(error: Any) -> dict[str, Any]:
    """Return what a client, or a log, sees of an error."""
    return {**error.formatted, "original": type(error.original_error)}


def data(result: Result) -> Any:
    """Return the data as a client decodes it."""
    return json.loads(msgspec.json.encode(result.data))
