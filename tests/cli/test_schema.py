"""The command that writes the schema."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app


def test_the_file_is_written_and_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A missing or changed file fails the check with the command that mends it."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    missing = runner.invoke(app, ["schema", "--check"])
    assert missing.exit_code == 1
    assert "`gateway schema`" in missing.stderr
    assert runner.invoke(app, ["schema"]).exit_code == 0
    assert runner.invoke(app, ["schema", "--check"]).exit_code == 0
    (tmp_path / "schema.graphql").write_text("type Query { a: Int }")
    assert runner.invoke(app, ["schema", "--check"]).exit_code == 1
