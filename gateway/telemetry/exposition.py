"""What /metrics shows: this process's numbers, or those of all workers."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from gateway.telemetry.metrics import Metrics
from gateway.telemetry.names import FOLDER

CONTENT_TYPE = "text/plain; version=0.0.4"

_LIVE = re.compile(r"gauge_live\w*_(\d+)\.db")


def exposition(metrics: Metrics) -> bytes:
    """Return the metrics in Prometheus' text format."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return generate_latest(metrics.registry)
    _bury(Path(folder))
    everybody = CollectorRegistry()
    MultiProcessCollector(everybody, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(everybody)


def _bury(folder: Path) -> None:
    """Forget the gauges of workers that have ended; what they counted has happened and stays."""
    for file in folder.iterdir():
        match = _LIVE.fullmatch(file.name)
        if match and not Path(f"/proc/{match[1]}").exists() and Path("/proc").exists():
            with suppress(FileNotFoundError):  # another worker, asked at the same moment, was quicker
                mark_process_dead(int(match[1]), str(folder))  # type: ignore[no-untyped-call]
