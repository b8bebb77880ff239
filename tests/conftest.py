"""The sandbox and a gateway on it, both over real HTTP, for every test that asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from gateway.app import create_app
from gateway.cli.dev import sandbox_environment
from gateway.sandbox.app import create_app as create_sandbox
from gateway.settings.reader import read
from gateway.settings.settings import Settings
from tests.servers import serving

Ask = Callable[..., Awaitable[dict[str, Any]]]

QUICK = "1000"
"""Calls a second: what is tested with it is not the pace."""

_PATIENCE = 20.0
"""Seconds for the control surface, on a busy machine."""


class Sandbox:
    """The control surface of a running sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url

    def calls(self) -> dict[str, int]:
        """Return the calls made since the reset, by operation, those never called left out."""
        counts: dict[str, dict[str, int]] = httpx.get(f"{self.url}/_sandbox/calls", timeout=_PATIENCE).json()
        return {name: count["made"] for name, count in counts.items() if count["made"]}

    def ids(self, kind: str, state: str, limit: int = 1) -> list[str]:
        """Return some ids of things in a state; kinds are vod, vod_tasks, vod_jobs, ims, visionular."""
        answer = httpx.get(f"{self.url}/_sandbox/ids", params={"limit": limit}, timeout=_PATIENCE).json()
        ids: list[str] = answer[kind][state]
        return ids

    def fault(self, **rule: Any) -> None:
        """Switch a fault on."""
        httpx.post(f"{self.url}/_sandbox/faults", json=[rule], timeout=_PATIENCE).raise_for_status()

    def rotate(self, keys: dict[str, str] | None = None, *, keep: bool = False) -> None:
        """Accept other keys from now on, and those they replace only if these are kept."""
        url = f"{self.url}/_sandbox/credentials{'?keep=old' if keep else ''}"
        httpx.post(url, json=keys or {}, timeout=_PATIENCE).raise_for_status()

    def reset(self) -> None:
        """Forget calls and faults; take the first keys again."""
        httpx.post(f"{self.url}/_sandbox/reset", timeout=_PATIENCE).raise_for_status()


@pytest.fixture(scope="session")
def _running_sandbox() -> Iterator[Sandbox]:
    with serving(create_sandbox(quota=float(QUICK))) as url:
        yield Sandbox(url)


@pytest.fixture
def sandbox(_running_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A sandbox without faults that has counted no calls."""
    _running_sandbox.reset()
    yield _running_sandbox
    _running_sandbox.reset()


@pytest.fixture
def environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a gateway on the sandbox."""
    port = httpx.URL(sandbox.url).port
    for name, value in sandbox_environment(port or 0).items():
        monkeypatch.setenv(name, value)
    # Lines are written by a thread, which does not know whose test's output they belong to.
    monkeypatch.setenv("GATEWAY_TELEMETRY_LOG_LEVEL", "error")
    # A busy machine may let a process stand still for longer than a client would wait for its turn.
    monkeypatch.setenv("GATEWAY_SERVER_QUEUE_TIMEOUT", "20")
    for section in ("VOD", "IMS", "VISIONULAR"):
        monkeypatch.setenv(f"GATEWAY_{section}_CALLS_PER_SECOND", QUICK)
    return monkeypatch


@pytest.fixture
def settings(environment: pytest.MonkeyPatch) -> Settings:
    """The settings of a gateway on the sandbox."""
    return read()


@pytest.fixture
def gateway(settings: Settings) -> Iterator[str]:
    """The URL of a gateway on the sandbox that remembers nothing yet."""
    with serving(create_app(settings)) as url:
        yield url


@pytest.fixture
def ask(gateway: str) -> Ask:
    """Ask the gateway a query over HTTP, as a backend would."""

    async def ask(query: str, **variables: Any) -> dict[str, Any]:
        async with httpx.AsyncClient() as client:
            response = await client.post(
                f"{gateway}/graphql", json={"query": query, "variables": variables}, timeout=20
            )
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    return ask
