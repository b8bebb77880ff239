"""A server as a process."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import httpx

from tests.telemetry.conftest import eventually

RUN = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
from gateway.server.run import run_server
run_server("tests.server.served:create_app", "127.0.0.1", int(sys.argv[1]), log_level="critical")
"""


def test_a_server_runs_until_it_is_told_to_end() -> None:
    """On uvloop, and with as many files as its connections take, whatever the shell's limit."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", RUN, str(port)])
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None
        try:
            return httpx.get(url).is_success
        except httpx.TransportError:
            return False

    try:
        eventually(answers)
        told = httpx.get(url).json()
        assert told["loop"].startswith("uvloop")
        assert told["files"] > 256
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
