"""Fields: one entry of an answer, for all objects that have it.

A field first *resolves*: it turns the column of its parents into a column of values of the same length. What
does that is a `Source`; see `resolvers`. An exception in the place of a value is that parent's error. Then it
*completes* the values: leaves are checked, objects go through a selection of their own; see `completion`.

Either may have to wait, and then returns a coroutine in the place of the column. Most do not: a column of
attributes is there at once, and a run that finds everything in memory never sees the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from types import CoroutineType
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, is_list_type, is_non_null_type

from gateway.execution.batched import Usual
from gateway.execution.places import Place
from gateway.execution.run import Run

Column = Sequence[Any]
"""One value for each object, in the order of the objects."""

Pending = Coroutine[Any, Any, Column]

Source = Callable[[Run, "Field", Place, Column], Column | Pending]
"""Turns parents into values."""

Completion = Callable[[Run, "Field", Place, Column], Column | Pending]
"""Turns values into what is encoded; a value that failed into None, or FAILED where null is not allowed."""


class Field:
    """A field of a selection.

    Args:
        key: The response key.
        order: Which of its selection's fields it is.
        nodes: Where the document selects it.
        parent_type: The type it belongs to.
        definition: What the schema says of it.
        completion: Completes its values.
        source: Resolves it; None for an attribute, which its selection reads together with the others.
        attribute: The attribute's name; None for others.
        usual: The attribute that its values usually are; None where there is none.
        steady: Whether its finished values follow from the parents, if they are there at once.

    Attributes:
        name: The field's name in the schema.
        nonnull: For the value and for the items of each level of lists in it, whether null is not allowed.
        depth: How many levels of lists there are.
    """

    __slots__ = (
        "attribute",
        "completion",
        "definition",
        "depth",
        "key",
        "name",
        "nodes",
        "nonnull",
        "order",
        "parent_type",
        "source",
        "steady",
        "usual",
    )

    def __init__(
        self,
        *,
        key: str,
        order: int,
        nodes: list[FieldNode],
        parent_type: GraphQLObjectType,
        definition: GraphQLField,
        completion: Completion,
        source: Source | None,
        attribute: str | None,
        usual: Usual | None = None,
        steady: bool = False,
    ) -> None:
        self.key = key
        self.order = order
        self.nodes = nodes
        self.name = nodes[0].name.value
        self.parent_type = parent_type
        self.definition = definition
        self.completion = completion
        self.source = source
        self.attribute = attribute
        self.usual = usual
        self.steady = steady
        self.nonnull = nonnull_of(definition.type)
        self.depth = len(self.nonnull) - 1

    def column(self, run: Run, place: Place, parents: Column) -> Column | Pending:
        """Return the finished column of a field that has a source."""
        assert self.source is not None  # noqa: S101 - attributes are read by their selection
        values = self.source(run, self, place, parents)
        if type(values) is CoroutineType:
            return self._later(run, place, values)
        return self.completion(run, self, place, values)  # type: ignore[arg-type]  # it is no coroutine

    async def _later(self, run: Run, place: Place, pending: Pending) -> Column:
        finished = self.completion(run, self, place, await pending)
        return await finished if type(finished) is CoroutineType else finished  # type: ignore[return-value]


def nonnull_of(type_: Any) -> tuple[bool, ...]:
    """Return, for a value and for each level of lists in it, whether null is not allowed."""
    nonnull = is_non_null_type(type_)
    inner = type_.of_type if nonnull else type_
    return (nonnull, *nonnull_of(inner.of_type)) if is_list_type(inner) else (nonnull,)
