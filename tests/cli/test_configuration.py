"""Reading the settings for a command."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from gateway.cli import app


def test_without_credentials_the_way_on_is_shown() -> None:
    """Someone who just typed serve learns how to get going."""
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 2
    assert "gateway dev" in result.stderr
    assert "GATEWAY_VOD_ACCESS_KEY_ID" in result.stderr


def test_wrong_settings_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that needs the settings refuses to guess."""
    monkeypatch.setenv("GATEWAY_SERVER_PORT", "high")
    monkeypatch.setenv("GATEWAY_VOD_SIGNATURE", "crc32")
    for command in ("serve", "check", "print-config", "dev"):
        result = CliRunner().invoke(app, [command])
        assert result.exit_code == 2, command
        assert "GATEWAY_SERVER_PORT" in result.stderr
        assert "GATEWAY_VOD_SIGNATURE" in result.stderr


def test_the_configuration_is_printed_without_secrets(environment: pytest.MonkeyPatch) -> None:
    """What is printed may be pasted into a ticket."""
    result = CliRunner().invoke(app, ["print-config"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["vod"]["access_key_id"] == "sandboxAccessKeyId"
    assert "sandboxAccessKeySecret" not in result.stdout
    assert "sandboxSecretKey" not in result.stdout
