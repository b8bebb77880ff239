"""What servers are offered."""

from __future__ import annotations

from typing import Any

from gateway.app import create_app
from gateway.server.shortcut import SHORTCUT, Shortcut
from tests.conftest import Sandbox


async def test_the_gateway_offers_a_shortcut_where_lifespan_has_state(
    sandbox: Sandbox, environment: Any
) -> None:
    """In the state, before it starts; a server whose lifespan has none goes without."""
    for scope in ({"type": "lifespan", "state": {}}, {"type": "lifespan"}):
        told = iter(["startup", "shutdown"])

        async def receive(told: Any = told) -> dict[str, str]:
            return {"type": f"lifespan.{next(told)}"}

        sent: list[str] = []

        async def send(message: Any, sent: list[str] = sent) -> None:
            sent.append(message["type"])

        await create_app()(scope, receive, send)
        assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        if "state" in scope:
            state: Any = scope["state"]
            shortcut: Shortcut = state[SHORTCUT]
            assert shortcut.takes({"path": "/graphql", "method": "GET", "headers": []})
            assert not shortcut.takes({"path": "/health/ready", "method": "GET", "headers": []})
