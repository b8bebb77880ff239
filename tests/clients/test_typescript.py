"""Clients and tools from npm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import CLIENTS, ROOT, Node
from tests.conftest import Sandbox

pytestmark = [pytest.mark.node, pytest.mark.timeout(180)]

MODULES = CLIENTS / "node_modules"

PAGE = """
import { graphql } from "react-relay";

export const fragment = graphql`
  fragment page_task on Task @refetchable(queryName: "pageTaskQuery") {
    status progress
    jobs { status output { url } }
  }
`;
export const list = graphql`
  fragment page_tasks on Query
  @refetchable(queryName: "pageTasksQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }, filter: { type: "TaskFilter" }
  ) {
    tasks(first: $count, after: $cursor, filter: $filter) @connection(key: "page_tasks") {
      edges { node { id createdAt ...page_task } }
    }
  }
`;
export const history = graphql`
  fragment page_video on Video @refetchable(queryName: "pageVideoQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, cursor: { type: "String" }) {
    tasks(first: $count, after: $cursor) @connection(key: "page_video_tasks") {
      edges { node { ...page_task } }
    }
  }
`;
export const query = graphql`
  query pageQuery($ids: [ID!]!) {
    ...page_tasks
    videos(ids: $ids) { videoId latestTask { ...page_task } ...page_video }
  }
`;
export const subscription = graphql`
  subscription pageSubscription($ids: [ID!]!) {
    videos(ids: $ids) { video { latestTask { ...page_task } } finished }
  }
`;
"""


@pytest.mark.parametrize("client", ["apollo", "urql"])
def test_what_one_query_learns_all_show(node: Node, gateway: str, sandbox: Sandbox, client: str) -> None:
    """A task that is asked for by itself is new in a list that shows it, since both have the same id."""
    [video] = sandbox.ids("vod", "running", 1)
    told: dict[str, Any] = json.loads(node("cache.mjs", client, f"{gateway}/graphql", video))
    before, after = (told[when]["videos"][0] for when in ("before", "after"))
    assert after["latestTask"]["id"] == before["latestTask"]["id"]
    assert after["latestTask"]["observedAt"] > before["latestTask"]["observedAt"]
    assert after["latestTask"]["jobs"]
    assert told["requests"] == ["List", "One"]
    assert told["complaints"] == []


def test_relay_accepts_the_schema(node: Node, tmp_path: Path) -> None:
    """Its compiler finds ids to refetch by and connections to page through."""
    (tmp_path / "page.ts").write_text(PAGE)
    (tmp_path / "made").mkdir()
    (tmp_path / "schema.graphql").write_bytes((ROOT / "schema.graphql").read_bytes())
    config = {
        "src": ".",
        "schema": "schema.graphql",
        "language": "typescript",
        "artifactDirectory": "made",
        "customScalarTypes": {"BigInt": "number", "DateTime": "string"},
    }
    (tmp_path / "relay.config.json").write_text(json.dumps(config))
    node(str(MODULES / "relay-compiler" / "cli.js"), "relay.config.json", cwd=tmp_path)
    made = {file.name for file in (tmp_path / "made").iterdir()}
    assert made >= {
        f"{name}.graphql.ts"
        for name in ("pageQuery", "pageTaskQuery", "pageTasksQuery", "pageVideoQuery", "pageSubscription")
    }


def test_the_schema_is_free_of_lint(node: Node) -> None:
    """graphql-eslint finds nothing: names, descriptions, ids to cache by, Relay's connections."""
    linter = str(MODULES / "eslint" / "bin" / "eslint.js")
    config = "tests/clients/eslint.config.mjs"
    node(linter, "--max-warnings=0", "--config", config, "schema.graphql", cwd=ROOT)
