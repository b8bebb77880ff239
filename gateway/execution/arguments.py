"""Arguments: what a field is called with, worked out once for all of its parents.

Literals and defaults are coerced when the plan is made, and a variable's value is already coerced, so that
most arguments are looked up. What is not as plain (variables inside lists and objects, values that are to be
refused, lists that a resolver might change) graphql-core works out in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
    is_required_argument,
)
from graphql.execution.values import get_argument_values
from graphql.utilities import coerce_input_literal
from graphql.utilities.coerce_input_value import coerce_default_value
from msgspec import Struct

from gateway.execution.run import Run

Arguments = Callable[[Run], dict[str, Any]]
"""Returns the arguments by the names that resolvers know them by; raises what makes the field fail."""


class _FromVariable(Struct, frozen=True):
    out_name: str
    variable: str
    default: Any
    required: bool
    """Without a value the field cannot be called."""
    nonnull: bool

    def unclear(self, value: Any) -> bool:
        """Return whether a variable's value, or Undefined for none, is for graphql-core to deal with."""
        return self.required if value is Undefined else value is None and self.nonnull


class _Unclear(Exception):
    """Graphql-core must work these arguments out, in every run."""


def arguments(definition: GraphQLField, node: FieldNode) -> Arguments | None:
    """Return what works out a field's arguments; None for a field that has none."""
    if not definition.args and not node.arguments:
        return None

    def as_graphql_core_does(run: Run) -> dict[str, Any]:
        return get_argument_values(definition, node, run.variables)

    given = {argument.name.value: argument for argument in node.arguments or ()}
    constants: dict[str, Any] = {}
    variables: list[_FromVariable] = []
    try:
        for name, argument in definition.args.items():
            _sort(argument.out_name or name, argument, given.get(name), constants, variables)
    except _Unclear:
        return as_graphql_core_does

    def looked_up(run: Run) -> dict[str, Any]:
        values = constants.copy()
        for source in variables:
            value = run.variables.coerced.get(source.variable, Undefined)
            if source.unclear(value):
                return as_graphql_core_does(run)
            value = source.default if value is Undefined else value
            if value is not Undefined:
                values[source.out_name] = value
        return values

    return looked_up


def _sort(
    out_name: str,
    argument: GraphQLArgument,
    node: ArgumentNode | None,
    constants: dict[str, Any],
    variables: list[_FromVariable],
) -> None:
    """Put an argument among the constants or the variables.

    Raises:
        _Unclear: It is neither.
    """
    if node is not None and isinstance(node.value, VariableNode):
        try:
            default, required = _constant(argument, None), is_required_argument(argument)
        except _Unclear:
            default, required = Undefined, True
        nonnull = is_non_null_type(argument.type)
        variables.append(_FromVariable(out_name, node.value.name.value, default, required, nonnull))
        return
    if node is None and is_required_argument(argument):
        raise _Unclear
    value = _constant(argument, None if node is None else node.value)
    if value is not Undefined:
        constants[out_name] = value


def _constant(argument: GraphQLArgument, literal: ValueNode | None) -> Any:
    """Return the value of a literal, or of the argument's default; Undefined where it has none.

    Raises:
        _Unclear: It is invalid, or a resolver might change it and with it the plan.
    """
    if isinstance(literal, (ListValueNode, ObjectValueNode)):
        raise _Unclear
    try:
        value = (
            coerce_default_value(argument)
            if literal is None
            else coerce_input_literal(literal, argument.type)
        )
    except TypeError:
        raise _Unclear from None
    if isinstance(value, (list, dict)) or (value is Undefined and literal is not None):
        raise _Unclear
    named = get_nullable_type(argument.type)
    if value is not None and value is not Undefined and not is_leaf_type(named):
        raise _Unclear
    return value
