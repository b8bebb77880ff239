"""Further accounts, and parts of accounts that are files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings.accounts import one_of
from gateway.settings.reader import read
from tests.settings.conftest import Problems

TWO = """
[vod]
access_key_id = "a"
access_key_secret = "s3cret"

[vod.sources.eu]
region = "eu-central-1"
credentials = "chain"
role_arn = "acs:ram::1:role/gateway"
calls_per_second = 7
"""


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file of settings."""
    path = tmp_path / "gateway.toml"
    monkeypatch.setenv("GATEWAY_CONFIG", str(path))
    return path


def test_a_table_is_an_account_of_its_own(file: Path) -> None:
    """It has the names of its section and nothing of the section's values."""
    file.write_text(TWO)
    vod = read().vod
    eu = vod.sources["eu"]
    assert (vod.region, eu.region) == ("cn-shanghai", "eu-central-1")
    assert (vod.calls_per_second, eu.calls_per_second) == (15, 7)
    assert eu.access_key_id is None
    assert eu.account_name == "acs:ram::1:role/gateway"


def test_the_default_account_may_be_left_out(file: Path) -> None:
    """A deployment may name all of its accounts."""
    file.write_text(TWO[TWO.index("[vod.sources") :])
    settings = read()
    assert settings.configured
    assert not settings.vod.configured


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[vod.sources.eu]\nregion = 'eu-central-1'", "eu: holds nothing to ask with"),
        ("[vod.sources.default]\ncredentials = 'chain'", "default: this name is taken"),
        ("[vod.sources.all]\ncredentials = 'chain'", "all: this name is taken"),
        ("[vod.sources.EU]\ncredentials = 'chain'", "EU"),
        ("[vod.sources.eu]\naccess_key_id = 's3cret'", "vod.sources.eu"),
        ("[vod.sources.eu]\nregin = 's3cret'", "vod.sources.eu.regin"),
        ("[vod.sources.eu.sources.us]\ncredentials = 'chain'", "vod.sources.eu.sources"),
    ],
)
def test_what_is_wrong_is_named_by_its_table(file: Path, problems: Problems, text: str, named: str) -> None:
    """And never by its value."""
    file.write_text(text)
    told = " ".join(problems())
    assert named in told
    assert "s3cret" not in told


def test_a_part_is_a_value_or_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are revealed here, where they go to whoever signs."""
    monkeypatch.setenv("GATEWAY_VOD_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("GATEWAY_VOD_ACCESS_KEY_SECRET_FILE", "/s")
    vod = read().vod
    assert one_of(vod, "access_key_id") == "a"
    assert one_of(vod, "access_key_secret") == Path("/s")
    assert one_of(vod, "security_token") is None


@pytest.mark.parametrize("value", ["s3cret\n", " s3cret", " ", "s3\r\nX-More: cret", "s\u00e9cret"])
def test_what_is_no_key_is_told_at_the_start(problems: Problems, value: str) -> None:
    """It would not go into a request, and the provider would be blamed."""
    [problem] = problems(VOD_ACCESS_KEY_ID="a", VOD_ACCESS_KEY_SECRET=value)
    assert "ACCESS_KEY_SECRET must be printable ASCII" in problem
    assert value.strip() == "" or value.strip() not in problem
