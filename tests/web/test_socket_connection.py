"""One WebSocket, as its protocol has it."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import Sandbox
from tests.web.live import WATCH, browser, eventually, gateway_here, socket


async def test_a_conversation_goes_as_the_protocol_says(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """Hello, queries, subscriptions, pings, errors, and the end."""
    [running], [done] = sandbox.ids("vod", "running"), sandbox.ids("vod", "succeeded")
    async with gateway_here() as url, socket(url, hello={}) as client:
        await client.tell(type="ping")
        assert await client.hear() == {"type": "pong"}
        await client.tell(id="q", type="subscribe", payload={"query": "{ __typename }"})
        answer = await client.hear()
        assert (answer["type"], answer["payload"]["data"]) == ("next", {"__typename": "Query"})
        assert await client.hear() == {"id": "q", "type": "complete"}
        await client.tell(id="bad", type="subscribe", payload={"query": "subscription { nothing }"})
        assert (await client.hear())["type"] == "error"
        await client.watch("s", done, done, running)
        told = [await client.hear(), await client.hear()]
        assert {one["payload"]["data"]["videos"]["id"] for one in told} == {running, done}
        await client.tell(id="s", type="complete")
        await client.watch("s", done)
        finished = [await client.hear()]
        while finished[-1]["type"] != "complete":
            finished.append(await client.hear())
        assert finished[-2]["payload"]["data"]["videos"]["finished"] is True
        assert finished[-1] == {"id": "s", "type": "complete"}


async def test_whoever_breaks_the_protocol_is_told_how(environment: pytest.MonkeyPatch) -> None:
    """By the code of the end."""
    broken: list[tuple[list[str | bytes], int]] = [
        (["nonsense"], 4400),
        (['{"type":"start","id":"1","payload":{}}'], 4400),
        (['{"type":"subscribe","id":"1","payload":{"query":"{__typename}"}}'], 4401),
        (['{"type":"connection_init"}', '{"type":"connection_init"}'], 4429),
        (['{"type":"connection_init","payload":{"Authorization":"Bearer gw_wrong"}}'], 4403),
        (['{"type":"ping","payload":{"a":"' + "x" * 70_000 + '"}}'], 1009),
        ([b"\x00"], 4400),
    ]
    async with gateway_here() as url:
        for messages, code in broken:
            async with socket(url) as client:
                for message in messages:
                    if isinstance(message, bytes):
                        await client.ws.send_bytes(message)
                    else:
                        await client.ws.send_str(message)
                assert await client.closed() == code, messages


async def test_whoever_says_nothing_has_to_go(environment: pytest.MonkeyPatch) -> None:
    """Without a hello, without operations, without a sign of life, after all time allowed."""
    for name, value, hello, code in (
        ("HELLO", "0.01", None, 4408),
        ("IDLE", "0.01", {}, 1000),
        ("LIFETIME", "0.01", {}, 1001),
        ("HEARTBEAT", "0.3", {}, 1001),
    ):
        environment.setenv(f"GATEWAY_LIVE_{name}", value)
        async with gateway_here() as url, socket(url, hello=hello) as client:
            assert await client.closed() == code, name
        environment.delenv(f"GATEWAY_LIVE_{name}")


async def test_whoever_answers_pings_may_stay(environment: pytest.MonkeyPatch) -> None:
    """A sign of life is enough."""
    environment.setenv("GATEWAY_LIVE_HEARTBEAT", "0.8")
    async with gateway_here() as url, socket(url, hello={}) as client:
        for _ in range(3):
            assert await client.hear() == {"type": "ping"}
            await client.tell(type="pong")


async def test_those_who_leave_leave_nothing_behind(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """Tasks, connections and watches are gone, and the provider is asked no more."""
    environment.setenv("GATEWAY_LANES_HOT_FOR", "0.1")
    ids = sandbox.ids("vod", "running", 10)
    async with gateway_here() as url, browser() as session:
        async with socket(url, hello={}):
            pass  # whatever is made once is made by now
        await asyncio.sleep(0.1)
        before = len(asyncio.all_tasks())
        streams = [
            await session.post(
                url,
                json={"query": WATCH, "variables": {"ids": [ids[n % 10]]}},
                headers={"Accept": "text/event-stream"},
            )
            for n in range(20)
        ]
        async with socket(url, hello={}) as client, socket(url, hello={}) as rude:
            for n in range(20):
                await client.watch(str(n), ids[n % 10])
                await rude.watch(str(n), ids[n % 10])
            for _ in range(20):
                await client.hear()
                await rude.hear()
            assert rude.ws._response.connection is not None
            rude.ws._response.connection.transport.abort()  # type: ignore[union-attr]
        for stream in streams:
            stream.close()
        await eventually(lambda: len(asyncio.all_tasks()) <= before)
        await asyncio.sleep(0.3)  # what was asked for is kept fresh for a moment
        sandbox.reset()
        await asyncio.sleep(1.5)
        assert sandbox.calls() == {}
