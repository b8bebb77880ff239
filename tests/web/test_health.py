"""Health."""

from __future__ import annotations

import httpx
import pytest

from tests.conftest import Sandbox


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_does_not_ask_a_provider(gateway: str, sandbox: Sandbox, path: str) -> None:
    """A running process says so by itself."""
    assert httpx.get(gateway + path).json() == {"status": "ok"}
    assert sandbox.calls() == {}
