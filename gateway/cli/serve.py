"""``gateway serve``: the gateway on its providers."""

from __future__ import annotations

import logging
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from gateway import connections, entrance
from gateway.cli.configuration import refuse, settings_or_exit
from gateway.telemetry.names import FOLDER

_SHORT_LIVED = 4096
"""Connections for all that is no subscription, most of them idle in the pools of proxies and clients."""

_OTHER_FILES = 512

_MEMORY = "/dev/shm"  # noqa: S108 - a folder of our own is made in it
"""Where files are no disk's business, and containers whose root is read-only may write."""


def serve() -> None:
    """Serve the graph, configured by the environment (see README, or `gateway print-config`)."""
    settings = settings_or_exit()
    wrong = [*entrance.problems(settings), *connections.problems(settings)]
    if wrong:
        refuse("\n".join(wrong))
    server = settings.server
    with _numbers_of(server.workers):
        # Late, as it imports what reads the folder's name.
        from gateway.app import drain_of  # noqa: PLC0415
        from gateway.telemetry.logs import of_server  # noqa: PLC0415

        run_server(
            "gateway.app:create_served",
            server.host,
            server.port,
            workers=server.workers,
            idle_timeout=server.idle_timeout,
            end_timeout=drain_of(settings).longest,
            connections=settings.live.connections + _SHORT_LIVED,
            log_level=settings.telemetry.log_level,
            log_config=of_server(settings.telemetry.log_format),
        )


@contextmanager
def _numbers_of(workers: int) -> Iterator[None]:
    """Give several workers a folder for their numbers, so that any of them can tell those of all."""
    if workers == 1:
        yield
        return
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    try:
        folder = TemporaryDirectory(prefix="gateway-metrics-", dir=place, ignore_cleanup_errors=True)
    except OSError:
        refuse(
            "GATEWAY_SERVER_WORKERS: several need a folder for their numbers; set TMPDIR to a writable one."
        )
    with folder as name:
        os.environ[FOLDER] = name
        yield


def run_server(
    target: str,
    host: str,
    port: int,
    *,
    workers: int = 1,
    idle_timeout: float = 5.0,
    end_timeout: int = 10,
    connections: int = _SHORT_LIVED,
    log_level: str = "info",
    log_config: dict[str, Any] | None = None,
) -> None:
    """Serve an application until told to end.

    Args:
        target: Its factory, as ``module:function``.
        host: Address to listen on.
        port: Port to listen on.
        workers: Processes that serve it; one of several that ends by mistake is replaced.
        idle_timeout: Seconds that a connection may stay open without a whole request header.
        end_timeout: Seconds in which the application ends by itself; after that it is killed.
        connections: How many a worker serves at a time, idle ones included; more wait to be accepted.
        log_level: The least that the server tells.
        log_config: How it tells that, as `logging.config` has it; None leaves it to the server.
    """
    from granian import Granian  # noqa: PLC0415 - commands that serve nothing start faster without it
    from granian.constants import HTTPModes, Interfaces, Loops  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

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
        workers=workers,
        # A process of its own is for its supervisor to start again, who knows how often that makes sense.
        respawn_failed_workers=workers > 1,
        workers_kill_timeout=end_timeout,
        # What the server calls so is a limit of connections, and 1024 unless told: fewer than may subscribe.
        backpressure=connections,
        http1_settings=HTTP1Settings(header_read_timeout=round(idle_timeout * 1000)),
        log_access=False,
        log_level=LogLevels(log_level),
        log_dictconfig=log_config,
    )
    server.serve()


def _allow_files(count: int) -> None:
    """Let this process open so many files, or as many as it may: a shell's usual 1024 are soon used up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
