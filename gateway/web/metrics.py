"""Where Prometheus reads the metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

METRICS = "/metrics"


def metrics_handler(exposition: Callable[[], Awaitable[bytes]], content_type: str) -> HTTPRouteHandler:
    """Return the route.

    Args:
        exposition: Returns the metrics as text.
        content_type: Of that text.
    """

    @get(METRICS, include_in_schema=False)
    async def metrics() -> Response[bytes]:
        """Answer the numbers of all workers."""
        return Response(await exposition(), media_type=content_type, headers={"Cache-Control": "no-store"})

    return metrics
