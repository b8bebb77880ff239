"""Compiled against interpreted: the same answers, the same errors, the same questions to the providers."""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import os
import warnings
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, parse, validate
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from gateway.access.principal import INSIDE, Principal
from gateway.access.scopes import Scope
from gateway.domain import identity
from gateway.domain.errors import GatewayError
from gateway.execution import Compiler, Plan, Traits
from gateway.graph.context import Context
from gateway.graph.schema import schema
from gateway.loaders import Loaders
from gateway.web.samples import samples
from tests.execution.documents import Request, requests
from tests.execution.world import GLOBAL_IDS, START, TRAITS, VIDEO_IDS, Upstream

CORE = schema._schema
NOW = START + timedelta(days=1)
TRUSTING = Compiler(CORE, TRAITS)
CAUTIOUS = Compiler(CORE, Traits())
KEEPING = Compiler(CORE, TRAITS, fragment_bytes=1_000_000)
BLIND = Principal(name="blind", scopes=frozenset(Scope) - {Scope.URLS})

EXAMPLES = 4000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 100
COMPARED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
NIGHTLY = pytest.mark.timeout(3600 if EXAMPLES > 1000 else 300)


def value(random: Random, field: str, name: str, type_: str) -> Any:
    """Return a value for an argument of the graph."""
    chosen: Sequence[Any]
    match type_, name:
        case "ID", _ if random.randrange(30) == 0:
            chosen = ["nonsense", "a,b", *GLOBAL_IDS]
        case "ID", _ if field in {"node", "nodes"}:
            chosen = GLOBAL_IDS
        case "ID", _ if field in {"task", "job"}:
            chosen = [
                one for one in GLOBAL_IDS if type(identity.decode(one)).__name__ == f"{field.title()}Ref"
            ]
        case "ID", "id" if field.startswith("provider"):
            chosen = ["i1", "i2", "t-v1", "j1"]
        case "ID", _:
            chosen = VIDEO_IDS
        case "Float", _:
            chosen = [0, 1.5, 60, -1]
        case "Int", _:
            chosen = [1, 20, 50, 51]
        case "DateTime", "createdAfter":
            chosen = ["2026-01-01T00:00:00Z"]
        case "DateTime", _:
            chosen = ["2026-01-02T00:00:00+02:00", "2026-01-03T00:00:00.5Z"]
        case _:
            chosen = ["more", ""]
    return random.choice(chosen)


_load = Loaders._load


async def shielded(*arguments: Any) -> Any:
    """Load as loaders do, but so that a waiter who gives up does so alone.

    Where a null takes an object with it, graphql-core cancels what the object's other fields wait for, and
    with that whoever else waits for the same record. A plan cancels nothing.
    """
    loading = asyncio.ensure_future(_load(*arguments))
    loading.add_done_callback(
        lambda done: done.cancelled() or done.exception()
    )  # nobody may be left to hear it
    return await asyncio.shield(loading)


class Outcome:
    """An answer in a form that can be compared."""

    def __init__(self, data: Any, errors: list[GraphQLError], upstream: Upstream) -> None:
        self.data = json.loads(msgspec.json.encode(data))
        assert upstream.sound
        self.asked = upstream.asked
        self.exact: set[tuple[Any, ...]] = set()
        self.swallowed: set[tuple[Any, ...]] = set()
        """Places nulled by an error beneath them."""
        self.mistaken = any(not isinstance(error.original_error, GatewayError) for error in errors)
        """Whether something failed that nobody foresaw: who gathers look-ups then awaits no more of them."""
        for error in errors:
            nulled = self._nulled(error.path or [])
            if nulled == tuple(error.path or ()):
                self.exact.add((nulled, error.message, _code(error), _places(error)))
            else:
                self.swallowed.add(nulled)

    def _nulled(self, path: list[str | int]) -> tuple[str | int, ...]:
        value = self.data
        for depth, key in enumerate(path):
            if value is None:
                return tuple(path[:depth])
            value = value[key]
        return tuple(path)


def _code(error: GraphQLError) -> Any:
    original = error.original_error
    return original.code if isinstance(original, GatewayError) else type(original)


def _places(error: GraphQLError) -> tuple[Any, ...]:
    return tuple((at.line, at.column) for at in error.locations or ())


async def interpreted(
    document: DocumentNode, variables: dict[str, Any], upstream: Upstream, principal: Principal
) -> Outcome:
    """Return what graphql-core answers."""
    with patch.object(Loaders, "_load", shielded), warnings.catch_warnings():
        # Resolvers that graphql-core gives up before they began are never awaited.
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        result = execute(
            CORE, document, context_value=_context(upstream, principal), variable_values=variables
        )
        if inspect.isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        outcome = Outcome(result.data, result.errors or [], upstream)
        if outcome.swallowed:
            gc.collect()
    return outcome


async def compiled(
    compiler: Compiler,
    document: DocumentNode,
    variables: dict[str, Any],
    upstream: Upstream,
    principal: Principal,
) -> Outcome:
    """Return what a plan answers."""
    plan = compiler.compile(document)
    assert isinstance(plan, Plan), plan.reason
    return await planned(plan, variables, upstream, principal)


async def planned(plan: Plan, variables: dict[str, Any], upstream: Upstream, principal: Principal) -> Outcome:
    """Return what a plan answers that was made before."""
    result = await plan.execute(_context(upstream, principal), variables)
    return Outcome(result.data, result.errors, upstream)


def _context(upstream: Upstream, principal: Principal) -> Context:
    return Context(
        loaders=Loaders(upstream, principal=principal),
        request_id="",
        principal=principal,
        now=lambda: NOW,
    )


async def assert_alike(request: Request, seed: int, **kind: Any) -> None:
    """Assert that both executors answer a request in the same way."""
    document = parse(request.document)
    if validate(CORE, document):  # fields that cannot be merged
        reject()
    expected = {
        principal.name: await interpreted(document, request.variables, Upstream(seed, **kind), principal)
        for principal in (INSIDE, BLIND)
    }
    for compiler in (TRUSTING, CAUTIOUS):
        ours = await compiled(compiler, document, request.variables, Upstream(seed, **kind), INSIDE)
        _compare(ours, expected[INSIDE.name])
    # What one may see is kept when it is asked for again, and neither shown to the other nor missing where
    # it was not kept.
    plan = KEEPING.compile(document)
    assert isinstance(plan, Plan)
    memory: dict[Any, Any] = {}
    for principal in (INSIDE, BLIND) * 3:
        upstream = Upstream(seed, **kind, memory=memory)
        _compare(await planned(plan, request.variables, upstream, principal), expected[principal.name])


def _compare(ours: Outcome, theirs: Outcome) -> None:
    assert ours.data == theirs.data
    assert ours.exact == theirs.exact
    # Where an error nulls what surrounds it, which further errors are still found depends on timing.
    assert ours.swallowed == theirs.swallowed
    if not (ours.swallowed or ours.mistaken):
        assert ours.asked == theirs.asked


@NIGHTLY
@COMPARED
@given(request=requests(CORE, value), seed=st.integers(0, 9999))
async def test_answers_are_those_of_graphql_core(request: Request, seed: int) -> None:
    """Data, errors with paths, messages, codes and locations, and the keys asked for are the same."""
    await assert_alike(request, seed)


@NIGHTLY
@COMPARED
@given(request=requests(CORE, value), seed=st.integers(0, 9999))
async def test_answers_agree_when_much_goes_wrong(request: Request, seed: int) -> None:
    """Where every third answer is an error and records lack what they never should, nulls spread alike."""
    await assert_alike(request, seed, trouble=35, spoilt=20)


@pytest.mark.parametrize("sample", samples(VIDEO_IDS), ids=lambda sample: sample.name)
async def test_samples_are_compiled(sample: Any) -> None:
    """The queries that GraphiQL opens with have plans, which answer as graphql-core does."""
    for seed in range(3):
        await assert_alike(Request(sample.query, sample.variables or {}), seed)
