"""The command that serves."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from gateway.cli import app, serve
from tests.conftest import Sandbox
from tests.telemetry.conftest import eventually

REQUESTS = 40
OK = 'gateway_requests_total{operation="query",outcome="ok"}'


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


class Served:
    """A gateway as a process of its own.

    Args:
        port: Where it listens.
        out: Where its lines go.
    """

    def __init__(self, port: int, out: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._out = out
        with out.open("wb") as file:
            self.process = subprocess.Popen([sys.executable, "-m", "gateway", "serve"], stdout=file)

    def lines(self) -> list[dict[str, Any]]:
        """Return what it has told so far."""
        return [json.loads(line) for line in self._out.read_text().splitlines()]

    def started(self) -> list[int]:
        """Return the processes of all workers that ever began."""
        spawned = (re.match(r"Started server process \[(\d+)\]", line["event"]) for line in self.lines())
        return [int(match[1]) for match in spawned if match]

    def ask(self) -> None:
        """Ask over a connection of its own, which any worker may take."""
        answer = httpx.post(f"{self.url}/graphql", json={"query": "{ __typename }"}, timeout=20)
        assert answer.json()["data"] == {"__typename": "Query"}

    def said(self, beginning: str, times: int = 1) -> bool:
        """Return whether something has been told so many times."""
        return sum(str(line["event"]).startswith(beginning) for line in self.lines()) >= times

    def metrics(self) -> dict[str, float]:
        """Return what one of the workers shows."""
        text = httpx.get(f"{self.url}/metrics", timeout=20).text
        pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {series: float(value) for series, _, value in pairs}

    def ready(self) -> bool:
        """Return whether it answers."""
        assert self.process.poll() is None
        try:
            return httpx.get(f"{self.url}/health/ready").is_success
        except httpx.TransportError:
            return False


@contextmanager
def served(environment: pytest.MonkeyPatch, out: Path) -> Iterator[Served]:
    """Run a gateway that tells what it does, until it ends by itself or the test does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment.setenv("GATEWAY_SERVER_PORT", str(port))
    environment.setenv("GATEWAY_TELEMETRY_LOG_LEVEL", "info")
    gateway = Served(port, out)
    try:
        eventually(gateway.ready)
        yield gateway
    finally:
        gateway.process.kill()
        gateway.process.wait()


@pytest.fixture
def two_workers(environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    """A gateway of two workers, both of which answer."""
    environment.setenv("GATEWAY_SERVER_WORKERS", "2")
    environment.setenv("GATEWAY_VOD_CALLS_PER_SECOND", "15")
    with served(environment, tmp_path / "lines") as gateway:
        eventually(lambda: gateway.said("Application startup complete", 2))
        yield gateway


def test_several_workers_are_one_gateway(two_workers: Served) -> None:
    """One set of numbers, whoever is asked and when one of them was lost; one end, and nothing left over."""
    for _ in range(REQUESTS):
        two_workers.ask()
    # What a worker has answered is in its numbers a moment later.
    eventually(lambda: two_workers.metrics().get(OK) == REQUESTS)
    for _ in range(6):
        numbers = two_workers.metrics()
        assert numbers[OK] == REQUESTS
        assert numbers['gateway_quota_limit{operation="GetTranscodeSummary",provider="VOD"}'] == 13
    first, _ = two_workers.started()
    [folder] = set(re.findall(r"/\S+/gateway-metrics-\w+", Path(f"/proc/{first}/maps").read_text()))
    os.kill(first, signal.SIGKILL)
    eventually(lambda: two_workers.said("Application startup complete", 3))
    eventually(two_workers.ready)
    shown = [two_workers.metrics()[OK] for _ in range(6)]
    assert shown == [REQUESTS] * 6
    for _ in range(6):
        two_workers.ask()
    eventually(lambda: two_workers.metrics()[OK] == REQUESTS + 6)
    two_workers.process.send_signal(signal.SIGTERM)
    assert two_workers.process.wait(20) == 0
    lines = two_workers.lines()
    assert {line["logger"].partition(".")[0] for line in lines if line["event"] != "request"} == {"uvicorn"}
    ids = [line["request_id"] for line in lines if line["event"] == "request"]
    assert len(set(ids)) == len(ids) == REQUESTS + 6
    assert lines[-1]["level"] == "info"
    assert not any(Path(f"/proc/{pid}").exists() for pid in two_workers.started())
    assert not Path(folder).exists()


def test_workers_without_a_place_for_their_numbers_do_not_begin(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where nothing can be written, the command ends and says what it lacks."""
    environment.setenv("GATEWAY_SERVER_WORKERS", "2")
    environment.setattr(serve, "_MEMORY", str(tmp_path / "nowhere"))
    environment.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 2
    assert "TMPDIR" in result.stderr


def test_a_collector_that_never_answers_does_not_hold_up_the_end(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Traces and metrics that it does not take are lost; the process ends all the same, and as it should."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment.setenv("GATEWAY_TELEMETRY_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        environment.setenv("GATEWAY_TELEMETRY_OTLP_METRICS", "true")
        environment.setenv("GATEWAY_TELEMETRY_SAMPLE_RATIO", "1")
        with served(environment, tmp_path / "lines") as gateway:
            gateway.ask()
            gateway.process.send_signal(signal.SIGTERM)
            assert gateway.process.wait(20) == 0
            assert gateway.said("the collector does not take traces")
            assert gateway.said("the collector does not take metrics")
            assert gateway.lines()[-1]["logger"] == "uvicorn.error"
