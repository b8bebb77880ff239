"""A collector that is there, and lines as they are written."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from gateway.telemetry.lines import Line
from gateway.telemetry.metrics import Metrics
from tests.telemetry.collector import Collector, collecting


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that has been sent nothing yet."""
    with collecting() as collector:
        yield collector


@pytest.fixture
def metrics() -> Metrics:
    """Metrics that have counted nothing yet."""
    return Metrics()


class Recorder:
    """A log that is read here."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def info(self, event: str, **fields: Any) -> None:
        """Take a line."""
        self.lines.append({"event": event, "level": "info", **fields})

    def warning(self, event: str, **fields: Any) -> None:
        """Take a line."""
        self.lines.append({"event": event, "level": "warning", **fields})

    def request(self, line: Line) -> None:
        """Take a request's line."""
        self.lines.append(msgspec.to_builtins(line))


@pytest.fixture
def log() -> Recorder:
    """A log that has been told nothing yet."""
    return Recorder()


class Pipe:
    """A pipe that lines are written to."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()

    def lines(self) -> list[dict[str, Any]]:
        """Return what was written, once it was all written."""
        return [json.loads(line) for line in self.texts()]

    def texts(self) -> list[str]:
        """Return the same as texts."""
        os.close(self.writing)
        with os.fdopen(self.reading) as file:
            return list(file)


@pytest.fixture
def pipe() -> Pipe:
    """A pipe whose ends are open."""
    return Pipe()


async def soon(what: Callable[[], Any]) -> None:
    """Wait, as the event loop turns, until something comes true."""
    async with asyncio.timeout(20):
        while not what():  # noqa: ASYNC110 - what is waited for happens in another thread
            await asyncio.sleep(0.02)


def eventually(what: Callable[[], Any]) -> Any:
    """Return what comes true after a while."""
    deadline = time.monotonic() + 40
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)
    return found
