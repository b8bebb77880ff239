"""``gateway serve``: the gateway on its providers."""

from __future__ import annotations

import logging

from gateway import connections, entrance
from gateway.cli.configuration import refuse, settings_or_exit


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
    )


def run_server(
    target: str, host: str, port: int, *, idle_timeout: float = 5.0, end_timeout: int = 10
) -> None:
    """Serve an application until told to end.

    Args:
        target: Its factory, as ``module:function``.
        host: Address to listen on.
        port: Port to listen on.
        idle_timeout: Seconds that a connection may stay open without a whole request header.
        end_timeout: Seconds in which the application ends by itself; after that it is killed.
    """
    from granian import Granian  # noqa: PLC0415 - commands that serve nothing start faster without it
    from granian.constants import Interfaces, Loops  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415

    # Both print every URL at INFO, and the older signature carries keys in the URL.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    server = Granian(
        target,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.auto,
        websockets=True,
        workers=1,
        workers_kill_timeout=end_timeout,
        http1_settings=HTTP1Settings(header_read_timeout=round(idle_timeout * 1000)),
        log_access=False,
    )
    server.serve()
