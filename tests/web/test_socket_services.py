"""What WebSockets share."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.conftest import Sandbox
from tests.web.live import WATCH, browser, gateway_here, socket


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
