"""Subscriptions over server-sent events."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from gateway.web.events import event
from tests.conftest import Sandbox
from tests.web.live import WATCH, browser, gateway_here

HEADERS = {"Accept": "text/event-stream"}


async def post(session: aiohttp.ClientSession, url: str, query: str, **variables: Any) -> Any:
    """Ask for events."""
    return await session.post(url, json={"query": query, "variables": variables}, headers=HEADERS)


async def text(answer: aiohttp.ClientResponse) -> str:
    """Return all there is, to the end of the stream."""
    return (await asyncio.wait_for(answer.read(), 20)).decode()


def data(stream: str) -> list[dict[str, Any]]:
    """Return what the events of a stream carry."""
    return [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: {")]


def test_an_event_is_one_line_of_data() -> None:
    """JSON as we write it has no line breaks."""
    assert event(b'{"data":"a\\nb"}') == b'event: next\ndata: {"data":"a\\nb"}\n\n'


async def test_a_subscription_is_a_stream_with_an_end(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """By POST, and by GET with what no foreign page can send."""
    done = sandbox.ids("vod", "succeeded", 3)
    environment.setenv("GATEWAY_SERVER_PREFLIGHT", "true")
    async with gateway_here() as url, browser() as session:
        answer = await post(session, url, WATCH, ids=done)
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        stream = await text(answer)
        assert sorted(one["data"]["videos"]["id"] for one in data(stream)) == sorted(done)
        assert stream.endswith("event: complete\ndata:\n\n")
        query = {"query": WATCH, "variables": json.dumps({"ids": done[:1]})}
        foreign = await session.get(url, params=query, headers=HEADERS)
        assert foreign.status == 400
        ours = await session.get(url, params=query, headers={**HEADERS, "GraphQL-Preflight": "1"})
        assert len(data(await text(ours))) == 1


async def test_what_is_wrong_with_an_operation_is_told_by_an_event(environment: pytest.MonkeyPatch) -> None:
    """Since browsers tell their pages nothing of any other answer."""
    async with gateway_here() as url, browser() as session:
        for query in ("subscription { nothing }", "subscription { videos(ids: []) { id } }"):
            answer = await post(session, url, query)
            assert answer.status == 200
            stream = await text(answer)
            assert data(stream)[0]["errors"]
            assert "event: complete" in stream
        answer = await post(session, url, "{ __typename }")
        assert data(await text(answer))[0]["data"] == {"__typename": "Query"}


async def test_whoever_takes_json_too_gets_events_for_subscriptions_only(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """And whoever takes nothing else gets no subscription."""
    [done] = sandbox.ids("vod", "succeeded")
    both = {"Accept": "application/graphql-response+json, application/json, text/event-stream"}
    async with gateway_here() as url, browser() as session:
        answer = await session.post(url, json={"query": "{ __typename }"}, headers=both)
        assert answer.content_type == "application/graphql-response+json"
        body = {"query": WATCH, "variables": {"ids": [done]}}
        async with session.post(url, json=body, headers=both) as stream:
            assert stream.content_type == "text/event-stream"
        answer = await session.post(url, json=body)
        assert "text/event-stream" in (await answer.json())["errors"][0]["message"]


async def test_a_silent_stream_shows_that_it_is_alive_and_ends_in_time(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """Proxies end what is silent; an end without the event means: come back."""
    environment.setenv("GATEWAY_LIVE_HEARTBEAT", "0.1")
    environment.setenv("GATEWAY_LIVE_LIFETIME", "2.5")
    [never] = sandbox.ids("vod", "never")
    async with gateway_here() as url, browser() as session:
        stream = await text(await post(session, url, WATCH, ids=[never]))
    assert stream.count(":\n\n") >= 2
    assert "retry: " in stream
    assert "event: complete" not in stream


async def test_a_provider_that_is_lost_is_a_state_and_no_end(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """The stream tells of the trouble, and of its end."""
    environment.setenv("GATEWAY_LIVE_QUICK", "0.05")
    environment.setenv("GATEWAY_LIVE_SLOW", "0.1")
    [running] = sandbox.ids("vod", "running")
    async with gateway_here() as url, browser() as session:
        answer = await post(session, url, WATCH, ids=[running])
        await answer.content.readuntil(b"event: next")
        sandbox.fault(operation="GetTranscodeSummary", kind="status", status=503)
        await asyncio.sleep(1)
        sandbox.reset()
        found = await asyncio.wait_for(answer.content.readuntil(b'"trouble":{"code"'), 20)
        assert found
        await asyncio.wait_for(answer.content.readuntil(b'"trouble":null'), 20)
        answer.close()


async def test_no_more_streams_than_there_may_be(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """One too many is told to come back, and may, once another has left."""
    environment.setenv("GATEWAY_LIVE_CONNECTIONS", "1")
    running = sandbox.ids("vod", "running", 1)
    async with gateway_here() as url, browser() as session:
        one = await post(session, url, WATCH, ids=running)
        await one.content.readline()
        many = await post(session, url, WATCH, ids=running)
        assert (many.status, (await many.json())["errors"][0]["extensions"]["code"]) == (503, "OVERLOADED")
        assert int(many.headers["Retry-After"]) > 0
        one.close()
        async with asyncio.timeout(20):
            while (again := await post(session, url, WATCH, ids=running)).status != 200:
                again.close()
                await asyncio.sleep(0.05)
        again.close()
