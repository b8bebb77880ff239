"""``gateway serve``: the gateway on its providers."""

from __future__ import annotations

import logging

from gateway.cli.configuration import refuse, settings_or_exit
from gateway.entrance import problems

_DRAIN = 10
"""Seconds that requests in flight have before their worker is ended: as long as an operation may take."""

_HEADER_TIMEOUT_MS = 5000
"""A client that sends half a header must not hold a connection for ever."""


def serve() -> None:
    """Serve the graph, configured by the environment (see README, or `gateway print-config`)."""
    settings = settings_or_exit()
    wrong = list(problems(settings))
    if wrong:
        refuse("\n".join(wrong))
    run_server("gateway.app:create_app", settings.server.host, settings.server.port)


def run_server(target: str, host: str, port: int) -> None:
    """Serve an application, named by its factory as ``module:function``, until told to end."""
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
        websockets=False,
        workers=1,
        workers_kill_timeout=_DRAIN,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_TIMEOUT_MS),
        log_access=False,
    )
    server.serve()
