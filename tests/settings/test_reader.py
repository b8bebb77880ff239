"""The reader of settings, and what it says about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings.reader import described
from tests.settings.conftest import Problems


def test_everything_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch, problems: Problems) -> None:
    """One run names every variable that is wrong, with a remedy and without its value."""
    wrong = {
        "GATEWAY_SERVER_PORT": "s3cret1",
        "GATEWAY_SERVER_MAX_BODY": "-5",
        "GATEWAY_VOD_ACCESS_KEY_ID": "s3cret2",
        "GATEWAY_IMS_ENDPOINT": "s3cret 3",
        "GATEWAY_VISIONULAR_URL": "ftp://s3cret4",
        "GATEWAY_VISIONULAR_AUTH": "s3cret5",
        "GATEWAY_HTTP_TOTAL_TIMEOUT": "0",
        "GATEWAY_IMS_REGIN": "s3cret6",
        "gateway_server_prot": "s3cret7",
    }
    for variable, value in wrong.items():
        monkeypatch.setenv(variable, value)
    found = problems()
    text = "\n".join(found)
    assert len(found) == len(wrong)
    assert "s3cret" not in text
    for variable in wrong:
        assert variable.removesuffix("ACCESS_KEY_ID") in text
    assert "did you mean GATEWAY_IMS_REGION?" in text
    assert "did you mean GATEWAY_SERVER_PORT?" in text
    assert "GATEWAY_CONFIG" not in text


@pytest.mark.parametrize("text", ["[server]\nprot = 1\n", "[serve]\nport = 1\n", "this is no TOML"])
def test_a_wrong_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, problems: Problems
) -> None:
    """Unknown names in the file are refused like unknown variables, and so is what is no TOML."""
    file = tmp_path / "gateway.toml"
    file.write_text(text)
    monkeypatch.setenv("GATEWAY_CONFIG", str(file))
    assert "GATEWAY_CONFIG" in problems()[0]


def test_a_slip_in_the_file_is_found_by_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problems: Problems
) -> None:
    """A long file with one character too few is no guessing game, and nothing of it is shown."""
    file = tmp_path / "gateway.toml"
    file.write_text("[vod]\naccess_key_id = 'a'\naccess_key_secret 's3cret'\n")
    monkeypatch.setenv("GATEWAY_CONFIG", str(file))
    [problem] = problems()
    assert "at line 3, column 19" in problem
    assert "s3cret" not in problem


def test_a_variable_that_should_be_json_is_named(monkeypatch: pytest.MonkeyPatch, problems: Problems) -> None:
    """Not the file, which may not even be there; and nothing of the value is shown."""
    monkeypatch.setenv("GATEWAY_VOD_SOURCES", '{"other": {"access_key_secret": "s3cret"')
    assert problems() == ["GATEWAY_VOD_SOURCES: the value is not JSON."]


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problems: Problems) -> None:
    """A path that leads nowhere is not silently left out."""
    monkeypatch.setenv("GATEWAY_CONFIG", str(tmp_path / "none.toml"))
    assert "does not exist" in problems()[0]


def test_every_setting_is_described() -> None:
    """The table of settings has a meaning for each, and knows the secret ones."""
    settings = list(described())
    assert all(setting.meaning for setting in settings)
    assert {setting.variable for setting in settings if setting.secret} == {
        "GATEWAY_SERVER_CURSOR_SECRET",
        "GATEWAY_ACCESS_KEYS",
        "GATEWAY_LANES_STORE",
        "GATEWAY_TELEMETRY_OTLP_HEADERS",
        "GATEWAY_PUSH_VOD_KEY",
        "GATEWAY_PUSH_IMS_KEY",
        "GATEWAY_PUSH_VISIONULAR_SECRET",
        "GATEWAY_VOD_ACCESS_KEY_SECRET",
        "GATEWAY_VOD_SECURITY_TOKEN",
        "GATEWAY_IMS_ACCESS_KEY_SECRET",
        "GATEWAY_IMS_SECURITY_TOKEN",
        "GATEWAY_VISIONULAR_SECRET_KEY",
        "GATEWAY_VISIONULAR_STATIC_VALUE",
    }
