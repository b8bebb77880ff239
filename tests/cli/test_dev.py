"""The command that runs everything."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _gateway(*arguments: str, output: Path, host: str = "127.0.0.1") -> subprocess.Popen[bytes]:
    with output.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "gateway", *arguments],
            env=os.environ | {"GATEWAY_SERVER_HOST": host},
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def _speaks_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "url_host", "end"),
    [
        ("127.0.0.1", "127.0.0.1", signal.SIGTERM),
        # Its terminal is closed.
        pytest.param(
            "::",
            "[::1]",
            signal.SIGHUP,
            marks=pytest.mark.skipif(not _speaks_ipv6(), reason="this machine has no IPv6"),
        ),
    ],
)
def test_one_command_answers_what_it_prints(
    tmp_path: Path, host: str, url_host: str, end: signal.Signals
) -> None:
    """Sandbox and gateway start, the printed queries run in a shell, and both end with the command."""
    port, sandbox_port = _free_port(), _free_port()
    output = tmp_path / "output"
    arguments = ("dev", "--port", str(port), "--sandbox-port", str(sandbox_port))
    process = _gateway(*arguments, output=output, host=host)
    try:
        deadline = time.monotonic() + 30
        while "Ctrl-C" not in output.read_text() and time.monotonic() < deadline:
            assert process.poll() is None, output.read_text()
            time.sleep(0.05)
        lines = output.read_text().splitlines()
        assert any(f"http://{url_host}:{port}/graphql" in line for line in lines if "GraphiQL" in line)
        board = next(line.split()[-1] for line in lines if line.lstrip().startswith("Board"))
        assert "Transcoding board" in httpx.get(board).text
        told = httpx.get(f"http://127.0.0.1:{sandbox_port}/_sandbox/callbacks").json()
        assert set(told["targets"]) == {"VOD", "IMS", "VISIONULAR"}
        commands = [shlex.split(line) for line in lines if line.lstrip().startswith("curl")]
        assert len(commands) == 2
        for command in commands:
            body = json.loads(command[command.index("-d") + 1])
            answer = httpx.post(command[2], json=body, timeout=20).json()
            assert "errors" not in answer
            assert all(answer["data"].values())
        calls = httpx.get(f"http://127.0.0.1:{sandbox_port}/_sandbox/calls").json()
        assert calls["GetTranscodeSummary"]["refused"] == 0
    finally:
        process.send_signal(end)
        assert process.wait(20) == 0
    for ended in (f"{url_host}:{port}", f"127.0.0.1:{sandbox_port}"):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://{ended}/")


@pytest.mark.parametrize("option", ["--sandbox-port", "--port"])
def test_a_taken_port_is_said_plainly(tmp_path: Path, option: str) -> None:
    """Nothing is started where another run's servers would answer; the command says which knob to turn."""
    other = {"--sandbox-port": "--port", "--port": "--sandbox-port"}[option]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        output = tmp_path / "output"
        arguments = (option, str(taken.getsockname()[1]), other, str(_free_port()))
        assert _gateway("dev", *arguments, output=output).wait(30) == 2
    assert output.read_text().splitlines()[-1].endswith(f"Try {option}.")
    assert "Ctrl-C" not in output.read_text()
