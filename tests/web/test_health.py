"""Health."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar

from gateway.web.drain import Drain
from gateway.web.health import LIVE, READY, health
from tests.conftest import Sandbox
from tests.servers import serving


@pytest.mark.parametrize("path", [LIVE, READY])
def test_health_does_not_ask_a_provider(gateway: str, sandbox: Sandbox, path: str) -> None:
    """A running process says so by itself."""
    assert httpx.get(gateway + path).json() == {"status": "ok"}
    assert sandbox.calls() == {}


def test_health_does_not_ask_the_store(environment: pytest.MonkeyPatch) -> None:
    """Without its store a gateway works from memory, and wants requests."""
    from gateway.app import create_app  # noqa: PLC0415 - reads the environment that the fixture made

    environment.setenv("GATEWAY_LANES_STORE", "redis://127.0.0.1:1/0")
    with serving(create_app()) as url:
        assert httpx.get(url + READY).status_code == 200


def test_who_is_about_to_end_lives_and_wants_no_more() -> None:
    """Readiness takes a process out of service; liveness would have it killed in the middle of an answer."""
    drain = Drain()
    with serving(Litestar(route_handlers=health(drain), openapi_config=None)) as url:
        drain.draining = True
        assert httpx.get(url + LIVE).status_code == 200
        answer = httpx.get(url + READY)
        assert (answer.status_code, answer.json()) == (503, {"status": "draining"})
