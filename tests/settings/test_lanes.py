"""Settings of lanes."""

from __future__ import annotations

import pytest

from gateway.settings.reader import read
from tests.settings.conftest import Problems


def test_a_store_is_named_by_its_address(problems: Problems) -> None:
    """Another scheme is refused without showing the address, which may hold a password."""
    [problem] = problems(LANES_STORE="http://user:s3cret@host")
    assert "redis://" in problem
    assert "s3cret" not in problem


@pytest.mark.parametrize("scheme", ["redis", "rediss", "unix"])
def test_stores_that_will_do(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """In the clear, secured, or over a socket on this machine."""
    monkeypatch.setenv("GATEWAY_LANES_STORE", f"{scheme}://host")
    assert read().lanes.store is not None
