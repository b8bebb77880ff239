"""The command that asks whether a gateway is ready."""

from __future__ import annotations

import socket

import httpx
import pytest
from litestar import Litestar
from typer.testing import CliRunner

from gateway.cli import app
from gateway.web.drain import Drain
from gateway.web.health import health
from tests.servers import serving


def test_a_ready_gateway_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command exits with 0 and says so, wherever the gateway listens."""
    drain = Drain()
    with serving(Litestar(route_handlers=health(drain), openapi_config=None)) as url:
        monkeypatch.setenv("GATEWAY_SERVER_PORT", str(httpx.URL(url).port))
        monkeypatch.setenv("GATEWAY_SERVER_HOST", "0.0.0.0")  # noqa: S104 - as in the image
        result = CliRunner().invoke(app, ["health"])
        assert (result.exit_code, "ok" in result.stdout) == (0, True)
        drain.draining = True
        result = CliRunner().invoke(app, ["health"])
        assert (result.exit_code, "draining" in result.stdout) == (1, True)


def test_nobody_there_is_not_well() -> None:
    """A refused connection is one line and an exit status, no traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        result = CliRunner().invoke(app, ["health", "--port", str(taken.getsockname()[1])])
    assert result.exit_code == 1
    assert result.output == "ConnectionRefusedError\n"
