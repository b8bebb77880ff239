"""Requests that nobody would write: none of them is the gateway's fault.

``FUZZ_EXAMPLES`` says how many of each kind are tried; the default is what a normal run has time for.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from gateway.graph.schema import schema
from tests.security.conftest import Client

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
SLOWEST = 20.0
CODES = {
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "LIMIT_EXCEEDED",
    "NOT_OFFERED",
    "OPERATION_RESOLUTION_FAILURE",
    "PERSISTED_QUERY_NOT_SUPPORTED",
    "PROVIDER_NOT_CONFIGURED",
    "REQUEST_TIMEOUT",
    "UPSTREAM_REJECTED",
}

# The gateway outlives the examples; each is a request of its own.
patient = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever is sent is no surprise."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []


def _check(answer: httpx.Response, began: float) -> None:
    assert answer.status_code < 500, answer.text
    assert time.monotonic() - began < SLOWEST
    content = answer.json()
    for error in content.get("errors", ()):
        assert error["extensions"]["code"] in CODES, error
        assert len(error["message"]) <= 200
    assert len(content.get("errors", ())) <= 10
    assert "errors" in content or "data" in content


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
QUERIES = st.sampled_from(
    [
        "{ __typename }",
        "query A($ids: [ID!]!) { videos(ids: $ids) { id } }",
        "query($n: Int) { tasks(first: $n) { nodes { id } } }",
        "query($f: TaskFilter) { tasks(filter: $f, first: 1) { nodes { id } } }",
        "{",
        "",
    ]
)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "query": QUERIES | VALUES,
        "variables": st.fixed_dictionaries({}, optional={"ids": VALUES, "n": VALUES, "f": VALUES}) | VALUES,
        "operationName": st.sampled_from(["A", "", None]) | VALUES,
        "extensions": st.fixed_dictionaries({"persistedQuery": VALUES}) | VALUES,
        "documentId": VALUES,
    },
)


@patient
@given(request=MEMBERS)
@example(request={"query": "{ __typename }", "variables": {"a": float("nan")}})
@example(request={"query": "query($n: Int) { tasks(first: $n) { nodes { id } } }", "variables": {"n": 1e400}})
def test_no_combination_of_members_breaks_the_gateway(client: Client, request: dict[str, Any]) -> None:
    """Members of any type, present or missing, make a request or a coded refusal."""
    began = time.monotonic()
    content = json.dumps(request).encode("utf-8", "surrogatepass")
    _check(client.post(content), began)


VALID = json.dumps(
    {"query": "query A($ids: [ID!]!) { videos(ids: $ids) { id } }", "variables": {"ids": ["a", "b"]}}
).encode()


@patient
@given(
    at=st.integers(0, len(VALID)),
    cut=st.integers(0, 10),
    put=st.binary(max_size=10)
    | st.sampled_from([b"[" * 5000, b"9" * 5000, b"\\ud800", b"\xff", b"\x00", b'"']),
)
def test_no_damaged_body_breaks_the_gateway(client: Client, at: int, cut: int, put: bytes) -> None:
    """A good request with a few bytes lost or added is answered or refused."""
    began = time.monotonic()
    _check(client.post(VALID[:at] + put + VALID[at + cut :]), began)


@patient
@given(
    query=st.text(alphabet='{}()[]:!$@.#"\\ \n,|&=abcid_0123456789-', max_size=200) | st.text(max_size=100)
)
def test_no_document_breaks_the_gateway(client: Client, query: str) -> None:
    """Any text in place of a document is answered or refused."""
    began = time.monotonic()
    content = json.dumps({"query": query}).encode("utf-8", "surrogatepass")
    _check(client.post(content), began)


schemathesis.graphql.scalar("DateTime", st.datetimes().map(lambda at: nodes.String(f"{at.isoformat()}Z")))
schemathesis.graphql.scalar("BigInt", st.integers().map(nodes.Int))
GRAPH = schemathesis.graphql.from_file(schema.as_str())
FIELDS = sorted(schema._schema.query_type.fields)  # type: ignore[union-attr]


@pytest.mark.parametrize("field", FIELDS)
def test_no_valid_query_breaks_the_gateway(client: Client, field: str) -> None:
    """Queries that Schemathesis makes of the schema are answered or refused, none with a fault of ours."""

    @settings(patient, max_examples=max(1, EXAMPLES // len(FIELDS)))
    @given(case=GRAPH["Query"][field].as_strategy())
    def run(case: Any) -> None:
        began = time.monotonic()
        _check(client.post(json.dumps({"query": case.body}).encode("utf-8", "surrogatepass")), began)

    run()
