"""The command that writes the schema, and watches over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.graph.federation import sdl

Run = Callable[..., Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["schema", *arguments])


def test_the_file_is_written_and_checked(run: Run, tmp_path: Path) -> None:
    """A missing or changed file fails the check with the command that mends it."""
    missing = run("--check")
    assert missing.exit_code == 1
    assert "`gateway schema`" in missing.stderr
    assert run().exit_code == 0
    assert run("--check").exit_code == 0
    (tmp_path / "schema.graphql").write_text("type Query { a: Int }")
    assert run("--check").exit_code == 1


def test_a_release_is_not_broken(run: Run, tmp_path: Path) -> None:
    """What a client of the last release may use stays; what is new may come."""
    assert run("--release").exit_code == 0
    assert run("--check").exit_code == 0
    released = tmp_path / "schema.released.graphql"
    now = released.read_text()
    released.write_text(now.replace("type PageInfo {", "type PageInfo {\n  pages: Int\n"))
    broken = run("--check")
    assert broken.exit_code == 1
    assert "PageInfo.pages was removed" in broken.stderr
    released.write_text(now + "\nunion Found = Task | Video\n")
    assert "Found was removed" in run("--check").stderr
    released.write_text(now.replace('  """Alibaba Cloud Intelligent Media Services."""\n  IMS\n', ""))
    surprising = run("--check")
    assert surprising.exit_code == 0
    assert "Provider.IMS was added" in surprising.stderr


def test_the_subgraph_is_printed(run: Run, tmp_path: Path) -> None:
    """What is published for a router is what `_service` says."""
    assert run("--subgraph").stdout == sdl()
    assert list(tmp_path.iterdir()) == []
