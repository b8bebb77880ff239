"""The operations on one WebSocket."""

from __future__ import annotations

import pytest

from gateway.access import keys
from tests.conftest import Sandbox
from tests.web.live import gateway_here, socket


@pytest.mark.parametrize("operation_id", ["s", "€" * 100])
async def test_an_id_in_use_ends_the_connection(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, operation_id: str
) -> None:
    """4409, even where the id is longer than the reason of an end may be."""
    [running] = sandbox.ids("vod", "running")
    async with gateway_here() as url, socket(url, hello={}) as client:
        await client.watch(operation_id, running)
        await client.hear()
        await client.watch(operation_id, running)
        assert await client.closed() == 4409


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
