"""The two scalars that GraphQL lacks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError, IntValueNode, StringValueNode, ValueNode, print_ast

BigInt = NewType("BigInt", int)

MAX_SAFE = 2**53 - 1


def _serialize_time(value: object) -> str:
    if not isinstance(value, datetime):
        raise GraphQLError("DateTime cannot represent a value that is not a time.")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parse_time(value: object) -> datetime:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
        if time is not None and time.tzinfo is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError("DateTime needs an ISO 8601 time with a zone, such as 2026-11-22T08:30:00Z.")


def _parse_time_literal(node: ValueNode, _variables: dict[str, Any] | None = None) -> datetime:
    try:
        return _parse_time(node.value if isinstance(node, StringValueNode) else None)
    except GraphQLError as error:
        # A client that writes the time into its document is told as one that sends it in a variable.
        raise GraphQLError(error.message, node, extensions={"code": "BAD_USER_INPUT"}) from None


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_SAFE:
        raise GraphQLError("BigInt needs a whole number between -(2^53 - 1) and 2^53 - 1.")
    return value


def _parse_whole_literal(node: ValueNode, _variables: dict[str, Any] | None = None) -> int:
    if not isinstance(node, IntValueNode):
        raise GraphQLError(f"BigInt cannot represent {print_ast(node)[:40]}.", node)
    return _whole(int(node.value))


SCALARS: dict[object, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "A moment in ISO 8601, always UTC and ending in Z. As an input any zone will do, none will not."
        ),
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=_serialize_time,
        parse_value=_parse_time,
        parse_literal=_parse_time_literal,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number that may exceed the 32 bits of Int, such as a file's size; below 2^53.",
        specified_by_url="https://tc39.es/ecma262/#sec-number.max_safe_integer",
        serialize=_whole,
        parse_value=_whole,
        parse_literal=_parse_whole_literal,
    ),
}
