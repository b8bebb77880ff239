"""The engine: what it refuses, and how trouble below it looks above."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import msgspec
import pytest
from graphql import OperationType

from gateway.domain.errors import Unavailable
from gateway.domain.provider import Verb
from gateway.domain.records import Provider
from gateway.domain.sources import Whom
from gateway.graph.engine import Engine
from gateway.graph.requests import Request
from gateway.upstream.status import LaneStatus


class _Broken:
    """An upstream whose every answer is the same exception."""

    sources: Sequence[Whom] = ()

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def load_many(
        self, provider: Whom, verb: Verb, keys: Sequence[Hashable], **_: Any
    ) -> Sequence[Any]:
        return [self.error] * len(keys)

    def peek_many(
        self, provider: Whom, verb: Verb, keys: Iterable[Hashable], *, max_age: float | None = None
    ) -> None:
        """Have nothing at hand."""

    def fresh_for(self, provider: Whom, verb: Verb, keys: Iterable[Hashable]) -> float:
        """Know nothing that is."""
        return 0.0

    def status(self) -> Sequence[LaneStatus]:
        return []


def _engine(error: BaseException | None = None) -> Engine:
    return Engine(_Broken(error or RuntimeError("dsn=secret")), request_timeout=5)


async def _errors(engine: Engine, query: str, **parts: Any) -> list[dict[str, Any]]:
    errors: list[dict[str, Any]] = (await engine.execute(Request(query=query, **parts))).body["errors"]
    return errors


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("query A { __typename } query B { __typename }", None, "OPERATION_RESOLUTION_FAILURE"),
        ("query A { __typename }", "B", "OPERATION_RESOLUTION_FAILURE"),
        ("fragment A on Query { __typename }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { a: __typename @include(if: $n) }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query($p: Provider!) { providerTasks(provider: $p) { nextPage } }", None, "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_executed_is_not(query: str, name: str | None, code: str) -> None:
    """A request that means no one operation, or lacks a variable, is refused with a code and without data."""
    answer = await _engine().execute(Request(query=query, operation_name=name))
    assert not answer.executed
    assert "data" not in answer.body
    assert answer.body["errors"][0]["extensions"]["code"] == code


async def test_several_wrong_variables_are_few_errors() -> None:
    """However wrong the variables, the answer stays small."""
    errors = await _errors(
        _engine(), "query($ids: [ID!]!) { videos(ids: $ids) { id } }", variables={"ids": [{}] * 50}
    )
    assert len(errors) <= 11
    assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}


async def test_a_named_operation_is_the_one_executed() -> None:
    """The operation that operationName names is executed."""
    query = "query A { a: __typename } query B { b: __typename }"
    answer = await _engine().execute(Request(query=query, operation_name="B"))
    assert msgspec.to_builtins(answer.body["data"]) == {"b": "Query"}


async def test_unexpected_errors_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    """A client gets a reference; the operator finds the error under it; the text goes nowhere else."""
    with caplog.at_level(logging.ERROR):
        [error] = await _errors(_engine(), '{ video(id: "a") { id } }')
    assert error["extensions"]["code"] == "INTERNAL"
    assert "secret" not in str(error)
    assert error["extensions"]["reference"] in caplog.text
    assert "secret" in caplog.text


async def test_a_providers_trouble_is_coded_and_scoped() -> None:
    """The error names provider, operation and request; the fields beside it are answered."""
    unavailable = Unavailable(
        "VOD does not answer.",
        provider=Provider.VOD,
        operation="GetTranscodeSummary",
        request_id="R",
        provider_code="InternalError",
        retry_after=0.5,
    )
    answer = await _engine(unavailable).execute(Request(query='{ video(id: "a") { id } __typename }'))
    assert answer.executed
    assert msgspec.to_builtins(answer.body["data"]) == {"video": None, "__typename": "Query"}
    [error] = answer.body["errors"]
    assert error["path"] == ["video"]
    assert error["extensions"] == {
        "code": "UPSTREAM_UNAVAILABLE",
        "retryable": True,
        "provider": "VOD",
        "retryAfterMs": 500,
        "operation": "GetTranscodeSummary",
        "providerRequestId": "R",
        "providerCode": "InternalError",
    }


async def test_errors_are_few() -> None:
    """Fifty videos of a provider that is down are ten errors."""
    ids = [f"v{n}" for n in range(50)]
    down = Unavailable("VOD does not answer.", provider=Provider.VOD, operation="GetTranscodeSummary")
    errors = await _errors(
        _engine(down), "query($ids: [ID!]!) { videos(ids: $ids) { id } }", variables={"ids": ids}
    )
    assert len(errors) == 10


def test_the_type_of_an_operation_is_told_before_it_runs() -> None:
    """GET may carry queries only, and the engine knows which they are."""
    engine = _engine()
    assert engine.operation_type(Request(query="{ __typename }")) is OperationType.QUERY
    assert engine.operation_type(Request(query="mutation { a }")) is OperationType.MUTATION
    assert engine.operation_type(Request(query="query A { a } mutation B { a }", operation_name="B")) is (
        OperationType.MUTATION
    )
    assert engine.operation_type(Request(query="{")) is None
