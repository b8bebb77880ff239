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


@pytest.mark.parametrize("password", ["s3cret/more", "s3cret#more", "12?s3cret", "12/s3cret"])
@pytest.mark.parametrize("user", ["", "s3"])
def test_a_password_that_is_not_encoded_is_told(problems: Problems, user: str, password: str) -> None:
    """A part of it would be taken for the port; the client's exception would show that at the start."""
    [problem] = problems(LANES_STORE=f"redis://{user}:{password}@host:6379/0")
    assert "%2F" in problem
    assert "s3cret" not in problem


@pytest.mark.parametrize("scheme", ["redis", "rediss", "unix"])
def test_stores_that_will_do(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """In the clear, secured, or over a socket on this machine."""
    for store in (f"{scheme}://host", f"{scheme}://user:a%2Fb@[::1]:6379/0?protocol=3"):
        monkeypatch.setenv("GATEWAY_LANES_STORE", store)
        assert read().lanes.store is not None
