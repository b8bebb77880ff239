"""Answers in parts: together they are the answer in one."""

from __future__ import annotations

import json
import logging
from typing import Any

import msgspec
import pytest

from gateway.access.points import OwnPurse
from gateway.access.principal import INSIDE, Principal
from gateway.access.scopes import Scope
from gateway.graph.engine import Engine
from gateway.graph.requests import Answer, Request
from tests.execution.world import Upstream

QUERY = """{
  video(id: "v1") { videoId ... @defer(label: "slow") { latestTask { status jobs { output { url } } } } }
  videos(ids: ["v1", "v2", "v3"]) @stream(initialCount: 1) { videoId }
}"""
BLIND = Principal(name="blind", scopes=frozenset(Scope) - {Scope.URLS})


def _engine(seed: int = 3, **more: Any) -> Engine:
    return Engine(Upstream(seed, trouble=0), request_timeout=10, incremental=True, reuse=100_000, **more)


async def _payloads(answer: Answer) -> list[dict[str, Any]]:
    assert answer.parts is not None
    return [json.loads(part) async for part in answer.parts]


def _merged(payloads: list[dict[str, Any]]) -> Any:
    data = payloads[0]["data"]
    places: dict[str, list[Any]] = {}
    for payload in payloads:
        places |= {one["id"]: one["path"] for one in payload.get("pending", ())}
        for one in payload.get("incremental", ()):
            place = data
            for key in [*places[one["id"]], *one.get("subPath", ())]:
                place = place[key]
            place.extend(one["items"]) if "items" in one else place.update(one["data"])
    return data


@pytest.mark.parametrize("seed", range(5))
async def test_parts_are_the_whole(seed: int) -> None:
    """What comes in parts is what a client gets at once that takes no parts, which is compiled."""
    engine = _engine(seed)
    payloads = await _payloads(await engine.execute(Request(query=QUERY), in_parts=True))
    whole = await engine.execute(Request(query=QUERY))
    assert whole.parts is None
    assert "latestTask" not in payloads[0]["data"]["video"]
    assert len(payloads[0]["data"]["videos"]) == 1
    assert _merged(payloads) == json.loads(msgspec.json.encode(whole.body["data"]))
    assert [payload["hasNext"] for payload in payloads] == [True] * (len(payloads) - 1) + [False]


async def test_the_last_part_tells_what_it_cost() -> None:
    """Points for calls that were not made are given back, whether or not anybody listened to the end."""
    purse = OwnPurse(1000)
    engine = _engine(purse=purse)
    *_, last = await _payloads(await engine.execute(Request(query=QUERY), in_parts=True))
    cost = last["extensions"]["cost"]
    assert cost["remaining"] == (await purse.give_back(INSIDE.name, 0)).remaining
    left = await engine.execute(Request(query=QUERY), in_parts=True)
    assert left.parts is not None
    await anext(left.parts)
    before = (await purse.give_back(INSIDE.name, 0)).remaining
    await left.parts.aclose()
    assert (await purse.give_back(INSIDE.name, 0)).remaining > before


async def test_errors_of_parts_are_as_all_errors() -> None:
    """They have codes, and whoever may not see an address does not see it later either."""
    payloads = await _payloads(await _engine().execute(Request(query=QUERY), BLIND, in_parts=True))
    errors = [
        error
        for payload in payloads
        for one in payload.get("incremental", ())
        for error in one.get("errors", ())
    ]
    assert {error["extensions"]["code"] for error in errors} == {"FORBIDDEN"}
    assert "example.test" not in str(payloads)


async def test_what_cannot_be_executed_is_refused_in_one() -> None:
    """Bad variables and bad documents have one answer, whatever the client takes."""
    engine = _engine()
    query = "query($id: ID!) { video(id: $id) { videoId ... @defer { latestTask { status } } } }"
    refused = await engine.execute(Request(query=query, variables={"id": {}}), in_parts=True)
    assert refused.parts is None
    assert refused.body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    plain = Engine(Upstream(3), request_timeout=10)
    unknown = await plain.execute(Request(query=QUERY), in_parts=True)
    assert unknown.body["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_mistake_ends_the_parts(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong between two parts, a client is told no more than that, and that it was the last."""
    answer = await _engine().execute(Request(query=QUERY), in_parts=True)
    assert answer.parts is not None
    await anext(answer.parts)
    with caplog.at_level(logging.ERROR):
        last = json.loads(await answer.parts.athrow(ZeroDivisionError("dsn=secret")))
    assert last["hasNext"] is False
    assert last["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "secret" not in str(last)
