"""Faults: errors of fields, and which of them an answer reports.

A value that fails becomes null. Where null is not allowed it takes its surroundings with it, up to the
nearest place that may be null, and errors of what is gone with it need no telling. graphql-core executes
depth-first and stops executing an object once it is lost; a plan works a level at a time and finds faults
in another order. So faults are put into the order of the document first and then sifted by graphql-core's
rule: an error is reported unless the place it nulls, or one above, is null already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from graphql import GraphQLError


class Failed:
    """Stands for a value that failed where null is not allowed, until it has nulled what it must."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "FAILED"


FAILED: Final = Failed()


class Fault(NamedTuple):
    """An error of a field.

    Attributes:
        order: Where it stands in a depth-first walk of the answer.
        error: With its path and locations.
        nulled: The path of the place it nulls; empty for the whole answer.
    """

    order: tuple[int, ...]
    error: GraphQLError
    nulled: tuple[str | int, ...]


def reported(faults: Iterable[Fault]) -> list[GraphQLError]:
    """Return the errors that the answer reports, in the order of the document."""
    gone: set[tuple[str | int, ...]] = set()
    errors = []
    for fault in sorted(faults, key=lambda fault: fault.order):
        above = (fault.nulled[:length] for length in range(len(fault.nulled) + 1))
        if gone.isdisjoint(above):
            gone.add(fault.nulled)
            errors.append(fault.error)
    return errors
