"""``gateway serve``: the gateway on its providers."""

from __future__ import annotations

import logging
import resource

from gateway import connections, entrance
from gateway.cli.configuration import refuse, settings_or_exit

_SHORT_LIVED = 4096
"""Connections for all that is no subscription, most of them idle in the pools of proxies and clients."""

_OTHER_FILES = 512


def serve() -> None:
    """Serve the graph, configured by the environment (see README, or `gateway print-config`)."""
    settings = settings_or_exit()
    wrong = [*entrance.problems(settings), *connections.problems(settings)]
    if wrong:
        refuse("\n".join(wrong))
    from gateway.app import drain_of  # noqa: PLC0415 - a configuration is refused faster without it

    server = settings.server
    run_server(
        "gateway.app:create_served",
        server.host,
        server.port,
        idle_timeout=server.idle_timeout,
        end_timeout=drain_of(settings).longest,
        connections=settings.live.connections + _SHORT_LIVED,
    )


def run_server(
    target: str,
    host: str,
    port: int,
    *,
    idle_timeout: float = 5.0,
    end_timeout: int = 10,
    connections: int = _SHORT_LIVED,
) -> None:
    """Serve an application until told to end.

    Args:
        target: Its factory, as ``module:function``.
        host: Address to listen on.
        port: Port to listen on.
        idle_timeout: Seconds that a connection may stay open without a whole request header.
        end_timeout: Seconds in which the application ends by itself; after that it is killed.
        connections: How many are served at a time, idle ones included; more wait to be accepted.
    """
    from granian import Granian  # noqa: PLC0415 - commands that serve nothing start faster without it
    from granian.constants import HTTPModes, Interfaces, Loops  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415

    # Both print every URL at INFO, and the older signature carries keys in the URL.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    _allow_files(connections + _OTHER_FILES)
    server = Granian(
        target,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.auto,
        # HTTP/2 without TLS is spoken by few, and being ready for it costs every connection 12 KB.
        http=HTTPModes.http1,
        websockets=True,
        workers=1,
        workers_kill_timeout=end_timeout,
        # What the server calls so is a limit of connections, and 1024 unless told: fewer than may subscribe.
        backpressure=connections,
        http1_settings=HTTP1Settings(header_read_timeout=round(idle_timeout * 1000)),
        log_access=False,
    )
    server.serve()


def _allow_files(count: int) -> None:
    """Let this process open so many files, or as many as it may: a shell's usual 1024 are soon used up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
