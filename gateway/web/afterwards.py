"""Streams that go on after the routes are done with their request.

A stream of events stays open for an hour, and thousands do at the same time. Were it served where its request
was, each would keep all that the request went through: the frames of the router and its middleware, the
headers, the scope. So an answer that has only begun is left to the outermost application, which carries on
when everything else has returned.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Protocol

from gateway.web.drain import Application, Receive, Send

_LEFT = "gateway.afterwards"

_NEEDED = {"type", "http_version", "method"}
"""What a server may look up in its scope while an answer is being sent."""


class Begun(Protocol):
    """An answer whose head was sent."""

    async def run(self, receive: Any, send: Any) -> None:
        """Send the rest."""

    def close(self) -> None:
        """Give up what `run` would have."""


def around(app: Application) -> Application:
    """Return the application with a place where streams may be left."""

    async def outermost(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        begun: list[Begun] = []
        scope[_LEFT] = begun
        try:
            await app(scope, receive, send)
        except BaseException:
            for one in begun:
                one.close()
            raise
        if begun:
            for name in scope.keys() - _NEEDED:
                del scope[name]
            await begun.pop().run(receive, send)

    return outermost


async def carry_on(begun: Begun, scope: Any, receive: Any, send: Any) -> None:
    """Leave a stream to the outermost application, or serve it here where there is none."""
    left: list[Begun] | None = scope.get(_LEFT)
    if left is None:
        await begun.run(receive, send)
    else:
        left.append(begun)
