"""The subgraph, composed with another by Apollo's own library, and asked what a router asks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from graphql import parse, print_ast

from gateway.app import create_app
from tests.clients.conftest import CLIENTS, ROOT, Node
from tests.conftest import Sandbox
from tests.servers import serving

FILMS = """
{
  films(first: 10) {
    nodes { title video { latestTask { status progress jobs { status output { width } } } } }
  }
}
"""


@pytest.fixture
def subgraph(environment: pytest.MonkeyPatch) -> Iterator[str]:
    """The endpoint of a gateway that is a subgraph."""
    environment.setenv("GATEWAY_SERVER_FEDERATION", "true")
    with serving(create_app()) as url:
        yield f"{url}/graphql"


@pytest.mark.node
@pytest.mark.timeout(180)
def test_a_router_joins_films_and_their_transcoding(
    node: Node, subgraph: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The graphs compose without a word of complaint; what the router plans to ask us costs one call."""
    told = httpx.post(subgraph, json={"query": "{ _service { sdl } }"}, timeout=20).json()
    file = tmp_path / "transcoding.graphql"
    file.write_text(told["data"]["_service"]["sdl"], "utf-8")
    composed = json.loads(node("compose.mjs", FILMS, str(file), "catalogue.graphql"))
    assert composed["errors"] == []
    assert composed["hints"] == []
    catalogue, transcoding = composed["fetches"]
    assert (catalogue["to"], transcoding["to"]) == ("catalogue", "transcoding")
    ids = sandbox.ids("vod", "succeeded", 10)
    body = {
        "query": transcoding["query"],
        "variables": {"representations": [{"__typename": "Video", "videoId": one} for one in ids]},
    }
    answer = httpx.post(subgraph, json=body, timeout=20).json()
    assert "errors" not in answer
    assert all(video["latestTask"]["jobs"] for video in answer["data"]["_entities"])
    assert sandbox.calls() == {"GetTranscodeSummary": 1}


def test_the_catalogue_leads_here_as_readme_shows() -> None:
    """README's example of another graph is the one that is composed."""
    [shown] = [
        block
        for block in re.findall(r"```graphql\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
        if "@key" in block
    ]
    catalogue = {print_ast(node) for node in parse((CLIENTS / "catalogue.graphql").read_text()).definitions}
    assert {print_ast(node) for node in parse(shown).definitions} <= catalogue
