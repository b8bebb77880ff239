"""What a query may amount to. Whatever exceeds a limit is refused before anything is asked of a provider.

The defaults leave room for any query that a page or a person writes by hand, and none for those that are
written to hurt: a document of a kilobyte can ask for a billion objects, and one of 30 kB can keep a validator
busy for seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from gateway.graph.errors import MAX_ERRORS, MAX_MESSAGE, refusal


class Limits(Struct, frozen=True, kw_only=True):
    """How much of what.

    Attributes:
        document: Characters of a document.
        tokens: Words and signs of a document, comments counted; parsing time grows with them.
        depth: Fields within fields. What asks about the schema has its own limit in graphql-core.
        aliases: Fields given another name, fragments expanded.
        name: Characters of an alias, which every answer repeats.
        root_fields: Fields of the operation itself, fragments expanded.
        directives: Directives of a document.
        directives_at_once: Directives at one place.
        parts: Selections, arguments and listed values, fragments expanded; validation time grows with them.
        ids: Values of a list argument.
        page: What may be asked for in one page.
        nodes: Objects that an answer could hold, lists taken at their largest.
        calls: Provider calls that an answer could take.
        errors: Errors in one answer.
        message: Characters of an error's message.
    """

    document: int = 32_768
    tokens: int = 2000
    depth: int = 10
    aliases: int = 30
    name: int = 100
    root_fields: int = 10
    directives: int = 50
    directives_at_once: int = 5
    parts: int = 500
    ids: int = 50
    page: int = 100
    nodes: int = 10_000
    calls: int = 20
    errors: int = MAX_ERRORS
    message: int = MAX_MESSAGE


DEFAULTS = Limits()

_WHAT = {
    "document": "characters",
    "tokens": "tokens",
    "depth": "levels of fields",
    "aliases": "aliases after fragments are expanded",
    "name": "characters in an alias",
    "root_fields": "root fields",
    "directives": "directives",
    "directives_at_once": "directives at one place",
    "parts": "selections, arguments and listed values after fragments are expanded",
    "ids": "values in one list",
    "page": "objects in one page",
    "nodes": "objects in its answer",
    "calls": "provider calls",
}


_LONGEST_NAME = 60
"""Characters of an argument's name as it is told; real ones have half as many."""


class Exceeded(Exception):
    """A request amounts to more than it may.

    Args:
        limit: Which limit, by its name in `Limits`.
        allowed: How much it allows.
        actual: How much it would have taken; where counting stopped, more than allowed all the same.
        argument: Which argument's value is too long or too large; None where no single one is.
    """

    def __init__(self, limit: str, allowed: int, actual: int, argument: str | None = None) -> None:
        super().__init__(f"A request may have {allowed} {_WHAT[limit]}, not {actual}.")
        self.limit = limit
        self.argument = argument
        self.allowed = allowed
        self.actual = actual

    @property
    def refusal(self) -> dict[str, Any]:
        """As the client sees it."""
        # A number of thousands of digits is none of ours, and would be echoed.
        actual = min(self.actual, 2**53 - 1)
        name = "".join(word.title() if at else word for at, word in enumerate(self.limit.split("_")))
        message = f"A request may have {self.allowed} {_WHAT[self.limit]}, not {actual}."
        code = "LIMIT_EXCEEDED"
        if self.argument is not None:
            # To a client an argument out of its range is bad input, whoever finds it.
            message, code = f"{self.argument}: {message}", "BAD_USER_INPUT"
        return refusal(message, code, limit=name, max=self.allowed, actual=actual)


def check(limits: Limits, limit: str, actual: int, argument: str | None = None) -> None:
    """Compare a measure with its limit.

    Raises:
        Exceeded: It is above.
    """
    allowed: int = getattr(limits, limit)
    if actual > allowed:
        raise Exceeded(limit, allowed, actual, argument)


def check_variables(limits: Limits, variables: Mapping[str, Any] | None) -> None:
    """Look for a list in the variables that is longer than any argument may have.

    Raises:
        Exceeded: There is one.
    """
    for name, value in _lists(variables or {}):
        check(limits, "ids", len(value), name)


def _lists(variables: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists within variables, by the names that lead to them, such as ``filter.videoIds``."""
    waiting = list(variables.items())
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, list):
            yield name, value
            waiting += [(name, one) for one in value if isinstance(one, (list, dict))]
        elif isinstance(value, dict):
            waiting += [(f"{name}.{key}"[:_LONGEST_NAME], one) for key, one in value.items()]
