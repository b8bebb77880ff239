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
from typing import Any, TypeVar

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
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
from gateway.graph.selections import Selections
from gateway.listing.merge import most_pages
from gateway.listing.plan import plan

_MOST_PER_PAGE = 50  # of providerTasks
_ROOT = ""

T = TypeVar("T")

Below = Sequence[SelectionSetNode]


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
            # Variables that are no good will be refused, and cost nothing.
            selections = Selections(schema, fragments, {**defaults, **variables})
            root = schema.get_root_type(node.operation)
            return _Estimate(selections, sources).of(root.name if root else "", node)
    return 0


class _Estimate:
    """One operation's.

    Args:
        selections: Reads its document.
        sources: All that can be asked.
    """

    def __init__(self, selections: Selections, sources: Sequence[Whom]) -> None:
        self._selections = selections
        self._sources = sources
        # Keys by what is asked and where: those that are asked for at one place travel together.
        self._keys: Counter[tuple[Verb, str]] = Counter()

    def of(self, root: str, operation: OperationDefinitionNode) -> int:
        """Return the calls."""
        rules = _WATCHED if operation.operation is OperationType.SUBSCRIPTION else _RULES
        for field in self._selections.fields(root, [operation.selection_set]):
            rule = rules.get(field.name)
            if rule is not None:
                rule(self, self._selections.arguments(field), field.below, field.key)
        return sum(-(-count // KEYS_PER_CALL.get(verb, 1)) for (verb, _), count in self._keys.items())

    def found(self, refs: Sequence[identity.Ref], below: Below, place: str) -> None:
        """Objects by their global ids, or as a router names them."""
        for source in dict.fromkeys(ref.source for ref in refs):
            at = _at(source)
            self._found([ref for ref in refs if ref.source == source], below, place + at, _ROOT + at)

    def _found(self, refs: Sequence[identity.Ref], below: Below, place: str, root: str) -> None:
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

    def videos(self, count: int, below: Below, place: str, *, loaded: bool) -> None:
        """Videos, looked up already or named only."""
        if not count:
            return
        for field in self._selections.fields("Video", below):
            here = f"{place}.{field.key}"
            if field.type == "Video" and field.name == "latestTask":
                self._keys[Verb.LATEST_BY_VIDEO, here] += 0 if loaded else count
                self.tasks(count, field.below, here, Origin.SUMMARY)
            elif field.type == "Video" and field.name == "tasks":
                given = self._selections.arguments(field)
                size = _size(given.get("first"), filters.MOST, filters.DEFAULT)
                self._keys[Verb.TASKS_OF_VIDEO, here] += count if size else 0
                self.connection(count * size, field.below, here, Origin.LISTED)

    def tasks(self, count: int, below: Below, place: str, origin: Origin) -> None:
        """Tasks, and what is asked about each."""
        if not count:
            return
        prices = CALLS_PER_TASK[origin]
        reached = self._selections.reached("Task", below, but="video")
        dearest = max((prices.get(name, 0) for name in reached), default=0)
        self._keys[Verb.TASK_BY_ID, place] += count * dearest
        for field in self._selections.fields("Task", below):
            if field.type == "Task" and field.name == "video":
                self.videos(count, field.below, f"{place}.{field.key}", loaded=False)

    def connection(self, count: int, below: Below, place: str, origin: Origin) -> None:
        """Tasks in a list, reached as nodes and through edges."""
        edges = self._selections.within("TaskConnection", "edges", below)
        of_tasks = [
            *self._selections.within("TaskConnection", "nodes", below),
            *self._selections.within("TaskEdge", "node", edges),
        ]
        self.tasks(count, of_tasks, place, origin)

    def merged(self, given: Mapping[str, Any], below: Below, place: str) -> None:
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

    def listed(self, given: Mapping[str, Any], below: Below, place: str) -> None:
        """A page of one provider's own listing."""
        size = _size(given.get("pageSize"), _MOST_PER_PAGE, filters.DEFAULT)
        self._keys[Verb.TASKS_IN_WINDOW, place] += 1 if size else 0
        origin = Origin.WHOLE if given.get("provider") == Provider.VISIONULAR else Origin.LISTED
        for field in self._selections.fields("TaskPage", below):
            if field.name == "tasks":
                self.tasks(size, field.below, place, origin)

    def looked_up(self, ids: Iterable[Any], below: Below, place: str, source: Any = None) -> None:
        """Videos by id."""
        named = set(_texts(ids))
        of = Counter(_source_of(id, source) for id in named)
        for name, count in of.items():
            self._keys[Verb.LATEST_BY_VIDEO, _ROOT + _at(name)] += count
        self.videos(len(named), below, place, loaded=True)

    def within(self, type_: str, name: str, below: Below) -> Below:
        """See `Selections`."""
        return self._selections.within(type_, name, below)

    def by_provider(self, verb: Verb, given: Mapping[str, Any], below: Below, place: str) -> None:
        """A task, or a job, by the provider's id."""
        root = _ROOT + _at(given.get("source") or DEFAULT)
        self._keys[verb, root if verb in KEYS_PER_CALL else place] += 1
        if verb is Verb.TASK_BY_ID:
            self.tasks(1, below, place, Origin.WHOLE)


Rule = Callable[[_Estimate, dict[str, Any], Below, str], None]

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


def _ids(value: Any) -> list[Any]:
    listed = value if isinstance(value, list) else [value]
    return listed if len(listed) <= arguments.MAX_IDS else []


def _texts(ids: Iterable[Any]) -> Iterator[str]:
    """Yield ids as execution takes them, for which numbers will do."""
    return _good(GraphQLID.parse_value, ids)


def _refs(ids: Iterable[Any]) -> list[identity.Ref]:
    return list(_good(identity.decode, _texts(ids)))


def _named(value: Any) -> list[identity.Ref]:
    return list(_good(arguments.reference, value if isinstance(value, list) else [value]))


def _good(read: Callable[[Any], T], values: Iterable[Any]) -> Iterator[T]:
    for value in values:
        with suppress(BadUserInput, GraphQLError):
            yield read(value)


def _size(value: Any, most: int, usual: int) -> int:
    """Return the length of a page; 0 for one that will be refused."""
    size = next(_good(GraphQLInt.parse_value, [value]), usual)
    return size if 1 <= size <= most else 0


def _listed(value: Any, kind: Callable[[Any], Any]) -> list[Any] | None:
    if value is None:
        return None
    return [kind(one) for one in (value if isinstance(value, list) else [value])]
