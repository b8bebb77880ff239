"""``gateway health``: does the gateway of this machine want requests?"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from typing import Annotated

import typer

from gateway.cli.configuration import settings_or_exit
from gateway.settings.server import from_here

_TIMEOUT = 3.0
_OK = 200


def health(
    *,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Its port. Default: GATEWAY_SERVER_PORT, or 8000.")
    ] = None,
) -> None:
    """Ask the gateway at this machine's GATEWAY_SERVER_PORT whether it is ready; exit with 1 if it is not."""
    server = settings_or_exit(provider_needed=False).server
    connection = HTTPConnection(from_here(server.host), port or server.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        word = answer.read(200).decode("utf-8", "replace")
        ready = answer.status == _OK
    except (OSError, HTTPException) as error:
        word, ready = type(error).__name__, False
    finally:
        connection.close()
    typer.echo(word)
    if not ready:
        raise typer.Exit(1)
