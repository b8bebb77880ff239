"""GraphQL over WebSocket, as its protocol has it."""

from __future__ import annotations

import asyncio
import base64
import json

import aiohttp
import pytest

from gateway.access import keys
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


async def test_an_id_in_use_ends_the_connection(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """4409."""
    [running] = sandbox.ids("vod", "running")
    async with gateway_here() as url, socket(url, hello={}) as client:
        await client.watch("s", running)
        await client.hear()
        await client.watch("s", running)
        assert await client.closed() == 4409


async def test_the_older_protocol_is_refused(environment: pytest.MonkeyPatch) -> None:
    """4406; and so is a client that names none."""
    async with gateway_here() as url:
        async with socket(url, protocol="graphql-ws") as client:
            assert await client.closed() == 4406
        async with browser() as session, session.ws_connect(url) as ws:
            await ws.receive()
            assert ws.close_code == 4406


async def test_odd_subprotocols_hurt_nobody(environment: pytest.MonkeyPatch) -> None:
    """Bytes outside ASCII where names should be."""
    async with gateway_here() as url:
        host, port = url.removeprefix("http://").split("/")[0].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        nonce = base64.b64encode(b"0123456789abcdef").decode()
        head = (
            f"GET /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n"
            "Sec-WebSocket-Protocol: gr\xe4ph\r\n\r\n"
        )
        writer.write(head.encode("latin-1"))
        assert await asyncio.wait_for(reader.read(12), 20)
        writer.close()
        async with socket(url, hello={}) as client:
            await client.tell(type="ping")
            assert await client.hear() == {"type": "pong"}


async def test_pages_from_elsewhere_open_no_socket(environment: pytest.MonkeyPatch) -> None:
    """Browsers let them, so the gateway has to look."""
    environment.setenv("GATEWAY_SERVER_CORS_ORIGINS", "https://app.example")
    async with gateway_here() as url:
        host = url.removeprefix("http://").split("/")[0]
        for origin in (f"http://{host}", "https://app.example"):
            async with socket(url, hello={}, Origin=origin):
                pass
        for origin in ("http://evil.example", "null", f"http://{host}.evil.example"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with socket(url, hello={}, Origin=origin):
                    pass
            assert refused.value.status == 403


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


async def test_operations_and_subscriptions_are_limited(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """For each connection and for each client; whoever ends one may begin another."""
    environment.setenv("GATEWAY_LIVE_PER_CONNECTION", "2")
    environment.setenv("GATEWAY_LIVE_PER_PRINCIPAL", "3")
    environment.setenv("GATEWAY_LIVE_CONNECTIONS", "2")
    environment.setenv("GATEWAY_LIVE_IDS", "1")
    one, other = sandbox.ids("vod", "running", 2)
    async with gateway_here() as url, socket(url, hello={}) as client, socket(url, hello={}) as second:
        await client.watch("too many", one, other)
        assert (await client.hear())["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        for ws, ids in ((client, "ab"), (second, "c")):
            for id in ids:  # noqa: A001
                await ws.watch(id, one)
                assert (await ws.hear())["type"] == "next"
        for ws in (client, second):
            await ws.watch("more", other)
            refused = await ws.hear()
            while refused["type"] == "next":
                refused = await ws.hear()
            assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        await client.tell(id="a", type="complete")
        await client.watch("again", other)
        while (told := await client.hear())["id"] != "again":
            pass
        assert told["type"] == "next"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with socket(url):
                pass


async def test_scopes_decide_what_may_be_watched(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """Whether at all, and of whom."""
    subscriber, reader = keys.generate(), keys.generate()
    entries = (
        keys.entry("subscriber", subscriber, ["subscribe", "provider:ims"]),
        keys.entry("reader", reader, ["provider:vod"]),
    )
    environment.setenv("GATEWAY_ACCESS_KEYS", ";".join(entries))
    async with gateway_here() as url:
        for key in (subscriber, reader):
            async with socket(url, hello={"Authorization": f"Bearer {key}"}) as client:
                await client.watch("s", "anything")
                refused = await client.hear()
                assert refused["type"] == "error"
                assert refused["payload"][0]["extensions"]["code"] == "FORBIDDEN"


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


async def test_one_poll_serves_all_and_all_get_the_same_bytes(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """Whatever way they came, and however they spell their variables' name."""
    [running] = sandbox.ids("vod", "running")
    async with gateway_here() as url, socket(url, hello={}) as client, browser() as session:
        headers = {"Accept": "text/event-stream"}
        body = {"query": WATCH, "variables": {"ids": [running]}}
        async with session.post(url, json=body, headers=headers) as stream:
            for n in range(50):
                await client.watch(str(n), running)
            payloads = set()
            for _ in range(50):
                payloads.add(json.dumps((await client.hear())["payload"]))
            event = b""
            while not event.startswith(b"data: {"):
                event = await asyncio.wait_for(stream.content.readline(), 20)
            payloads.add(json.dumps(json.loads(event.removeprefix(b"data: "))))
        assert len(payloads) <= 2  # a change may have come between
        assert sandbox.calls()["GetTranscodeSummary"] <= 8
