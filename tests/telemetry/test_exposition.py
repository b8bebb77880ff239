"""What Prometheus is shown, of one process and of several."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from gateway.telemetry import names
from gateway.telemetry.exposition import exposition
from gateway.telemetry.metrics import Metrics
from tests.telemetry.conftest import eventually

ROOT = Path(__file__).parents[2]
REQUESTS = 40
WORKERS = 2


def test_one_process_shows_its_own(metrics: Metrics) -> None:
    """With a sentence for each metric."""
    metrics.add(names.REQUESTS, ("query", "ok"))
    text = exposition(metrics).decode()
    assert 'gateway_requests_total{operation="query",outcome="ok"} 1.0' in text
    for metric in names.METRICS:
        assert f"# HELP {metric.name} {metric.says}\n" in text


@contextmanager
def _workers(folder: Path) -> Iterator[str]:
    """Run a server of two workers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "uvicorn", "tests.telemetry.worker:app"),
        *("--workers", "2", "--port", str(port), "--log-level", "critical"),
    ]
    server = subprocess.Popen(command, env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}, cwd=ROOT)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/metrics").is_success
    except httpx.TransportError:
        return False


def _value(text: str, series: str) -> float:
    match = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(match[1]) if match else 0.0


def test_any_of_several_workers_shows_all(tmp_path: Path) -> None:
    """Whichever is asked: the requests of all of them, and their levels summed."""
    with _workers(tmp_path) as url:
        eventually(lambda: _is_up(url))
        eventually(lambda: len(list(tmp_path.glob("gauge_livesum_*.db"))) == WORKERS)
        for _ in range(REQUESTS):
            # Each by a connection of its own, which either may take.
            assert httpx.post(url, timeout=20).is_success
        for _ in range(6):
            text = httpx.get(f"{url}/metrics", timeout=20).text
            assert _value(text, 'gateway_requests_total{operation="none",outcome="ok"}') == REQUESTS
            assert _value(text, "gateway_requests_running") == WORKERS


_COUNT = """
from gateway.telemetry import names
from gateway.telemetry.exposition import exposition
from gateway.telemetry.metrics import Metrics
metrics = Metrics()
metrics.add(names.REQUESTS, ("query", "ok"))
metrics.set(names.RUNNING, 5)
print(exposition(metrics).decode())
"""


def test_a_worker_that_ended_leaves_what_it_counted(tmp_path: Path) -> None:
    """A counter never goes back; a level of nobody is none."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for count in (1, 2):
        text = subprocess.run(
            [sys.executable, "-c", _COUNT], env=environment, capture_output=True, text=True, check=True
        ).stdout
        assert _value(text, 'gateway_requests_total{operation="query",outcome="ok"}') == count
        assert _value(text, "gateway_requests_running") == 5
