"""Plans: how an operation is executed without interpreting it.

graphql-core walks the document for every answer, and for every field of every object asks again what it is,
who resolves it, what its arguments are, whether something is to be awaited. All but the values is the same
every time. A plan asks those questions once, when a document is first seen, and it works *breadth-first*: not
object by object down to the leaves, but field by field for all objects of a level.

```text
query($ids: [ID!]!) { videos(ids: $ids) { title jobs { status output { width height } } } }

variables   ids: [ID!]!                                     coerced by a function made for their types
                │
selection   Query    videos ─ resolver, called once
                │    [V0 … V9]                              ten objects, handled as columns from here on
selection   Video    title  ─ attribute ─ ten str
                │    jobs   ─ batched, called once with [V0 … V9]
                │    [[J0, J1], [J2], …]                    flattened, counts kept
selection   Job      status ─ attribute ─ forty statuses  read by one attrgetter, checked as columns
                │    output ─ attribute ─ [O0, None, …]     None set aside
selection   Output   width, height ─ 37 int each
                ▲
                └── zipped into msgspec Structs, level by level back up, and encoded once
```

A level waits for its own loads only: two branches beside each other go on independently. What it costs is
that all objects of one field wait for the slowest of them.

What was said of an object that never changes is not said anew; see `fragments`.

Errors are exact: see `faults` for nulls that spread and `places` for paths. What a plan does not know
(introspection, incremental delivery, several mutations in order) makes the operation `NotCompilable`, which
graphql-core then executes; both are executed alike.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import CoroutineType
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, execute
from msgspec import Struct

from gateway.execution.collect import CannotCompile
from gateway.execution.faults import FAILED, reported
from gateway.execution.places import Place
from gateway.execution.run import Run, Scene
from gateway.execution.selection import Selection
from gateway.execution.variables import Complaints, Variables

_MAX_VARIANTS = 32
"""Combinations of the variables that decide what is selected; clients send a few of the many that exist."""


class Result(Struct, frozen=True):
    """What came of an operation.

    Attributes:
        data: For `msgspec.json.encode`, parts of it encoded already; None where an error nulled all of it, or
            it was never executed.
        errors: With their paths, locations and original errors.
        executed: False where it was refused for its variables before any of it ran.
    """

    data: Any
    errors: list[GraphQLError]
    executed: bool = True


def interpreted(result: ExecutionResult) -> Result:
    """Return a result of graphql-core's as ours."""
    errors = result.errors or []
    # Only an error of a request that was not executed has no path.
    refused = result.data is None and bool(errors) and not any(error.path for error in errors)
    return Result(result.data, errors, executed=not refused)


class NotCompilable:
    """An operation that graphql-core executes.

    Args:
        schema: The schema.
        document: Validated.
        operation_name: Which of its operations.
        complaints: How complaints about variables are worded.
        reason: Why there is no plan.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation_name: str | None,
        complaints: Complaints,
        reason: str,
    ) -> None:
        self.reason = reason
        self._schema = schema
        self._document = document
        self._operation_name = operation_name
        self._complaints = complaints

    async def execute(
        self, context: Any, variables: Mapping[str, Any] | None = None, *, root_value: Any = None
    ) -> Result:
        """Execute the operation; see `Plan.execute`."""
        result = execute(
            self._schema,
            self._document,
            root_value,
            context,
            dict(variables or {}),
            self._operation_name,
            max_coercion_errors=self._complaints.most,
            hide_suggestions=self._complaints.hide_suggestions,
        )
        if inspect.isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)  # noqa: S101 - `execute` never delivers incrementally
        return interpreted(result)


class Plan:
    """An operation, compiled.

    Args:
        scene: What its runs share.
        variables: Coerces its variables.
        conditions: Variables that decide what is selected.
        variant: Makes the root selection for a combination of them.
        interpreter: Executes what no variant can.
    """

    def __init__(
        self,
        *,
        scene: Scene,
        variables: Variables,
        conditions: tuple[str, ...],
        variant: Callable[[Mapping[str, Any]], Selection],
        interpreter: NotCompilable,
    ) -> None:
        self._scene = scene
        self._variables = variables
        self._conditions = conditions
        self._make = variant
        self._variants: dict[tuple[Any, ...], Selection] = {}
        self._interpreter = interpreter

    def prepare(self, *values: bool) -> None:
        """Make a variant beforehand.

        Raises:
            CannotCompile: It turns out that there can be none.
        """
        self._variants[values] = self._make(dict(zip(self._conditions, values, strict=True)))

    async def execute(
        self, context: Any, variables: Mapping[str, Any] | None = None, *, root_value: Any = None
    ) -> Result:
        """Execute the operation.

        Args:
            context: The application's own, for its resolvers.
            variables: As the client sent them.
            root_value: The parent of the root fields; the event, for a subscription.
        """
        values = self._variables.coerce(variables or {})
        if isinstance(values, list):
            return Result(None, values, executed=False)
        try:
            selection = self._variant(values.coerced)
        except CannotCompile:
            return await self._interpreter.execute(context, variables, root_value=root_value)
        run = Run(self._scene, context, root_value, values)
        answers = selection.project(run, Place(), [root_value])
        if isinstance(answers, CoroutineType):
            answers = await answers
        [data] = answers  # type: ignore[misc]  # it is no coroutine any more
        if not run.faults:
            return Result(data, [])
        return Result(None if data is FAILED else data, reported(run.faults))

    def _variant(self, coerced: Mapping[str, Any]) -> Selection:
        values: tuple[Any, ...] = ()
        if self._conditions:
            values = tuple(coerced.get(name) for name in self._conditions)
        selection = self._variants.get(values)
        if selection is None:
            if not all(isinstance(value, bool) for value in values):
                raise CannotCompile("a condition without a value")
            if len(self._variants) >= _MAX_VARIANTS:
                self._variants.clear()
            self.prepare(*values)
            selection = self._variants[values]
        return selection
