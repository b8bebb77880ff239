"""Streams that go on after the routes are done."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.web.afterwards import around, carry_on


class Begun:
    """A stream that notes what becomes of it."""

    def __init__(self) -> None:
        self.events: list[str] = []

    async def run(self, receive: Any, send: Any) -> None:
        """See `gateway.web.afterwards.Begun`."""
        self.events.append("run")

    def close(self) -> None:
        """See `gateway.web.afterwards.Begun`."""
        self.events.append("closed")


async def _nothing(*_message: Any) -> Any:
    """Receive and send nothing."""


async def test_a_stream_goes_on_when_its_request_is_over_and_forgotten() -> None:
    """After the routes, without what they worked with."""
    begun = Begun()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await carry_on(begun, scope, receive, send)
        begun.events.append("routes are done")

    scope = {"type": "http", "method": "POST", "headers": [], "app": app}
    await around(app)(scope, _nothing, _nothing)
    assert begun.events == ["routes are done", "run"]
    assert scope == {"type": "http", "method": "POST"}


async def test_a_stream_is_closed_where_the_routes_fail() -> None:
    """Nobody would serve it."""
    begun = Begun()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await carry_on(begun, scope, receive, send)
        raise ValueError("routes")

    with pytest.raises(ValueError, match="routes"):
        await around(app)({"type": "http"}, _nothing, _nothing)
    assert begun.events == ["closed"]


async def test_without_an_outermost_application_streams_are_served_where_they_are() -> None:
    """As in an application that somebody else serves."""
    begun = Begun()
    await carry_on(begun, {"type": "http"}, _nothing, _nothing)
    assert begun.events == ["run"]


async def test_others_pass() -> None:
    """Sockets and the lifespan."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    await around(app)({"type": "websocket"}, _nothing, _nothing)
    assert seen == [{"type": "websocket"}]
