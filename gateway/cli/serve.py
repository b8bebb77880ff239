"""``gateway serve``: the gateway on its providers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from gateway import connections, entrance
from gateway.cli.configuration import refuse, settings_or_exit
from gateway.server.run import run_server
from gateway.telemetry.names import FOLDER

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
            lasting=settings.live.connections,
            # A character is four bytes at most.
            largest_message=4 * settings.live.message,
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
