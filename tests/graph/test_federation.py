"""The gateway as a subgraph."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from graphql import DirectiveDefinitionNode, ObjectTypeDefinitionNode, parse, print_ast

from gateway.access.principal import Principal
from gateway.access.scopes import Scope
from gateway.app import create_app
from gateway.domain.identity import TaskRef, VideoRef, encode
from gateway.domain.records import Provider
from gateway.execution import Compiler, Plan
from gateway.graph.cost import estimate
from gateway.graph.engine import Engine
from gateway.graph.federation import sdl, subgraph
from gateway.graph.limits import Limits
from gateway.graph.requests import Request
from gateway.graph.schema import schema
from gateway.graph.traits import TRAITS
from tests.conftest import Sandbox
from tests.graph.upstreams import Counting
from tests.servers import serving

ENTITIES = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Video { videoId latestTask { status jobs { progress } } }
    ... on Task { provider }
    ... on Job { id }
  }
}
"""


@pytest.fixture
def federated(environment: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a gateway that is a subgraph."""
    environment.setenv("GATEWAY_SERVER_FEDERATION", "true")
    with serving(create_app()) as url:
        yield f"{url}/graphql"


def _entities(url: str, *representations: object) -> dict[str, Any]:
    body = {"query": ENTITIES, "variables": {"representations": representations}}
    answer: dict[str, Any] = httpx.post(url, json=body, timeout=20).json()
    return answer


def test_ten_videos_take_one_call(federated: str, sandbox: Sandbox) -> None:
    """What a router asks in one go travels in one call, whichever key it names the videos by."""
    ids = sandbox.ids("vod", "succeeded", 10)
    by_own = [{"__typename": "Video", "videoId": one} for one in ids[:5]]
    by_global = [{"__typename": "Video", "id": encode(VideoRef(video_id=one))} for one in ids[5:]]
    answer = _entities(federated, *by_own, *by_global)
    assert "errors" not in answer
    assert [video["videoId"] for video in answer["data"]["_entities"]] == ids
    assert all(video["latestTask"]["jobs"] for video in answer["data"]["_entities"])
    assert sandbox.calls() == {"GetTranscodeSummary": 1}
    assert answer["extensions"]["cost"]["calls"] == {"requested": 1, "actual": 1}


def test_each_reference_stands_for_itself(federated: str, sandbox: Sandbox) -> None:
    """Tasks and jobs are found; what nobody knows is null, what names nothing an error of its place."""
    [job_id] = sandbox.ids("ims", "running", 1)
    task = encode(TaskRef(provider=Provider.IMS, provider_id=job_id))
    query = {"query": "query ($id: ID!) { task(id: $id) { jobs { id } } }", "variables": {"id": task}}
    job = httpx.post(federated, json=query, timeout=20).json()["data"]["task"]["jobs"][0]["id"]
    answer = _entities(
        federated,
        {"__typename": "Task", "id": task},
        {"__typename": "Job", "id": job},
        {"__typename": "Video", "videoId": "nosuchvideo"},
        {"__typename": "Video", "id": task},
        {"__typename": "Movie", "id": "1"},
        {"id": task},
        7,
    )
    assert answer["data"]["_entities"] == [
        {"__typename": "Task", "provider": "IMS"},
        {"__typename": "Job", "id": job},
        *[None] * 5,
    ]
    assert [error["path"] for error in answer["errors"]] == [["_entities", place] for place in range(3, 7)]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}


def test_lists_of_references_are_bounded(federated: str, sandbox: Sandbox) -> None:
    """A list longer than lists may be is refused before any call."""
    answer = _entities(federated, *[{"__typename": "Video", "videoId": f"v{n}"} for n in range(51)])
    assert "data" not in answer
    told = answer["errors"][0]["extensions"]
    assert (told["code"], told["limit"], told["max"], told["actual"]) == ("BAD_USER_INPUT", "ids", 50, 51)
    assert sandbox.calls() == {}


def test_calls_are_foretold() -> None:
    """Ten videos are one call, whatever key names them; what will be refused costs nothing."""
    named: list[object] = [{"__typename": "Video", "videoId": f"v{n}"} for n in range(10)]
    named += [{"__typename": "Video", "id": encode(VideoRef(video_id=f"w{n}"))} for n in range(15)]
    tasks = [
        {"__typename": "Task", "id": encode(TaskRef(provider=Provider.IMS, provider_id=f"j{n}"))}
        for n in range(4)
    ]

    def calls(*representations: object) -> int:
        graph = subgraph()._schema
        return estimate(graph, parse(ENTITIES), None, {"representations": list(representations)})

    assert calls(*named[:10]) == 1
    assert calls(*named) == 3
    assert calls(*tasks) == 4
    assert calls(*named, *tasks, {"__typename": "Movie"}, 7) == 7


async def test_objects_are_counted_before_they_are_looked_up() -> None:
    """What hangs on each object that is named counts, as it does below any list."""
    upstream = Counting()
    engine = Engine(upstream, request_timeout=5, graph=subgraph(), limits=Limits(nodes=119))
    named = [{"__typename": "Video", "videoId": f"v{n}"} for n in range(10)]
    request = Request(query=ENTITIES, variables={"representations": named})
    [refused] = (await engine.execute(request)).body["errors"]
    assert (refused["extensions"]["limit"], refused["extensions"]["actual"]) == ("nodes", 120)
    assert upstream.asked == []


def test_what_routers_send_is_compiled() -> None:
    """A router's query is no slower than a client's: it has a plan like any other."""
    compiler = Compiler(subgraph()._schema, TRAITS)
    assert isinstance(compiler.compile(parse(ENTITIES)), Plan)


async def test_the_subgraph_is_shown_to_those_who_may_see_the_schema() -> None:
    """A router gets the schema with keys; who may not introspect does not get it this way either."""
    engine = Engine(Counting(), request_timeout=5, graph=subgraph())
    request = Request(query="{ _service { sdl } }")
    shown = await engine.execute(request)
    assert json.loads(msgspec.json.encode(shown.body["data"])) == {"_service": {"sdl": sdl()}}
    stranger = Principal(name="stranger", scopes=frozenset(Scope) - {Scope.INTROSPECT})
    refused = await engine.execute(request, stranger)
    assert refused.status == 403


def test_the_router_is_told_keys_and_nothing_about_fields_of_every_graph() -> None:
    """Objects can be named by their keys; paging is everybody's, `node` is nobody's."""
    types = {
        node.name.value: node
        for node in parse(sdl()).definitions
        if isinstance(node, ObjectTypeDefinitionNode)
    }
    told = {
        name: [print_ast(directive) for directive in node.directives]
        for name, node in types.items()
        if node.directives
    }
    assert told == {
        "Task": ['@key(fields: "id")'],
        "Job": ['@key(fields: "id")'],
        "Video": ['@key(fields: "id")', '@key(fields: "videoId")'],
        "PageInfo": ["@shareable"],
    }
    fields = {field.name.value for field in types["Query"].fields or ()}
    assert {"videos", "tasks"} <= fields
    assert not fields & {"node", "nodes", "_service", "_entities"}
    assert not any(isinstance(node, DirectiveDefinitionNode) for node in parse(sdl()).definitions)


def test_without_the_setting_nothing_of_it_is_there() -> None:
    """The plain schema has neither the fields nor the types."""
    assert not {"_Any", "_Entity", "_Service"} & set(schema._schema.type_map)
    added = {"_Any", "_Entity", "_Service"}
    assert set(subgraph()._schema.type_map) == set(schema._schema.type_map) | added
