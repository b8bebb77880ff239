"""Variables: coerced by what the operation declares of them.

graphql-core walks a type for every value and wraps what it finds. The values that clients send nearly always
are what they should be, and for the built-in scalars and lists of them that is seen at a glance. Where it is
not, graphql-core decides; and where there is anything to complain about, graphql-core does all of it again,
so that the complaints are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from types import NoneType
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputType,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.type.scalars import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT
from graphql.utilities import coerce_input_literal, coerce_input_value
from msgspec import Struct

Glance = Callable[[Any], Any]
"""Returns the coerced value, or Undefined where a glance does not tell."""


class _Variable(Struct, frozen=True):
    name: str
    signature: GraphQLVariableSignature
    glance: Glance
    simple: bool
    """Whether a value cannot be nested deeper than coercion can follow."""


class Complaints(Struct, frozen=True, kw_only=True):
    """How complaints about variables are worded.

    Attributes:
        most: How many there are at most.
        hide_suggestions: Whether they leave out what the client may have meant.
    """

    most: int
    hide_suggestions: bool = False


class Variables:
    """The variables of one operation.

    Args:
        schema: Knows the input types.
        definitions: As the operation declares them.
        complaints: How complaints are worded.
    """

    def __init__(
        self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode], complaints: Complaints
    ) -> None:
        self._schema = schema
        self._definitions = definitions
        self._complaints = complaints
        self._variables = [_variable(schema, definition) for definition in definitions]

    def coerce(self, inputs: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """Return the values for a run, or what is wrong with them."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for variable in self._variables:
            if variable is None:
                return self._as_graphql_core_does(inputs)
            name, signature = variable.name, variable.signature
            given = inputs.get(name, Undefined)
            sources[name] = VariableValueSource(signature, given)
            if given is not Undefined:
                value = variable.glance(given)
                if value is Undefined:
                    value = coerce_input_value(given, signature.type) if variable.simple else Undefined
            elif signature.default is not None and signature.default.literal is not None:
                value = coerce_input_literal(signature.default.literal, signature.type)
            elif is_non_null_type(signature.type):
                value = Undefined
            else:
                continue
            if value is Undefined:
                return self._as_graphql_core_does(inputs)
            coerced[name] = value
        return VariableValues(sources, coerced)

    def _as_graphql_core_does(self, inputs: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        return get_variable_values(
            self._schema,
            self._definitions,
            dict(inputs),
            max_errors=self._complaints.most,
            hide_suggestions=self._complaints.hide_suggestions,
        )


def _variable(schema: GraphQLSchema, definition: VariableDefinitionNode) -> _Variable | None:
    signature = get_variable_signature(schema, definition)
    if isinstance(signature, GraphQLError):
        return None
    return _Variable(signature.name, signature, _glance(signature.type), _simple(signature.type))


def _simple(type_: GraphQLInputType) -> bool:
    if is_non_null_type(type_):
        type_ = type_.of_type
    if is_list_type(type_):
        type_ = type_.of_type.of_type if is_non_null_type(type_.of_type) else type_.of_type
    return not (is_list_type(type_) or is_input_object_type(type_))


def _unclear(_value: Any) -> Any:
    return Undefined


def _glance(type_: GraphQLInputType) -> Glance:
    nullable = not is_non_null_type(type_)
    inner = type_.of_type if is_non_null_type(type_) else type_
    if is_list_type(inner):
        glance = _list_glance(inner.of_type)
    elif is_leaf_type(inner) and inner in _KINDS:
        glance = _one_glance(*_KINDS[inner])
    else:
        return _unclear

    def nullable_glance(value: Any) -> Any:
        return None if value is None else glance(value)

    return nullable_glance if nullable else glance


def _one_glance(kind: type, fits: Callable[[Any], bool] | None) -> Glance:
    def glance(value: Any) -> Any:
        return value if type(value) is kind and (fits is None or fits(value)) else Undefined

    return glance


def _list_glance(item: GraphQLInputType) -> Glance:
    nullable = not is_non_null_type(item)
    inner = item.of_type if is_non_null_type(item) else item
    if not is_leaf_type(inner) or inner not in _KINDS:
        return _unclear
    kind, fits = _KINDS[inner]
    kinds = {kind, NoneType} if nullable else {kind}

    def glance(value: Any) -> Any:
        if type(value) is not list or not set(map(type, value)) <= kinds:
            return Undefined
        if fits is not None and not all(fits(one) for one in value if one is not None):
            return Undefined
        return value.copy()

    return glance


_KINDS: dict[Any, tuple[type, Callable[[Any], bool] | None]] = {
    GraphQLString: (str, None),
    GraphQLID: (str, None),
    GraphQLBoolean: (bool, None),
    GraphQLInt: (int, lambda value: GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT),
    GraphQLFloat: (float, isfinite),
}
