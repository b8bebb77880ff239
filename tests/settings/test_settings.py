"""Sections and sources of values."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings.reader import read


def test_nothing_is_needed() -> None:
    """Without any setting there are sane defaults and no provider."""
    settings = read()
    assert not settings.configured
    assert settings.server.port == 8000
    assert settings.vod.calls_per_second == 15


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


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deployment tools that cannot leave a variable out may leave it empty."""
    monkeypatch.setenv("GATEWAY_SERVER_PORT", "")
    assert read().server.port == 8000
