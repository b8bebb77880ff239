"""A sandbox whose clock can be put forward, and a gateway on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from gateway.sandbox.app import Sandbox
from gateway.sandbox.timeline import Series, Work


class World:
    """Both, and how to ask them."""

    def __init__(self, app: Sandbox, clock: list[float], sandbox: str, gateway: str) -> None:
        self.app, self.sandbox, self.gateway, self._clock = app, sandbox, gateway, clock

    def forward(self, moment: float) -> None:
        """Put the sandbox's clock forward to a moment."""
        self._clock[0] += max(moment - self.app.world.now(), 0)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask the gateway."""
        request = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.gateway}/graphql", json=request, timeout=20).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def calls(self) -> int:
        """Return how many calls the sandbox has had."""
        counts = httpx.get(f"{self.sandbox}/_sandbox/calls").json()
        return sum(count["made"] for count in counts.values())

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.02)


def soonest(series: Series, now: float) -> Work:
    """Return the work that ends next, with enough time left to ask for it first."""
    works = [series.work(number) for number in series.numbers(now, now - 200, now)]
    return min((work for work in works if work.finished > now + 5), key=lambda work: work.finished)
