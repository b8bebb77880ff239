"""The wiring of who may come in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pytest

from gateway import entrance
from gateway.access import keys
from gateway.access.errors import Unauthenticated
from gateway.access.points import OwnPurse
from gateway.access.scopes import Scope
from gateway.access.shared_points import SharedPurse
from gateway.graph.limits import DEFAULTS
from gateway.settings.reader import SettingsError, read
from gateway.settings.settings import PREFIX, Settings
from gateway.upstream.policy import StorePolicy
from gateway.upstream.server import Server


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.startswith(PREFIX):
            monkeypatch.delenv(variable)


def _settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    return read()


def test_without_a_decision_there_is_a_problem_with_its_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who starts the gateway learns the three ways to say who may ask."""
    [problem] = entrance.problems(_settings(monkeypatch))
    for variable in ("GATEWAY_ACCESS_KEYS", "GATEWAY_ACCESS_JWKS", "GATEWAY_ACCESS_ANONYMOUS"):
        assert variable in problem


async def test_the_defaults_let_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started past the check, by a server of one's own, the gateway is closed all the same."""
    async with httpx.AsyncClient() as http:
        with pytest.raises(Unauthenticated):
            await entrance.authentication(_settings(monkeypatch), http).of_headers(None)


@pytest.mark.parametrize(
    "variables",
    [
        {"ACCESS_ANONYMOUS": "true"},
        {"ACCESS_KEYS": keys.entry("ci", "gw_x", ["all"])},
        {"ACCESS_JWKS": "https://id.example.com", "ACCESS_JWT_ISSUER": "i", "ACCESS_JWT_AUDIENCE": "a"},
    ],
)
def test_any_decision_will_do(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """Keys, tokens, or everybody."""
    assert list(entrance.problems(_settings(monkeypatch, **variables))) == []


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"ACCESS_KEYS": "s3cret"}, "GATEWAY_ACCESS_KEYS"),
        ({"ACCESS_KEYS": " ; "}, "GATEWAY_ACCESS_KEYS: holds no key"),
        (
            {"ACCESS_ANONYMOUS": "true", "LIMITS_CALLS": "600"},
            "POINTS_PER_MINUTE: must be 0 or at least 6050",
        ),
        (
            {"ACCESS_KEYS": "", "ACCESS_ANONYMOUS": "true", "ACCESS_ANONYMOUS_SCOPES": "s3cret"},
            "ANONYMOUS_SCOPES",
        ),
        ({"ACCESS_ANONYMOUS": "true", "ACCESS_JWT_ALGORITHMS": "HS256"}, "JWT_ALGORITHMS"),
        ({"ACCESS_ANONYMOUS": "true", "ACCESS_JWT_ALGORITHMS": "none"}, "JWT_ALGORITHMS"),
        (
            {"ACCESS_JWKS": "/s3cret", "ACCESS_JWT_ISSUER": "i", "ACCESS_JWT_AUDIENCE": "a"},
            "GATEWAY_ACCESS_JWKS",
        ),
        (
            {"ACCESS_ANONYMOUS": "true", "DOCUMENTS_MODE": "only", "DOCUMENTS_MANIFEST": "/nowhere"},
            "MANIFEST",
        ),
    ],
)
def test_what_is_wrong_is_named_before_the_start(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    """Each problem names its variable and quotes no value."""
    [problem] = entrance.problems(_settings(monkeypatch, **variables))
    assert named in problem
    assert "s3cret" not in problem


@pytest.mark.parametrize(
    "variables",
    [
        {"ACCESS_JWKS": "https://id.example.com/jwks"},
        {"ACCESS_JWKS": "http://id.example.com/jwks", "ACCESS_JWT_ISSUER": "i", "ACCESS_JWT_AUDIENCE": "a"},
        {
            "ACCESS_JWKS": "http://127.0.0.1.example.com/jwks",
            "ACCESS_JWT_ISSUER": "i",
            "ACCESS_JWT_AUDIENCE": "a",
        },
        {"DOCUMENTS_MODE": "only"},
        {"DOCUMENTS_MANIFEST": "persisted.json"},
        {"ACCESS_POINTS_PER_MINUTE": "5"},
        {"LIMITS_IDS": "51"},
        {"LIMITS_MESSAGE": "201"},
    ],
)
def test_what_cannot_be_meant_is_refused(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """Settings that make no sense alone, or would open what must stay shut, are no settings."""
    with pytest.raises(SettingsError):
        _settings(monkeypatch, **variables)


def test_limits_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defaults are the same in both places; what is set is taken over."""
    assert entrance.limits(_settings(monkeypatch)) == DEFAULTS
    assert entrance.limits(_settings(monkeypatch, LIMITS_ROOT_FIELDS="3")).root_fields == 3


async def test_anonymous_clients_have_their_scopes(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no others."""
    settings = _settings(monkeypatch, ACCESS_ANONYMOUS="true", ACCESS_ANONYMOUS_SCOPES="provider:vod urls")
    async with httpx.AsyncClient() as http:
        principal = await entrance.authentication(settings, http).of_headers(None)
    assert principal.scopes == {Scope.VOD, Scope.URLS}


async def test_points_are_counted_where_replicas_can_share_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the process, in the store, or not at all."""
    assert isinstance(entrance.purse(_settings(monkeypatch), None), OwnPurse)
    server = Server("redis://127.0.0.1:9", StorePolicy())
    assert isinstance(entrance.purse(_settings(monkeypatch), server), SharedPurse)
    await server.close()
    off = _settings(monkeypatch, ACCESS_POINTS_PER_MINUTE="0")
    assert entrance.purse(off, None) is None


async def test_a_key_set_that_is_too_large_or_not_there_is_a_passing_trouble() -> None:
    """Whatever the address answers, it is an error that leaves the last set in force."""
    answers: list[httpx.Response | Exception] = [
        httpx.Response(404),
        httpx.Response(200, content=b"x" * 2_000_000),
        httpx.ConnectError("s3cret"),
    ]

    def answer(_request: httpx.Request) -> httpx.Response:
        one = answers.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        fetch = entrance._from_url("https://id.example.com/jwks", http)
        for _ in range(3):
            with pytest.raises((OSError, ValueError)) as caught:
                await fetch()
            assert "s3cret" not in str(caught.value)


def test_documents_are_read_at_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The manifest is there before the first request."""
    manifest = tmp_path / "persisted.json"
    manifest.write_text(json.dumps({"mine": "{ __typename }"}))
    settings = _settings(monkeypatch, DOCUMENTS_MODE="allow", DOCUMENTS_MANIFEST=str(manifest))
    assert entrance.trusted(settings).text("", "mine", None) == "{ __typename }"
