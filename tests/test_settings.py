"""Settings and their reader."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.settings import PREFIX, SettingsError, described, read


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.startswith(PREFIX):
            monkeypatch.delenv(variable)


def _problems() -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read()
    return caught.value.problems


def test_nothing_is_needed() -> None:
    """Without any setting there are sane defaults and no provider."""
    settings = read()
    assert not settings.configured
    assert settings.server.port == 8000
    assert settings.vod.calls_per_second == 15


def test_everything_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One run names every variable that is wrong, with a remedy and without its value."""
    wrong = {
        "GATEWAY_SERVER_PORT": "s3cret1",
        "GATEWAY_SERVER_MAX_BODY": "-5",
        "GATEWAY_VOD_ACCESS_KEY_ID": "s3cret2",
        "GATEWAY_IMS_ENDPOINT": "s3cret 3",
        "GATEWAY_VISIONULAR_URL": "ftp://s3cret4",
        "GATEWAY_VISIONULAR_AUTH": "s3cret5",
        "GATEWAY_HTTP_TOTAL_TIMEOUT": "0",
        "GATEWAY_VOD_REGIN": "s3cret6",
    }
    for variable, value in wrong.items():
        monkeypatch.setenv(variable, value)
    problems = _problems()
    text = "\n".join(problems)
    assert len(problems) == len(wrong)
    assert "s3cret" not in text
    for variable in wrong:
        assert variable.removesuffix("ACCESS_KEY_ID") in text
    assert "did you mean GATEWAY_VOD_REGION?" in text


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"GATEWAY_VOD_ACCESS_KEY_SECRET": "s3cret"}, "ACCESS_KEY_ID"),
        ({"GATEWAY_VISIONULAR_URL": "https://a"}, "SECRET_KEY"),
        ({"GATEWAY_VISIONULAR_URL": "https://a", "GATEWAY_VISIONULAR_AUTH": "header"}, "STATIC_VALUE"),
        ({"GATEWAY_VISIONULAR_URL": "https://a", "GATEWAY_VISIONULAR_AUTH": "query"}, "STATIC_NAME"),
    ],
)
def test_what_belongs_together_fails_together(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    """Half a credential is refused by the names of both halves."""
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    [problem] = _problems()
    assert named in problem
    assert "s3cret" not in problem


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither printing nor dumping settings reveals a secret."""
    monkeypatch.setenv("GATEWAY_VOD_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("GATEWAY_VOD_ACCESS_KEY_SECRET", "s3cret")
    monkeypatch.setenv("GATEWAY_VOD_SECURITY_TOKEN", "s3cret")
    settings = read()
    assert "s3cret" not in repr(settings) + str(settings.model_dump(mode="json"))
    assert settings.vod.configured


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file may hold the same settings; a variable overrides one."""
    file = tmp_path / "gateway.toml"
    file.write_text('[server]\nport = 9000\nhost = "0.0.0.0"\n[ims]\nvideo_id_path = "meta.video"\n')
    monkeypatch.setenv("GATEWAY_CONFIG", str(file))
    monkeypatch.setenv("GATEWAY_SERVER_PORT", "9001")
    settings = read()
    assert (settings.server.host, settings.server.port) == ("0.0.0.0", 9001)  # noqa: S104
    assert settings.ims.video_id_path == "meta.video"


@pytest.mark.parametrize("text", ["[server]\nprot = 1\n", "[serve]\nport = 1\n", "this is no TOML"])
def test_a_wrong_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    """Unknown names in the file are refused like unknown variables, and so is what is no TOML."""
    file = tmp_path / "gateway.toml"
    file.write_text(text)
    monkeypatch.setenv("GATEWAY_CONFIG", str(file))
    assert "GATEWAY_CONFIG" in _problems()[0]


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A path that leads nowhere is not silently left out."""
    monkeypatch.setenv("GATEWAY_CONFIG", str(tmp_path / "none.toml"))
    assert "does not exist" in _problems()[0]


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deployment tools that cannot leave a variable out may leave it empty."""
    monkeypatch.setenv("GATEWAY_SERVER_PORT", "")
    assert read().server.port == 8000


def test_every_setting_is_described() -> None:
    """The table of settings has a meaning for each, and knows the secret ones."""
    settings = list(described())
    assert all(setting.meaning for setting in settings)
    assert {setting.variable for setting in settings if setting.secret} == {
        "GATEWAY_SERVER_CURSOR_SECRET",
        "GATEWAY_ACCESS_KEYS",
        "GATEWAY_LANES_STORE",
        "GATEWAY_VOD_ACCESS_KEY_SECRET",
        "GATEWAY_VOD_SECURITY_TOKEN",
        "GATEWAY_IMS_ACCESS_KEY_SECRET",
        "GATEWAY_IMS_SECURITY_TOKEN",
        "GATEWAY_VISIONULAR_SECRET_KEY",
        "GATEWAY_VISIONULAR_STATIC_VALUE",
    }
