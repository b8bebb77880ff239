"""The command that serves."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.conftest import Sandbox


def test_a_gateway_serves_until_told_to_end(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """The real server answers real requests, and a polite signal ends it in order."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment.setenv("GATEWAY_SERVER_PORT", str(port))
    process = subprocess.Popen([sys.executable, "-m", "gateway", "serve"])
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"{url}/health/ready").raise_for_status()
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        video = sandbox.ids("vod", "succeeded")[0]
        answer = httpx.post(f"{url}/graphql", json={"query": f'{{ video(id: "{video}") {{ videoId }} }}'})
        assert answer.json()["data"] == {"video": {"videoId": video}}
        malformed = httpx.post(
            f"{url}/graphql", content=b"[" * 9999, headers={"content-type": "application/json"}
        )
        assert malformed.status_code == 400
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_nobody_serves_everybody_by_accident(environment: pytest.MonkeyPatch) -> None:
    """Without a word about who may ask, the command ends and says the three ways to give one."""
    environment.delenv("GATEWAY_ACCESS_ANONYMOUS")
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 2
    assert "GATEWAY_ACCESS_ANONYMOUS=true" in result.stderr
    assert "gateway key" in result.stderr


def test_a_wrong_entrance_is_named_before_the_start(environment: pytest.MonkeyPatch) -> None:
    """A list of keys that cannot be read ends the command, and is not printed."""
    environment.setenv("GATEWAY_ACCESS_KEYS", "s3cret")
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 2
    assert "GATEWAY_ACCESS_KEYS" in result.stderr
    assert "s3cret" not in result.output
