"""Answers in parts, as a client takes them."""

from __future__ import annotations

import json

import pytest

from gateway.app import create_app
from gateway.settings.reader import read
from tests.clients.conftest import Node
from tests.conftest import Sandbox
from tests.servers import serving

pytestmark = [pytest.mark.node, pytest.mark.timeout(180)]


def test_a_client_shows_what_is_there(node: Node, environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """Apollo Client shows the quick part while the slow one is awaited, and then all of it."""
    environment.setenv("GATEWAY_ANSWERS_INCREMENTAL", "true")
    [video] = sandbox.ids("vod", "succeeded", 1)
    with serving(create_app(read())) as url:
        first, *_, last = json.loads(node("defer.mjs", f"{url}/graphql", video))
    assert first["dataState"] == "streaming"
    assert first["task"]["status"] == last["task"]["status"] == "SUCCEEDED"
    assert "inputs" not in first["task"]
    assert last["task"]["inputs"]
