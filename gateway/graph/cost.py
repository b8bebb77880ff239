"""How many provider calls an operation could take, told by its document and variables before it runs.

It is what could be needed with nothing in memory. Look-ups beside each other share calls as they do when
they are made; what is known only later is taken at its most: that a task is not its video's latest, that a
page is full, that a listing which has to be sifted is read as far as one page may go. An argument that will
be refused costs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    value_from_ast_untyped,
)

from gateway.domain import identity
from gateway.domain.errors import BadUserInput
from gateway.domain.identity import JobRef, TaskRef, VideoRef
from gateway.domain.provider import Verb
from gateway.domain.records import DEFAULT, Provider, Status
from gateway.domain.sources import Whom
from gateway.graph import arguments, filters
from gateway.graph.prices import CALLS_PER_TASK, KEYS_PER_CALL, Origin
from gateway.listing.merge import most_pages
from gateway.listing.plan import plan

_MOST_PER_PAGE = 50  # of providerTasks
_ROOT = ""

Selections = Sequence[SelectionSetNode]


def estimate(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any],
    sources: Sequence[Whom] = (),
) -> int:
    """Return how many provider calls an operation of a valid document could take of all known sources."""
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and operation_name in {
            None,
            node.name and node.name.value,
        }:
            defaults = {
                variable.variable.name.value: value_from_ast_untyped(variable.default_value)
                for variable in node.variable_definitions or ()
                if variable.default_value is not None
            }
            return _Estimate(schema, fragments, {**defaults, **variables}, sources).of(node)
    return 0


class _Estimate:
    """One operation's.

    Args:
        schema: Knows the types of fields.
        fragments: The document's.
        variables: As the client sent them: those that are no good will be refused, and cost nothing.
        sources: All that can be asked.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: dict[str, Any],
        sources: Sequence[Whom],
    ) -> None:
        self._schema = schema
        self._sources = sources
        self._fragments = fragments
        self._variables = variables
        # Keys by what is asked and where: those that are asked for at one place travel together.
        self._keys: Counter[tuple[Verb, str]] = Counter()

    def of(self, operation: OperationDefinitionNode) -> int:
        """Return the calls."""
        root = self._schema.get_root_type(operation.operation)
        rules = _WATCHED if operation.operation is OperationType.SUBSCRIPTION else _RULES
        for _, key, name, nodes in self._fields(root.name if root else "", [operation.selection_set]):
            rule = rules.get(name)
            if rule is not None:
                rule(self, self._arguments(nodes[0]), _below(nodes), key)
        return sum(-(-count // KEYS_PER_CALL.get(verb, 1)) for (verb, _), count in self._keys.items())

    def found(self, refs: Sequence[identity.Ref], below: Selections, place: str) -> None:
        """Objects by their global ids, or as a router names them."""
        for source in dict.fromkeys(ref.source for ref in refs):
            at = _at(source)
            self._found([ref for ref in refs if ref.source == source], below, place + at, _ROOT + at)

    def _found(self, refs: Sequence[identity.Ref], below: Selections, place: str, root: str) -> None:
        videos = [ref for ref in refs if isinstance(ref, VideoRef)]
        tasks = [ref for ref in refs if isinstance(ref, TaskRef)]
        jobs = [ref for ref in refs if isinstance(ref, JobRef)]
        by_summary = [ref for ref in tasks if ref.provider_id is None]
        of_tasks = [ref.task for ref in jobs if ref.task is not None]
        latest = len(videos) + sum(ref.provider_id is None for ref in [*tasks, *of_tasks])
        self._keys[Verb.LATEST_BY_VIDEO, root] += latest
        self._keys[Verb.TASK_BY_ID, place] += len(tasks)
        self._keys[Verb.TASK_BY_ID, place] += sum(1 if ref.provider_id else 2 for ref in of_tasks)
        self._keys[Verb.JOBS_BY_ID, root] += len(jobs) - len(of_tasks)
        self.videos(len(videos), below, place, loaded=True)
        self.tasks(len(by_summary), below, place, Origin.FOUND)
        self.tasks(len(tasks) - len(by_summary), below, place, Origin.WHOLE)

    def videos(self, count: int, below: Selections, place: str, *, loaded: bool) -> None:
        """Videos, looked up already or named only."""
        if not count:
            return
        for type_, key, name, nodes in self._fields("Video", below):
            here = f"{place}.{key}"
            if type_ == "Video" and name == "latestTask":
                self._keys[Verb.LATEST_BY_VIDEO, here] += 0 if loaded else count
                self.tasks(count, _below(nodes), here, Origin.SUMMARY)
            elif type_ == "Video" and name == "tasks":
                size = _size(self._arguments(nodes[0]).get("first"), filters.MOST, filters.DEFAULT)
                self._keys[Verb.TASKS_OF_VIDEO, here] += count if size else 0
                self.connection(count * size, _below(nodes), here, Origin.LISTED)

    def tasks(self, count: int, below: Selections, place: str, origin: Origin) -> None:
        """Tasks, and what is asked about each."""
        if not count:
            return
        prices = CALLS_PER_TASK[origin]
        dearest = max((prices.get(name, 0) for name in self._reached("Task", below)), default=0)
        self._keys[Verb.TASK_BY_ID, place] += count * dearest
        for type_, key, name, nodes in self._fields("Task", below):
            if type_ == "Task" and name == "video":
                self.videos(count, _below(nodes), f"{place}.{key}", loaded=False)

    def connection(self, count: int, below: Selections, place: str, origin: Origin) -> None:
        """Tasks in a list, reached as nodes and through edges."""
        of_tasks: list[SelectionSetNode] = []
        for _, _, name, nodes in self._fields("TaskConnection", below):
            if name == "nodes":
                of_tasks += _below(nodes)
            elif name == "edges":
                for _, _, inner, edges in self._fields("TaskEdge", _below(nodes)):
                    of_tasks += _below(edges) if inner == "node" else []
        self.tasks(count, of_tasks, place, origin)

    def merged(self, given: Mapping[str, Any], below: Selections, place: str) -> None:
        """Tasks of all providers."""
        size = _size(given.get("first"), filters.MOST, filters.DEFAULT)
        asked = given.get("filter") or {}
        try:
            routes = plan(
                filters.criteria(
                    providers=_listed(asked.get("providers"), Provider),
                    sources=_listed(asked.get("sources"), str),
                    statuses=_listed(asked.get("statuses"), Status),
                    video_ids=_listed(asked.get("videoIds"), str),
                    template_id=asked.get("templateId"),
                ),
                self._sources,
            ).routes
        except (BadUserInput, ValueError, TypeError, AttributeError):
            return
        if not size:
            return
        self._keys[Verb.TASKS_IN_WINDOW, place] += sum(most_pages(route, size) for route in routes)
        whole = all(route.provider is Provider.VISIONULAR for route in routes)
        self.connection(size if routes else 0, below, place, Origin.WHOLE if whole else Origin.LISTED)

    def listed(self, given: Mapping[str, Any], below: Selections, place: str) -> None:
        """A page of one provider's own listing."""
        size = _size(given.get("pageSize"), _MOST_PER_PAGE, filters.DEFAULT)
        self._keys[Verb.TASKS_IN_WINDOW, place] += 1 if size else 0
        origin = Origin.WHOLE if given.get("provider") == Provider.VISIONULAR else Origin.LISTED
        for _, _, name, nodes in self._fields("TaskPage", below):
            if name == "tasks":
                self.tasks(size, _below(nodes), place, origin)

    def looked_up(self, ids: Iterable[Any], below: Selections, place: str, source: Any = None) -> None:
        """Videos by id."""
        named = {id for id in ids if isinstance(id, str)}
        of = Counter(_source_of(id, source) for id in named)
        for name, count in of.items():
            self._keys[Verb.LATEST_BY_VIDEO, _ROOT + _at(name)] += count
        self.videos(len(named), below, place, loaded=True)

    def within(self, type_: str, field: str, below: Selections) -> list[SelectionSetNode]:
        """Return what is selected below a field of a type."""
        found = [nodes for _, _, name, nodes in self._fields(type_, below) if name == field]
        return [selections for nodes in found for selections in _below(nodes)]

    def by_provider(self, verb: Verb, given: Mapping[str, Any], below: Selections, place: str) -> None:
        """A task, or a job, by the provider's id."""
        root = _ROOT + _at(given.get("source") or DEFAULT)
        self._keys[verb, root if verb in KEYS_PER_CALL else place] += 1
        if verb is Verb.TASK_BY_ID:
            self.tasks(1, below, place, Origin.WHOLE)

    def _reached(self, type_: str, below: Selections) -> Iterator[str]:
        """Yield all fields of a task and what it holds, its video aside."""
        for owner, _, name, nodes in self._fields(type_, below):
            yield f"{owner}.{name}"
            inner = getattr(self._schema.get_type(owner), "fields", {}).get(name)
            if inner is not None and name != "video":
                yield from self._reached(get_named_type(inner.type).name, _below(nodes))

    def _fields(self, type_: str, below: Selections) -> list[tuple[str, str, str, list[FieldNode]]]:
        """Return type, response key, name and nodes of what is selected, as execution merges it."""
        merged: dict[tuple[str, str], list[FieldNode]] = {}
        for selections in below:
            self._collect(type_, selections, merged)
        return [(owner, key, nodes[0].name.value, nodes) for (owner, key), nodes in merged.items()]

    def _collect(
        self, type_: str, selections: SelectionSetNode, merged: dict[tuple[str, str], list[FieldNode]]
    ) -> None:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                key = (node.alias or node.name).value
                merged.setdefault((type_, key), []).append(node)
                continue
            fragment: Any = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            on = fragment.type_condition.name.value if fragment.type_condition else type_
            # A condition on an interface says nothing new about an object; one on an object does.
            inner = type_ if is_abstract_type(self._schema.get_type(on)) else on
            self._collect(inner, fragment.selection_set, merged)

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            given = self._arguments(directive).get("if")
            if (directive.name.value, given) in {("skip", True), ("include", False)}:
                return False
        return True

    def _arguments(self, node: Any) -> dict[str, Any]:
        return {
            argument.name.value: value_from_ast_untyped(argument.value, self._variables)
            for argument in node.arguments or ()
        }


Rule = Callable[[_Estimate, dict[str, Any], Selections, str], None]

_RULES: Mapping[str, Rule] = {
    "video": lambda one, given, below, at: one.looked_up([given.get("id")], below, at, given.get("source")),
    "videos": lambda one, given, below, at: one.looked_up(
        _ids(given.get("ids")), below, at, given.get("source")
    ),
    "node": lambda one, given, below, at: one.found(_refs([given.get("id")]), below, at),
    "nodes": lambda one, given, below, at: one.found(_refs(_ids(given.get("ids"))), below, at),
    "task": lambda one, given, below, at: one.found(_refs([given.get("id")]), below, at),
    "job": lambda one, given, below, at: one.found(_refs([given.get("id")]), below, at),
    "_entities": lambda one, given, below, at: one.found(_named(given.get("representations")), below, at),
    "providerTask": lambda one, given, below, at: one.by_provider(Verb.TASK_BY_ID, given, below, at),
    "providerJob": lambda one, given, below, at: one.by_provider(Verb.JOBS_BY_ID, given, below, at),
    "providerTasks": lambda one, given, below, at: one.listed(given, below, at),
    "tasks": lambda one, given, below, at: one.merged(given, below, at),
}
"""Root fields that ask providers."""

_WATCHED: Mapping[str, Rule] = {
    "videos": lambda one, given, below, at: one.looked_up(
        _ids(given.get("ids")), one.within("VideoProgress", "video", below), at
    ),
    "tasks": lambda one, given, below, at: one.found(
        _refs(_ids(given.get("ids"))), one.within("TaskProgress", "task", below), at
    ),
}
"""Root fields of subscriptions: the first look at what is watched, and what a message asks besides."""


def _at(source: Any) -> str:
    """Return what sets the calls of an account apart: two share none."""
    return "" if source == DEFAULT else f"/{source}"


def _source_of(video_id: str, source: Any) -> str:
    with suppress(BadUserInput):
        return arguments.video(video_id, "id", source if isinstance(source, str) else None).source
    return DEFAULT  # it will be refused


def _below(nodes: Iterable[FieldNode]) -> list[SelectionSetNode]:
    return [node.selection_set for node in nodes if node.selection_set is not None]


def _ids(value: Any) -> list[Any]:
    listed = value if isinstance(value, list) else [value]
    return listed if len(listed) <= arguments.MAX_IDS else []


def _refs(ids: Iterable[Any]) -> list[identity.Ref]:
    return list(_good(identity.decode, (id for id in ids if isinstance(id, str))))


def _named(value: Any) -> list[identity.Ref]:
    return list(_good(arguments.reference, value if isinstance(value, list) else [value]))


def _good(read: Callable[[Any], identity.Ref], values: Iterable[Any]) -> Iterator[identity.Ref]:
    for value in values:
        with suppress(BadUserInput):
            yield read(value)


def _size(value: Any, most: int, usual: int) -> int:
    """Return the length of a page; 0 for one that will be refused."""
    size = value if isinstance(value, int) else usual
    return size if 1 <= size <= most else 0


def _listed(value: Any, kind: Callable[[Any], Any]) -> list[Any] | None:
    if value is None:
        return None
    return [kind(one) for one in (value if isinstance(value, list) else [value])]
