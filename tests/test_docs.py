"""What README says, checked."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type
from typer.testing import CliRunner

from gateway.cli import app
from gateway.graph.schema import schema
from tests.conftest import Ask, Sandbox
from tests.docs import README, TABLES, rewritten
from tests.providers.ims import fields as ims_fields
from tests.providers.visionular import fields as visionular_fields
from tests.providers.vod import fields as vod_fields

TEXT = README.read_text("utf-8")
ROOT = README.parent


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_tables_are_those_of_the_code() -> None:
    """Operations, fields, errors and settings in README are what the code has."""
    assert rewritten(TEXT) == TEXT, "`make docs` rewrites README's tables"
    assert all(f"<!-- table: {name} -->" in TEXT for name in TABLES)


def _shape(value: Any) -> Any:
    match value:
        case dict():
            return {key: _shape(inner) for key, inner in value.items()}
        case list():
            return next((_shape(inner) for inner in value if inner is not None), None)
        case _:
            return None


async def test_the_query_gives_the_answer_shown(ask: Ask, sandbox: Sandbox) -> None:
    """README's query runs, and its answer has the shape that README shows."""
    query, *_ = _blocks("graphql")
    [shown] = [json.loads(block) for block in _blocks("json")]
    answer = await ask(query, ids=[*sandbox.ids("vod", "running", 1), "nosuchvideo"])
    assert _shape(answer) == _shape(shown)
    assert answer["data"]["videos"][1] is None
    assert shown["data"]["videos"][1] is None


def _commands() -> Iterator[list[str]]:
    for block in _blocks("sh"):
        for line in block.splitlines():
            words = line.split("#")[0].split()
            if words:
                yield words


def test_commands_exist() -> None:
    """Every make target and every subcommand named in README is there."""
    named = set(re.findall(r"`make (\w+)`", TEXT)) | {words[1] for words in _commands() if words[0] == "make"}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= targets
    subcommands = set(re.findall(r"`gateway ([a-z-]+)", TEXT))
    runner = CliRunner()
    for command in subcommands:
        assert runner.invoke(app, [command, "--help"]).exit_code == 0
    assert subcommands == {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]


def test_sandbox_commands_work(sandbox: Sandbox) -> None:
    """The control surface is asked as README asks it."""
    commands = [words for words in _commands() if words[0] == "curl" and "/_sandbox/" in " ".join(words)]
    assert len(commands) == 6
    for words in commands:
        line = " ".join(words).replace("http://127.0.0.1:8001", sandbox.url)
        done = subprocess.run(
            ["/bin/bash", "-c", line.replace("curl -s", "curl -sf")], capture_output=True, check=True
        )
        json.loads(done.stdout)


def test_links_lead_somewhere() -> None:
    """Every file that README links to is there."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("module", [vod_fields, ims_fields, visionular_fields])
def test_every_field_on_the_wire_has_a_place_that_exists(module: Any) -> None:
    """The places named for wire fields are fields of the schema."""
    for _, field, places in module.FIELDS:
        for place in places.split(", "):
            path = place.split(":")[0].strip().split(".")
            type_: Any = schema._schema.type_map[path[0]]
            for name in path[1:]:
                assert isinstance(type_, GraphQLObjectType), (field, place)
                assert name in type_.fields, (field, place)
                type_ = get_named_type(type_.fields[name].type)


def test_files_say_nothing_of_registries() -> None:
    """The locks install from whichever registry a machine is configured for."""
    for lock in ("requirements.lock", "requirements-dev.lock", "tests/clients/requirements.lock"):
        assert "://" not in (ROOT / lock).read_text()
    for folder in ("web", "examples/frontend", "tests/clients"):
        package_lock = json.loads(Path(ROOT / folder / "package-lock.json").read_text())
        assert not any("resolved" in package for package in package_lock["packages"].values())
