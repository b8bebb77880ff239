"""The command that serves."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

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
