"""The gateway as it is served, with a window into its process; and a bare application on the same server.

    python -m bench.inspected gateway|events|sockets PORT

``/_inspect`` tells how many tasks the event loop has, once what can be freed is freed. `events` and `sockets`
hold connections open and do nothing else: what they take is the server's part of what a subscriber takes.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from typing import Any

from gateway.app import create_served
from gateway.server.run import run_server

_START: dict[str, Any] = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")],
}
_ALIVE: dict[str, Any] = {"type": "http.response.body", "body": b":\n\n", "more_body": True}


def inspected(app: Any) -> Any:
    """Return an application whose process can be looked into."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/_inspect":
            await app(scope, receive, send)
            return
        gc.collect()
        body = json.dumps({"tasks": len(asyncio.all_tasks())}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return answer


def gateway() -> Any:
    """Return the gateway of this environment."""
    return inspected(create_served())


def events() -> Any:
    """Return what answers every request with a stream that nothing comes of."""
    return inspected(_events)


def sockets() -> Any:
    """Return what takes every socket, and hears and says nothing more."""
    return inspected(_sockets)


async def _events(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    while (await receive()).get("more_body"):
        pass
    await send(_START)
    await send(_ALIVE)
    while (await receive())["type"] != "http.disconnect":
        pass


async def _sockets(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws", "headers": []})
    while (await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": '{"type":"pong"}'})


async def _lifespan(receive: Any, send: Any) -> None:
    for _ in range(2):
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


if __name__ == "__main__":
    run_server(f"bench.inspected:{sys.argv[1]}", "127.0.0.1", int(sys.argv[2]), lasting=100_000)
