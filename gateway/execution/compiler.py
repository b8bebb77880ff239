"""The compiler: from a validated document to a plan.

It walks the operation once, in the shape of the answer, and makes a `Selection` for every object type that an
answer can hold at each place, of `Field` objects that know how to resolve and to complete themselves. No
source text is generated: a plan is ordinary objects that call each other.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLLeafType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)

from gateway.execution.arguments import arguments
from gateway.execution.collect import CannotCompile, Collector, conditions_of, operation_of
from gateway.execution.completion import Leaves, Objects
from gateway.execution.fields import Field, nonnull_of
from gateway.execution.fragments import Fragments
from gateway.execution.plan import NotCompilable, Plan
from gateway.execution.resolvers import Resolution, Typename, resolution
from gateway.execution.routes import Fork, OneWay
from gateway.execution.run import Scene
from gateway.execution.selection import Selection
from gateway.execution.traits import Traits
from gateway.execution.values import leaf
from gateway.execution.variables import Complaints, Variables

_MAX_ERRORS = 50
"""As many complaints about variables as graphql-core makes."""


class Compiler:
    """Makes plans for the operations of one schema.

    Args:
        schema: A valid schema.
        traits: What is special about its values.
        max_coercion_errors: How many complaints about variables a client gets.
        hide_suggestions: Whether they leave out what the client may have meant.
        fragment_bytes: What encoded parts of answers may take; see `gateway.execution.fragments`.

    Attributes:
        refused: How many operations could not be compiled, by reason.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        traits: Traits | None = None,
        *,
        max_coercion_errors: int = _MAX_ERRORS,
        hide_suggestions: bool = False,
        fragment_bytes: int = 0,
    ) -> None:
        self._schema = schema
        self._traits = traits or Traits()
        self._complaints = Complaints(most=max_coercion_errors, hide_suggestions=hide_suggestions)
        self._fragments = Fragments(fragment_bytes) if fragment_bytes else None
        self._leaves: dict[tuple[str, tuple[bool, ...]], Leaves] = {}
        self._awaits_types = any(map(_awaits_types, schema.type_map.values()))
        self.refused: Counter[str] = Counter()

    def compile(self, document: DocumentNode, operation_name: str | None = None) -> Plan | NotCompilable:
        """Return the plan of an operation, or why there is none.

        Args:
            document: Validated against the schema.
            operation_name: Which of its operations; None for the only one.
        """
        try:
            return self._plan(document, operation_name)
        except CannotCompile as unable:
            reason = unable.reason
        except RecursionError:
            reason = "nested too deeply"
        self.refused[reason] += 1
        return NotCompilable(self._schema, document, operation_name, self._complaints, reason)

    def _plan(self, document: DocumentNode, operation_name: str | None) -> Plan:
        if self._awaits_types:
            raise CannotCompile("types that are told asynchronously")
        operation = operation_of(document, operation_name)
        fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        conditions = conditions_of(operation, fragments)
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            raise CannotCompile("no such root type")

        def variant(decided: Mapping[str, Any]) -> Selection:
            collector = Collector(self._schema, fragments, decided)
            fields = collector.fields(root, [operation.selection_set])
            if operation.operation is OperationType.MUTATION and len(fields) > 1:
                raise CannotCompile("several mutations")
            selection = self._selection(collector, root, fields)
            if self._fragments is not None:
                selection.keep(self._fragments)
            return selection

        plan = Plan(
            scene=Scene(self._schema, operation, fragments, self._traits.viewer),
            variables=Variables(self._schema, operation.variable_definitions or (), self._complaints),
            conditions=conditions,
            variant=variant,
            interpreter=NotCompilable(
                self._schema, document, operation_name, self._complaints, "a condition without a value"
            ),
        )
        if not conditions:
            plan.prepare()
        return plan

    def _selection(
        self,
        collector: Collector,
        type_: GraphQLObjectType,
        grouped: Mapping[str, Sequence[FieldNode]],
    ) -> Selection:
        fields: list[Field] = []
        for key, nodes in grouped.items():
            definition = self._schema.get_field(type_, nodes[0].name.value)
            if definition is None:
                raise CannotCompile("an unknown field")
            if nodes[0].name.value == "__typename":
                how = Resolution(source=Typename(), steady=True)
            else:
                how = resolution(self._schema, definition, arguments(definition, nodes[0]), self._traits)
            completion = self._completion(collector, definition, nodes)
            routes = completion.routes
            fields.append(
                Field(
                    key=key,
                    order=len(fields),
                    nodes=list(nodes),
                    parent_type=type_,
                    definition=definition,
                    completion=completion,
                    source=how.source,
                    attribute=how.attribute,
                    usual=how.usual,
                    steady=how.steady and (routes is None or routes.steady),
                )
            )
        return Selection(fields, self._traits)

    def _completion(
        self, collector: Collector, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> Leaves | Objects:
        type_ = get_named_type(definition.type)
        if is_leaf_type(type_):
            return self._leaves_of(type_, nonnull_of(definition.type))
        selection_sets = [node.selection_set for node in nodes if node.selection_set]

        def selection_for(one: GraphQLObjectType) -> Selection:
            return self._selection(collector, one, collector.fields(one, selection_sets))

        if is_object_type(type_):
            return Objects(OneWay(type_, selection_for(type_), self._traits))
        assert is_abstract_type(type_)  # noqa: S101 - there is nothing else that a field can be of
        return Objects(Fork(self._schema, type_, selection_for, self._traits))

    def _leaves_of(self, type_: GraphQLLeafType, nonnull: tuple[bool, ...]) -> Leaves:
        known = self._leaves.get((type_.name, nonnull))
        if known is None:
            known = self._leaves[type_.name, nonnull] = Leaves(leaf(type_, self._traits), nonnull)
        return known


def _awaits_types(type_: GraphQLNamedType) -> bool:
    tells = getattr(type_, "is_type_of", None) or getattr(type_, "resolve_type", None)
    return inspect.iscoroutinefunction(tells)
