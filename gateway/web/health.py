"""Whether the process lives, and whether it wants requests.

Neither depends on a provider or a store: a check that did would take every replica out of service at once,
on the day when answers from memory are all there is. How providers and their lanes fare is told by
`Query.providers`, to those who may ask.
"""

from __future__ import annotations

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from gateway.web.drain import Drain

LIVE = "/health/live"
READY = "/health/ready"


def health(drain: Drain) -> list[HTTPRouteHandler]:
    """Return the routes of both.

    Args:
        drain: Knows whether the process is about to end.
    """

    @get(LIVE, include_in_schema=False)
    async def live() -> dict[str, str]:
        """Answer as long as the event loop turns."""
        return {"status": "ok"}

    @get(READY, include_in_schema=False)
    async def ready() -> Response[dict[str, str]]:
        """Answer 200 from the start, which a server awaits before it takes requests, until the end begins."""
        if drain.draining:
            return Response({"status": "draining"}, status_code=503)
        return Response({"status": "ok"})

    return [live, ready]
