"""Clients from PyPI."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport

from tests.clients.conftest import ROOT, run
from tests.conftest import Sandbox
from tests.web.conftest import need

ARIADNE = ROOT / ".venv" / "clients" / "bin" / "ariadne-codegen"

QUERIES = """
query Videos($ids: [ID!]!) {
  videos(ids: $ids) { id videoId latestTask { id status observedAt jobs { status output { fileSize } } } }
}
query Tasks($filter: TaskFilter, $first: Int!, $after: String) {
  tasks(filter: $filter, first: $first, after: $after) {
    edges { node { id provider status createdAt error { code } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""

CONFIG = """
[tool.ariadne-codegen]
schema_path = "schema.graphql"
queries_path = "queries.graphql"
target_package_name = "transcoding"

[tool.ariadne-codegen.scalars.DateTime]
type = "datetime.datetime"

[tool.ariadne-codegen.scalars.BigInt]
type = "int"
"""


async def test_a_generated_client_runs(
    gateway: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ariadne-codegen's typed client reads videos, and pages through tasks with filter and cursor."""
    need(str(ARIADNE) if ARIADNE.exists() else None, "no ariadne-codegen: run `make clients`")
    (tmp_path / "schema.graphql").write_bytes((ROOT / "schema.graphql").read_bytes())
    (tmp_path / "queries.graphql").write_text(QUERIES)
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    run(str(ARIADNE), cwd=tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = importlib.import_module("transcoding")
    try:
        async with made.Client(url=f"{gateway}/graphql") as client:
            ids = [*sandbox.ids("vod", "succeeded", 1), "nosuchvideo"]
            known, unknown = (await client.videos(ids)).videos
            assert unknown is None
            assert known.latest_task.status == made.Status.SUCCEEDED
            assert known.latest_task.observed_at.tzinfo is not None
            assert known.latest_task.jobs[0].output.file_size > 0
            failed = made.TaskFilter(statuses=[made.Status.FAILED])
            first = (await client.tasks(2, filter_=failed)).tasks
            second = (await client.tasks(2, filter_=failed, after=first.page_info.end_cursor)).tasks
            seen = [edge.node for page in (first, second) for edge in page.edges]
            assert len({task.id for task in seen}) == 4
            assert {task.status for task in seen} == {made.Status.FAILED}
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "transcoding"]:
            del sys.modules[name]


async def test_gql_reads_the_schema_and_asks(gateway: str, sandbox: Sandbox) -> None:
    """It checks a query against the schema it fetched, and tells the codes of errors."""
    transport = HTTPXAsyncTransport(url=f"{gateway}/graphql", timeout=20)
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        query = gql("query ($ids: [ID!]!) { videos(ids: $ids) { videoId latestTask { status } } }")
        query.variable_values = {"ids": sandbox.ids("vod", "failed", 1)}
        answer = await session.execute(query)
        assert answer["videos"][0]["latestTask"]["status"] == "FAILED"
        with pytest.raises(TransportQueryError) as caught:
            await session.execute(gql('{ task(id: "nonsense") { id } }'))
        assert caught.value.errors is not None
        assert caught.value.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
