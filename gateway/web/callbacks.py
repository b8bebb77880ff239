"""Where providers send their notifications: ``/push/vod``, ``/push/ims``, ``/push/visionular``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import msgspec
from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import HTTPScope

from gateway.graph.errors import refusal
from gateway.push.door import Door, Verdict
from gateway.web.bodies import Bodies, Left, TooLarge
from gateway.web.guards import SECURITY, head

if TYPE_CHECKING:
    from litestar.types import Receive, Scope, Send

_STATUSES: Mapping[Verdict, tuple[int, str]] = {
    Verdict.ACCEPTED: (200, ""),
    Verdict.IGNORED: (200, ""),
    Verdict.FORGED: (401, "The notification is not signed as it should be."),
    Verdict.OUTDATED: (401, "The notification's time is too far from ours."),
    Verdict.REPLAYED: (409, "This notification was received before."),
    Verdict.OVERSIZED: (413, "The notification is too large."),
    Verdict.UNREADABLE: (400, "The notification is not what its provider documents."),
    Verdict.LIMITED: (429, "More notifications come than can be taken."),
}
_CODES = {401: "UNAUTHENTICATED", 409: "BAD_REQUEST", 413: "LIMIT_EXCEEDED", 429: "RATE_LIMITED"}


def callback_handler(door: Door, bodies: Bodies) -> ASGIRouteHandler:
    """Make the route that one provider's notifications come to.

    Args:
        door: What judges them.
        bodies: Reads what is sent.
    """

    @asgi(f"/push/{door.provider.lower()}", copy_scope=False)
    async def callback(scope: Scope, receive: Receive, send: Send) -> None:
        http = cast("HTTPScope", scope)
        if http["method"] != "POST":
            await _answer(send, 405, "Notifications are sent by POST.", {"Allow": "POST"})
            return
        headers = {name: value.decode("latin-1") for name, value in http["headers"]}
        delivery = door.check(headers, http["query_string"])
        if isinstance(delivery, Verdict):
            await _tell(send, delivery)
            return
        try:
            body = await bodies.whole(receive, headers)
        except TooLarge:
            await _tell(send, door.count(Verdict.OVERSIZED))
            return
        except Left:
            return
        except TimeoutError:
            await _answer(send, 408, "The notification took too long to arrive.")
            return
        await _tell(send, await door.take(delivery, body))

    return callback


async def _tell(send: Send, verdict: Verdict) -> None:
    status, message = _STATUSES[verdict]
    await _answer(send, status, message, {"Retry-After": "1"} if verdict is Verdict.LIMITED else None)


async def _answer(send: Send, status: int, message: str, more: Mapping[str, str] | None = None) -> None:
    content = {"errors": [refusal(message, _CODES.get(status, "BAD_REQUEST"))]} if message else {}
    body = msgspec.json.encode(content)
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **SECURITY,
        **(more or {}),
    }
    await send(head(status, headers))
    await send({"type": "http.response.body", "body": body, "more_body": False})
