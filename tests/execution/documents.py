"""Makes valid operations, at random, over any schema: a hypothesis strategy.

It walks the schema as a client's author might: fields with and without aliases, the same field selected twice
with different fields in it, fragments of all kinds, on objects and on interfaces, conditions, literals,
variables, defaults, nulls. Some variables are given values that they must refuse.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)
from hypothesis import strategies as st
from msgspec import Struct

Values = Callable[[Random, str, str, str], Any]
"""Returns a value for an argument, by the names of the field, the argument and its type."""

_MAX_DEPTH = 6


class Request(Struct, frozen=True):
    """An operation and the variables to execute it with."""

    document: str
    variables: dict[str, Any]


def requests(schema: GraphQLSchema, values: Values) -> st.SearchStrategy[Request]:
    """Return a strategy for requests.

    Args:
        schema: What they are valid against, but for fields that cannot be merged.
        values: Makes the values of scalar arguments.
    """
    return st.randoms(use_true_random=False).map(lambda random: _Writer(schema, values, random).request())


class _Writer:
    def __init__(self, schema: GraphQLSchema, values: Values, random: Random) -> None:
        self._schema = schema
        self._values = values
        self._random = random
        self._fragments: list[tuple[str, str, str]] = []
        self._declarations: list[str] = []
        self._variables: dict[str, Any] = {}
        self._aliases = 0

    def request(self) -> Request:
        root = self._schema.query_type
        assert root is not None
        body = self._selections(root, _MAX_DEPTH)
        declared = f"({', '.join(self._declarations)})" if self._declarations else ""
        fragments = [f"fragment {name} on {type_} {text}" for name, type_, text in self._fragments]
        return Request("\n".join([f"query Q{declared} {body}", *fragments]), self._variables)

    def _chance(self, percent: int) -> bool:
        return self._random.randrange(100) >= 100 - percent  # so that the simplest is not to

    def _selections(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        return (
            "{ " + " ".join(self._selection(type_, depth) for _ in range(self._random.randint(1, 4))) + " }"
        )

    def _selection(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        inline = 40 if is_abstract_type(type_) else 8
        if depth > 0 and self._chance(inline):
            target = self._random.choice(self._overlapping(type_))
            condition = f" on {target.name}" if target is not type_ or self._chance(50) else ""
            return f"...{condition}{self._condition()} {self._selections(target, depth - 1)}"
        if depth > 0 and self._chance(inline // 2):
            return f"...{self._fragment(type_, depth)}{self._condition()}"
        if self._chance(6):
            return "__typename"
        return self._field(type_, depth)

    def _overlapping(self, type_: Any) -> list[Any]:
        """Return types that a fragment within a type may be on."""
        if is_abstract_type(type_):
            return [*self._schema.get_possible_types(type_), type_]
        return [type_, *type_.interfaces]

    def _fragment(self, type_: Any, depth: int) -> str:
        fitting = [
            name for name, on, _ in self._fragments if on in {one.name for one in self._overlapping(type_)}
        ]
        if fitting and self._chance(50):
            return self._random.choice(fitting)
        target = self._random.choice(self._overlapping(type_))
        text = self._selections(target, depth - 1)
        name = f"F{len(self._fragments)}"
        self._fragments.append((name, target.name, text))
        return name

    def _field(self, type_: Any, depth: int) -> str:
        fields = [
            (name, field)
            for name, field in type_.fields.items()
            if depth > 0 or is_leaf_type(get_named_type(field.type))
        ]
        if not fields:
            return "__typename"
        composite = [one for one in fields if not is_leaf_type(get_named_type(one[1].type))]
        name, field = self._random.choice(composite if composite and self._chance(40) else fields)
        arguments = self._arguments(name, field.args)
        alias = ""
        if field.args:
            self._aliases += 1
            alias = f"a{self._aliases}: "
        elif self._chance(10):
            alias = f"{type_.name}_{name}: "
        inner = get_named_type(field.type)
        below = "" if is_leaf_type(inner) else " " + self._selections(inner, depth - 1)
        return f"{alias}{name}{arguments}{self._condition()}{below}"

    def _condition(self) -> str:
        if not self._chance(8):
            return ""
        value = self._random.choice(["true", "false", ""])
        if not value:
            if self._chance(50):
                value = self._declare("Boolean!", self._chance(50))
            else:
                value = self._declare(f"Boolean = {self._random.choice(['true', 'false'])}", None)
        return f" @{self._random.choice(['skip', 'include'])}(if: {value})"

    def _arguments(self, field: str, arguments: dict[str, GraphQLArgument]) -> str:
        given = []
        for name, argument in arguments.items():
            if is_required_argument(argument) or self._chance(15):
                given.append(f"{name}: {self._argument(field, name, argument)}")
        return f"({', '.join(given)})" if given else ""

    def _argument(self, field: str, name: str, argument: GraphQLArgument) -> str:
        type_ = argument.type
        value = self._value(field, name, type_)
        if self._chance(40):
            return self._written(value, type_)
        if not is_non_null_type(type_) and self._chance(30):
            declared = f"{type_}! " if self._chance(30) else f"{type_} = {self._written(value, type_)}"
            return self._declare(declared, value if "=" not in declared or self._chance(50) else None)
        if self._chance(3):
            value = self._random.choice([7, "x", 1.5, [None], {"a": 1}, True, 2**40])
        optional = not is_non_null_type(type_) and self._chance(20)
        return self._declare(str(type_), None if optional else value)

    def _declare(self, declaration: str, value: Any) -> str:
        """Declare a variable, given a value unless that is None, and return how it is used."""
        name = f"v{len(self._declarations)}"
        self._declarations.append(f"${name}: {declaration}")
        if value is not None:
            self._variables[name] = value
        elif "=" not in declaration and self._chance(50):
            self._variables[name] = None
        return f"${name}"

    def _value(self, field: str, name: str, type_: Any) -> Any:
        if is_non_null_type(type_):
            return self._value(field, name, type_.of_type)
        if is_list_type(type_):
            return [self._value(field, name, type_.of_type) for _ in range(self._random.randrange(5))]
        if isinstance(type_, GraphQLEnumType):
            return self._random.choice(list(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            return {
                key: self._value(field, key, one.type)
                for key, one in type_.fields.items()
                if is_required_input_field(one) or self._chance(30)
            }
        return self._values(self._random, field, name, type_.name)

    def _written(self, value: Any, type_: Any) -> str:
        """Return a value as a literal; sometimes null where that is allowed."""
        if not is_non_null_type(type_) and self._chance(5):
            return "null"
        inner = type_.of_type if is_non_null_type(type_) else type_
        if is_list_type(inner):
            return "[" + ", ".join(self._written(item, inner.of_type) for item in value) + "]"
        if isinstance(inner, GraphQLInputObjectType):
            fields = (f"{key}: {self._written(one, inner.fields[key].type)}" for key, one in value.items())
            return "{" + ", ".join(fields) + "}"
        return value if isinstance(inner, GraphQLEnumType) else json.dumps(value)
