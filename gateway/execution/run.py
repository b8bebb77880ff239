"""A run: what one execution of a plan has at hand and what has gone wrong in it so far."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    located_error,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, is_awaitable
from graphql.type.definition import GraphQLResolveInfoHelpers
from msgspec import Struct

from gateway.execution.faults import Fault
from gateway.execution.places import Place, Step

if TYPE_CHECKING:
    from gateway.execution.fields import Field


async def _gather(awaitables: Sequence[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*awaitables))


def _track(_values: Sequence[Any]) -> None:
    """Leave abandoned awaitables to the event loop."""


_HELPERS = GraphQLResolveInfoHelpers(gather=_gather, track=_track)


class Scene(Struct, frozen=True, gc=False):
    """What all runs of a plan share."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    viewer: Callable[[Any], Hashable]


class Run:
    """One execution.

    Attributes:
        scene: The plan's schema and operation.
        context: The application's own, for its resolvers.
        root_value: The parent of the root fields.
        variables: Coerced.
        viewer: See `gateway.execution.traits.Traits`.
        faults: Errors so far; while there are none, nobody needs to look for failed values.
    """

    __slots__ = ("context", "faults", "root_value", "scene", "variables", "viewer")

    def __init__(self, scene: Scene, context: Any, root_value: Any, variables: VariableValues) -> None:
        self.scene = scene
        self.context = context
        self.root_value = root_value
        self.variables = variables
        self.viewer = scene.viewer(context)
        self.faults: list[Fault] = []

    def fail(
        self, place: Place, number: int, field: Field, indices: tuple[int, ...], error: Exception
    ) -> None:
        """Note that a field of an object failed, or an item of its value."""
        steps = [
            *place.steps(number),
            Step(field.key, field.order),
            *(Step(index, index) for index in indices),
        ]
        keys = [step.key for step in steps]
        nulled = len(keys) - place.nulled(field, len(indices))
        self.faults.append(
            Fault(
                order=tuple(step.order for step in steps),
                error=located_error(error, field.nodes, keys),
                nulled=tuple(keys[:nulled]),
            )
        )

    def info(self, field: Field, path: Sequence[str | int]) -> GraphQLResolveInfo[Any]:
        """Return what graphql-core tells its resolvers."""
        trail: Path | None = None
        for key in path:
            trail = Path(trail, key, None)
        return GraphQLResolveInfo(
            field.name,
            field.nodes,
            field.definition.type,
            field.parent_type,
            Path(trail, field.key, field.parent_type.name),
            self.scene.schema,
            self.scene.fragments,
            self.root_value,
            self.scene.operation,
            self.variables,
            self.context,
            is_awaitable,
            None,
            _HELPERS,
        )
