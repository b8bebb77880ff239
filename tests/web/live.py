"""A gateway with subscriptions on the test's own event loop, and clients of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from gateway.app import create_app
from gateway.settings.reader import read
from tests.servers import serving_here

PROTOCOL = "graphql-transport-ws"
WATCH = "subscription($ids: [ID!]!) { videos(ids: $ids) { id finished trouble { code } video { videoId } } }"
PATIENCE = 20.0


@asynccontextmanager
async def gateway_here() -> AsyncIterator[str]:
    """Serve a gateway of the environment's settings."""
    async with serving_here(create_app(read())) as url:
        yield f"{url}/graphql"


@asynccontextmanager
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """Return what makes connections."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


class Socket:
    """A WebSocket, message by message."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def tell(self, **message: Any) -> None:
        """Send a message."""
        await self.ws.send_str(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(PATIENCE):
            message: dict[str, Any] = json.loads(await self.ws.receive_str())
        return message

    async def closed(self) -> int | None:
        """Wait for the end; return the code."""
        async with asyncio.timeout(PATIENCE):
            while not self.ws.closed:
                await self.ws.receive()
        return self.ws.close_code

    async def watch(self, id: str, *ids: str, query: str = WATCH) -> None:  # noqa: A002
        """Subscribe."""
        await self.tell(id=id, type="subscribe", payload={"query": query, "variables": {"ids": ids}})


@asynccontextmanager
async def socket(
    url: str, *, hello: dict[str, Any] | None = None, protocol: str = PROTOCOL, **headers: str
) -> AsyncIterator[Socket]:
    """Open a WebSocket; say hello where there is something to say."""
    async with browser() as session, session.ws_connect(url, protocols=[protocol], headers=headers) as ws:
        one = Socket(ws)
        if hello is not None:
            await one.tell(type="connection_init", payload=hello)
            assert await one.hear() == {"type": "connection_ack"}
        yield one


async def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - there are no events of what is gone
            await asyncio.sleep(0.02)
