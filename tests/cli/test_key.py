"""The command that makes keys."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from gateway.access.keys import Keys, parse
from gateway.access.scopes import Scope
from gateway.cli import app


def test_a_key_is_made_and_its_hash_is_what_to_set() -> None:
    """What is printed for the gateway accepts what is printed for the client, with its scopes."""
    result = CliRunner().invoke(app, ["key", "ci", "--scope", "provider:vod", "--scope", "urls"])
    assert result.exit_code == 0
    [key] = re.findall(r"gw_\S+", result.stdout)
    [entry] = re.findall(r"GATEWAY_ACCESS_KEYS='([^']+)'", result.stdout)
    assert key not in entry
    assert Keys(parse(entry)).principal(key).scopes == {Scope.VOD, Scope.URLS}


@pytest.mark.parametrize("arguments", [["c i"], ["ci", "--scope", "everything"]])
def test_what_cannot_be_set_is_refused(arguments: list[str]) -> None:
    """A name or scope that the gateway would refuse is refused here."""
    result = CliRunner().invoke(app, ["key", *arguments])
    assert result.exit_code == 2
    assert "gw_" not in result.output
