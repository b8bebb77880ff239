"""Settings of providers."""

from __future__ import annotations

import pytest

from gateway.settings.reader import read
from gateway.settings.settings import PREFIX
from tests.settings.conftest import Problems


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"VOD_ACCESS_KEY_SECRET": "s3cret"}, "ACCESS_KEY_ID"),
        ({"VISIONULAR_URL": "https://a"}, "SECRET_KEY"),
        ({"VISIONULAR_URL": "https://a", "VISIONULAR_AUTH": "header"}, "STATIC_VALUE"),
        ({"VISIONULAR_URL": "https://a", "VISIONULAR_AUTH": "query"}, "STATIC_NAME"),
        ({"VOD_ACCESS_KEY_ID_FILE": "/a"}, "ACCESS_KEY_SECRET"),
        ({"VOD_ACCESS_KEY_ID": "s3cret", "VOD_ACCESS_KEY_ID_FILE": "/a"}, "ACCESS_KEY_ID_FILE"),
        (
            {"VOD_CREDENTIALS": "chain", "VOD_ACCESS_KEY_ID": "s3cret", "VOD_ACCESS_KEY_SECRET": "s3cret"},
            "CREDENTIALS=chain",
        ),
        ({"VOD_ROLE_ARN": "acs:ram::1:role/a"}, "CREDENTIALS=chain"),
        ({"VOD_ENDPOINT": "http://[::1"}, "VOD_ENDPOINT: this is no address"),
        ({"IMS_ENDPOINT": "ice.example:99999"}, "IMS_ENDPOINT: this is no address"),
        ({"VISIONULAR_URL": "http://:80"}, "VISIONULAR_URL: this is no address"),
        ({"VISIONULAR_URL": "https://a:s3cret@host"}, "VISIONULAR_URL"),
        (
            {"VISIONULAR_URL": "https://a", "VISIONULAR_ACCESS_KEY": "a", "VISIONULAR_ACCESS_KEY_FILE": "/a"},
            "ACCESS_KEY_FILE",
        ),
    ],
)
def test_what_belongs_together_fails_together(
    problems: Problems, variables: dict[str, str], named: str
) -> None:
    """Half a credential is refused by the names of both halves."""
    [problem] = problems(**variables)
    assert named in problem
    assert "s3cret" not in problem


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"VOD_ACCESS_KEY_ID": "id", "VOD_ACCESS_KEY_SECRET": "s"}, "id"),
        ({"VOD_ACCESS_KEY_ID": "id", "VOD_ACCESS_KEY_SECRET_FILE": "/s"}, "id"),
        ({"VOD_ACCESS_KEY_ID_FILE": "/i", "VOD_ACCESS_KEY_SECRET_FILE": "/s"}, None),
        ({"VOD_CREDENTIALS": "chain"}, None),
        ({"VOD_CREDENTIALS": "chain", "VOD_ROLE_ARN": "acs:ram::1:role/a"}, "acs:ram::1:role/a"),
        ({"VOD_CREDENTIALS": "chain", "VOD_ACCOUNT": "main"}, "main"),
    ],
)
def test_an_account_has_a_name_that_outlives_its_keys(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str | None
) -> None:
    """Lasting keys name it; keys that change do not, and an operator may."""
    for variable, value in variables.items():
        monkeypatch.setenv(f"{PREFIX}{variable}", value)
    vod = read().vod
    assert vod.configured
    assert vod.account_name == name
