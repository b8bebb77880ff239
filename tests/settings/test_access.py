"""Settings of access."""

from __future__ import annotations

import pytest

from gateway.settings.reader import read
from tests.settings.conftest import Problems

TOKENS = {"ACCESS_JWT_ISSUER": "https://issuer", "ACCESS_JWT_AUDIENCE": "gateway"}


def test_a_key_set_needs_issuer_and_audience(problems: Problems) -> None:
    """Tokens made for others are not ours to accept."""
    [problem] = problems(ACCESS_JWKS="/keys.json")
    assert "JWT_ISSUER" in problem


@pytest.mark.parametrize(
    "jwks", ["http://keys.example.com/", "HTTP://keys.example.com/", "ftp://keys/", "https://[k"]
)
def test_a_key_set_does_not_come_in_the_clear(problems: Problems, jwks: str) -> None:
    """Whoever can change the keys on their way decides who is let in; this machine's own services may."""
    [problem] = problems(ACCESS_JWKS=jwks, **TOKENS)
    assert "https" in problem


@pytest.mark.parametrize("jwks", ["http://127.0.0.1:9000/keys", "https://keys.example.com/", "/keys.json"])
def test_key_sets_that_will_do(monkeypatch: pytest.MonkeyPatch, jwks: str) -> None:
    """A file, a secured address, or a service on this machine."""
    for name, value in {"ACCESS_JWKS": jwks, **TOKENS}.items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    assert read().access.decided


def test_points_suffice_for_a_query(problems: Problems) -> None:
    """A purse that no query fits into is a mistake; none at all is a choice."""
    [problem] = problems(ACCESS_POINTS_PER_MINUTE="10")
    assert "at least 300" in problem


def test_nobody_is_let_in_by_default() -> None:
    """Somebody has to decide who may ask."""
    assert not read().access.decided
