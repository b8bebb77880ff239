"""Subscriptions: from an operation to the stream of its answers.

graphql-core would execute every subscriber's operation at every event. Here those that would get the same
answer share it: the same document and variables, the ids that are watched aside, and the same scopes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    VariableNode,
)
from graphql.execution.values import get_argument_values, get_variable_values
from graphql.language import Node
from msgspec import Struct

from gateway.access.principal import Principal
from gateway.domain.errors import BadUserInput, GatewayError
from gateway.domain.identity import TaskRef
from gateway.execution import NotCompilable, Plan
from gateway.execution.collect import CannotCompile, Collector, operation_of
from gateway.graph import arguments
from gateway.graph.channels import Channel, Stream
from gateway.graph.context import Context
from gateway.graph.documents import Document
from gateway.graph.errors import formatted, mistake
from gateway.listing.cursor import Cursors
from gateway.live.state import State
from gateway.live.subject import Subject
from gateway.live.watches import Watches
from gateway.loaders import Loaders
from gateway.lookups import Upstream

_encode = msgspec.json.Encoder().encode


class Wanted(Struct, frozen=True):
    """A subscription that is to be opened.

    Attributes:
        text: Its document.
        document: The same, read.
        operation_name: Which of its operations.
        plan: How that is executed.
        variables: As the client sent them.
        principal: Who asks.
    """

    text: str
    document: Document
    operation_name: str | None
    plan: Plan | NotCompilable
    variables: dict[str, Any]
    principal: Principal


class Opened(Struct, frozen=True):
    """A subscription that was opened.

    Attributes:
        stream: Its answers.
        unseen: How many of its ids nothing was known of yet.
    """

    stream: Stream
    unseen: int


class Edition:
    """What one document shows of a state to whoever has certain scopes.

    Args:
        wanted: The first subscription that asked for it.
        context: Makes what resolvers are given, for an event.
    """

    def __init__(self, wanted: Wanted, context: Callable[[State], Context]) -> None:
        self.channels: dict[tuple[str, str], Channel] = {}
        self._plan = wanted.plan
        # The ids among them decide nothing any more.
        self._variables = wanted.variables
        self._context = context

    async def render(self, state: State) -> bytes:
        """Return the encoded answer to an event; raises nothing."""
        try:
            result = await self._plan.execute(self._context(state), self._variables, root_value=state)
            body: dict[str, Any] = {}
            if result.errors:
                body["errors"] = formatted(result.errors)
            body["data"] = result.data
            return _encode(body)
        except Exception as error:  # noqa: BLE001 - whatever it is, a client is told no more than that
            return _encode({"errors": [mistake(error, at="a subscription")]})


class Streams:
    """Opens subscriptions.

    Args:
        schema: The schema.
        watches: What is watched.
        upstream: Where records come from that an event does not bring along.
        ids: How many ids a subscription may have.
        timeout: Seconds that rendering an event may wait for the lanes.
        cursors: Seals and opens the cursors of lists.
        now: The time of day.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        watches: Watches,
        upstream: Upstream,
        *,
        ids: int,
        timeout: float,
        cursors: Cursors,
        now: Callable[[], datetime],
    ) -> None:
        self._schema = schema
        self._watches = watches
        self._upstream = upstream
        self._ids = ids
        self._timeout = timeout
        self._cursors = cursors
        self._now = now
        self._editions: dict[Hashable, Edition] = {}

    def open(self, wanted: Wanted) -> Opened:
        """Open a subscription of a valid document.

        Raises:
            GatewayError: Its ids are no good, or not for this principal.
        """
        field, ids = self._asked(wanted)
        name = field.name.value
        makers = [self._subject(name, id, wanted.principal) for id in ids]
        key, edition = self._edition(wanted, field)
        channels: list[Channel] = []
        unseen = 0
        try:
            for id, make in zip(ids, makers, strict=True):
                channel = edition.channels.get((name, id))
                if channel is None:
                    subject = make()
                    unseen += subject.state is None
                    channel = Channel(subject, edition.render, self._forget(key, edition, (name, id)))
                    edition.channels[name, id] = channel
                channels.append(channel)
        except GatewayError:
            Stream(channels).close()
            self._discard(key, edition)
            raise
        return Opened(Stream(channels), unseen)

    def _asked(self, wanted: Wanted) -> tuple[FieldNode, list[str]]:
        """Return the root field and the ids it names, each once."""
        ast = wanted.document.ast
        if ast is None:
            raise ValueError("a refused document has no stream")
        operation = operation_of(ast, wanted.operation_name)
        values = get_variable_values(self._schema, operation.variable_definitions or (), wanted.variables)
        if isinstance(values, list):
            raise BadUserInput(values[0].message)
        root = self._schema.subscription_type
        if root is None:
            raise ValueError("the schema has no subscriptions")
        fragments = {
            node.name.value: node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)
        }
        try:
            fields = Collector(self._schema, fragments, values.coerced).fields(
                root, [operation.selection_set]
            )
            [field] = [nodes[0] for nodes in fields.values()]
            given = get_argument_values(root.fields[field.name.value], field, values)
        except (CannotCompile, ValueError, KeyError):
            raise BadUserInput("The subscription selects nothing.") from None
        except GraphQLError as error:
            raise BadUserInput(error.message) from None
        ids = list(dict.fromkeys(given["ids"]))
        if not 1 <= len(ids) <= self._ids:
            raise BadUserInput(f"ids: 1 to {self._ids} ids, not {len(ids)}.")
        return field, ids

    def _subject(self, field: str, id: str, principal: Principal) -> Callable[[], Subject]:
        """Return what starts watching an id that was found good."""
        if field == "videos":
            video = arguments.video(id, "ids")
            principal.need_source(video.whom)
            return lambda: self._watches.video(id, video.video_id, video.source)
        ref = arguments.node_id(id, "ids")
        if not isinstance(ref, TaskRef):
            raise BadUserInput("ids: this is not the id of a Task.")
        principal.need_source(ref.whom)
        return lambda: self._watches.task(id, ref)

    def _edition(self, wanted: Wanted, field: FieldNode) -> tuple[Hashable, Edition]:
        watched = _only_ids(wanted, field)
        others = {name: value for name, value in sorted(wanted.variables.items()) if name not in watched}
        scopes = wanted.principal.scopes
        key = (wanted.text, wanted.operation_name, _encode(others), scopes)
        edition = self._editions.get(key)
        if edition is None:
            # Subscribers with the same scopes see the same; who of them came first is nobody's business.
            reader = Principal(name="subscribers", scopes=scopes)
            edition = Edition(wanted, lambda state: self._context(state, reader))
            self._editions[key] = edition
        return key, edition

    def _forget(self, key: Hashable, edition: Edition, name: tuple[str, str]) -> Callable[[], None]:
        def forget() -> None:
            edition.channels.pop(name, None)
            self._discard(key, edition)

        return forget

    def _discard(self, key: Hashable, edition: Edition) -> None:
        if not edition.channels and self._editions.get(key) is edition:
            del self._editions[key]

    def _context(self, state: State, principal: Principal) -> Context:
        loop = asyncio.get_running_loop()
        max_age = None
        if state.finished and state.observed_at is not None:
            # Nothing follows that could put right what is older than the end.
            max_age = max(0.0, (self._now() - state.observed_at).total_seconds())
        loaders = Loaders(
            self._upstream, deadline=loop.time() + self._timeout, max_age=max_age, principal=principal
        )
        return Context(
            loaders=loaders,
            request_id="",
            principal=principal,
            cursors=self._cursors,
            now=self._now,
        )


def _only_ids(wanted: Wanted, field: FieldNode) -> set[str]:
    """Return the variables that say what is watched and nothing else."""
    ids = {node.name.value for argument in field.arguments or () for node in _variables(argument)}
    ast = wanted.document.ast
    elsewhere: set[str] = set()
    for definition in ast.definitions if ast else ():
        for part in (getattr(definition, "directives", None), getattr(definition, "selection_set", None)):
            elsewhere |= {node.name.value for node in _variables(part) if not _within(node, field)}
    return ids - elsewhere


def _within(node: VariableNode, field: FieldNode) -> bool:
    return any(node is one for argument in field.arguments or () for one in _variables(argument))


def _variables(part: Any) -> Iterator[VariableNode]:
    """Yield the uses of variables below a node."""
    if isinstance(part, VariableNode):
        yield part
    elif isinstance(part, Node):
        for key in part.keys:
            yield from _variables(getattr(part, key, None))
    elif isinstance(part, (list, tuple)):
        for one in part:
            yield from _variables(one)
