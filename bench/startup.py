"""How long a worker takes until it is ready, and what it holds while nothing is asked.

Time is the processor's: on a machine with nothing else to do it is what the clock shows, and on a busy one it
still is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from bench.figures import Figure
from bench.load import cpu_seconds
from bench.servers import free_port
from gateway.cli.dev import sandbox_environment

_MOST_SECONDS = 1.5
_MOST_MEGABYTES = 90.0


def verdicts(starts: int = 5) -> list[Figure]:
    """Return the quickest of some starts, and the largest worker."""
    found = [_start() for _ in range(starts)]
    return [
        Figure(
            name="processor seconds from start to ready",
            value=min(seconds for seconds, _ in found),
            goal=_MOST_SECONDS,
        ),
        Figure(
            name="MB resident in an idle worker", value=max(size for _, size in found), goal=_MOST_MEGABYTES
        ),
    ]


def _start() -> tuple[float, float]:
    port = free_port()
    environment = os.environ | sandbox_environment(1) | {"GATEWAY_SERVER_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health/ready").is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.005)
        seconds = cpu_seconds(process.pid)
        time.sleep(1)
        return seconds, _resident(process.pid)
    finally:
        process.terminate()
        process.wait()


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0
