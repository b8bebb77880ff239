"""Real HTTP servers on loopback, in a thread of the test process."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from gateway.server.connection import Connection


def _server(app: Any, **settings: Any) -> uvicorn.Server:
    """Return a server of an application on a free port, on the connections that ours has."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=Connection,
        proxy_headers=False,
        log_level="warning",
        ws="websockets-sansio",
        lifespan="on",
        **settings,
    )
    return uvicorn.Server(config)


def _url(server: uvicorn.Server) -> str:
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an ASGI application on a free port; yield its URL; stop it for good."""
    # The sandbox dates its answers itself, by its own clock.
    server = _server(app, date_header=False)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the server did not start")
        time.sleep(0.005)
    try:
        yield _url(server)
    finally:
        server.should_exit = True
        thread.join(10)


@asynccontextmanager
async def serving_here(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI application on the running event loop, whose tasks a test may then count."""
    server = _server(app)
    running = asyncio.create_task(server._serve())
    while not server.started:
        if running.done():
            await running
        await asyncio.sleep(0.005)
    try:
        yield _url(server)
    finally:
        server.should_exit = True
        await running
