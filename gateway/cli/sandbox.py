"""``gateway sandbox``: the three providers, imitated on loopback."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.server.run import run_server

HOST = "127.0.0.1"
PORT = 8001

PortOption = Annotated[
    int, typer.Option(envvar="SANDBOX_PORT", min=1, max=65535, help="Port of the sandbox on 127.0.0.1.")
]


def sandbox(*, port: PortOption = PORT) -> None:
    """Imitate the three providers: wire formats, signatures, quotas, faults. No account, no network."""
    run_server("gateway.sandbox.app:create_app", HOST, port)
