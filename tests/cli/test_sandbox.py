"""The command that imitates the providers."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.cli import app


def test_its_port_is_an_option() -> None:
    """A port can be chosen by option or variable."""
    result = CliRunner().invoke(app, ["sandbox", "--help"], env={"COLUMNS": "120"})
    assert result.exit_code == 0
    assert "SANDBOX_PORT" in result.stdout
