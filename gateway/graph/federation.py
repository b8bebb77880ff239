"""The schema as a subgraph of Apollo Federation 2, for a router that puts several services' graphs together.

Two fields are added to `Query`: ``_service`` shows the router what this graph adds to the whole, and by
``_entities`` it asks for objects that another subgraph only names. The types stay the same classes, so that
without federation nothing of it is in the schema.

Strawberry has a schema class for this. It wants its directives on the types, which would put them into the
plain schema too, and one reference to a type that it does not know fails all the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, NewType

import strawberry
from graphql import DocumentNode, ObjectTypeDefinitionNode, parse, print_ast

from gateway.domain.errors import GatewayError
from gateway.graph import arguments
from gateway.graph.context import GatewayInfo
from gateway.graph.queries import Found, Query, find
from gateway.graph.schema import build, schema
from gateway.graph.types.job import Job
from gateway.graph.types.task import Task
from gateway.graph.types.video import Video
from gateway.loaders import Loaders, each

# The lowest version that has all we use: routers accept it for longest.
LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", "@shareable"])'

DIRECTIVES: Mapping[str, str] = {
    "Job": '@key(fields: "id")',
    "PageInfo": "@shareable",  # every graph with connections has it
    "Task": '@key(fields: "id")',
    "Video": '@key(fields: "id") @key(fields: "videoId")',  # others know VOD's id, not ours
}
"""What the router is told about types."""

UNSHARED = ("node", "nodes")
"""Root fields that stay out of the whole: every Relay graph has them, and each finds its own objects only."""

AnyScalar = NewType("AnyScalar", object)
_ANY = strawberry.scalar(
    name="_Any",
    description="An object as another subgraph names it: its __typename and the fields of one of its keys.",
    serialize=lambda value: value,
    parse_value=lambda value: value,
)
Entity = Annotated[
    Task | Job | Video, strawberry.union("_Entity", description="What other subgraphs may name.")
]


@strawberry.type(name="_Service", description="What a router must know of this graph.")
class Service:
    """The subgraph, to a router."""

    sdl: str = strawberry.field(description="The schema with its keys. Never null.")


@strawberry.type(name="Query", description="Everything that can be asked.")
class SubgraphQuery(Query):
    """The root type, and what a router asks besides."""

    @strawberry.field(
        name="_service", graphql_type=Service, description="This graph, to a router. Never null."
    )
    @staticmethod
    def service() -> Service:
        return Service(sdl=sdl())

    @strawberry.field(
        name="_entities",
        graphql_type=list[Entity | None],
        description=(
            "Objects that other subgraphs name, in their order. Null at the place of one that its provider "
            "does not know."
        ),
    )
    @staticmethod
    async def entities(
        info: GatewayInfo,
        representations: Annotated[
            list[AnyScalar],
            strawberry.argument(
                description="Each a __typename and id; for a Video also its videoId in place of the id."
            ),
        ],
    ) -> Sequence[Found | GatewayError | None]:
        return await each(_entity(info.context.loaders, one) for one in representations)


async def _entity(loaders: Loaders, representation: object) -> Found | None:
    return await find(loaders, arguments.reference(representation))


@cache
def sdl() -> str:
    """Return the plain schema with what a router is told besides."""
    plain = parse(schema.as_str())
    told = [_told(node) if isinstance(node, ObjectTypeDefinitionNode) else node for node in plain.definitions]
    return f"{LINK}\n\n{print_ast(DocumentNode(definitions=tuple(told)))}\n"


def _told(node: ObjectTypeDefinitionNode) -> ObjectTypeDefinitionNode:
    name = node.name.value
    fields = node.fields or ()
    if name == "Query":
        fields = tuple(field for field in fields if field.name.value not in UNSHARED)
    stub = parse(f"type {name} {DIRECTIVES.get(name, '')}").definitions[0]
    return replace(node, fields=fields, directives=getattr(stub, "directives", ()))


@cache
def subgraph() -> strawberry.Schema:
    """Return the schema that a router composes."""
    return build(SubgraphQuery, {AnyScalar: _ANY})
