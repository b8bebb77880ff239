"""Runs an application until the process is told to end."""

from __future__ import annotations

import logging
import resource
import signal
import sys
from typing import Any

_BACKLOG = 2048
_SHORT_LIVED = 4096
"""Connections for all that is no subscription, most of them idle in the pools of proxies and clients."""

_OTHER_FILES = 512

_HEALTHY = 30
"""Seconds in which a worker has to give a sign of life: on a busy machine it may stand still for some."""


def run_server(
    target: str,
    host: str,
    port: int,
    *,
    workers: int = 1,
    idle_timeout: float = 5.0,
    end_timeout: int = 10,
    lasting: int = 0,
    largest_message: int = 65_536,
    log_level: str = "info",
    log_config: dict[str, Any] | None = None,
) -> None:
    """Serve an application until told to end.

    Args:
        target: Its factory, as ``module:function``.
        host: Address to listen on.
        port: Port to listen on.
        workers: Processes that serve it; one of several that ends by mistake is replaced.
        idle_timeout: Seconds that a connection may stay open without a whole request header, or unread.
        end_timeout: Seconds that what is being answered has to end, once no more is taken on.
        lasting: Connections that a worker may have open for hours; there is room for others besides.
        largest_message: Bytes of a WebSocket's message.
        log_level: The least that the server tells.
        log_config: How it tells that, as `logging.config` has it; None leaves it to the server.
    """
    # Commands that serve nothing start faster without it.
    import uvicorn  # noqa: PLC0415
    from uvicorn.config import LOGGING_CONFIG  # noqa: PLC0415

    from gateway.server.connection import Connection  # noqa: PLC0415

    # Both print every URL at INFO, and the older signature carries keys in the URL.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    connections = lasting + _SHORT_LIVED
    _allow_files(connections + _OTHER_FILES)
    # When everything is closed, the server sends itself once more what it was sent.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        target,
        factory=True,
        host=host,
        port=port,
        http=Connection,
        # A malformed handshake leaves the one with wsproto unable to end.
        ws="websockets-sansio",
        ws_max_size=largest_message,
        # Each socket would compress the same message once more, and take twice the memory.
        ws_per_message_deflate=False,
        # Signs of life are the application's to send: proxies and pages see those.
        ws_ping_interval=None,
        interface="asgi3",
        lifespan="on",
        loop="auto",
        backlog=_BACKLOG,
        workers=workers,
        timeout_worker_healthcheck=_HEALTHY,
        timeout_keep_alive=idle_timeout,  # type: ignore[arg-type]  # an int for the command line's sake
        timeout_graceful_shutdown=end_timeout,
        limit_concurrency=connections,
        # Who asks is told by credentials; an address that a header names would be anybody's.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        # Below that, it tells credentials.
        log_level="info" if log_level == "debug" else log_level,
        log_config=log_config or LOGGING_CONFIG,
        reset_contextvars=True,
    )


def _allow_files(count: int) -> None:
    """Let this process open so many files, or as many as it may: a shell's usual 1024 are soon used up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
