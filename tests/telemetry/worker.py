"""An application that does nothing but tell of itself, for servers of several workers."""

from __future__ import annotations

from typing import Any

from gateway.telemetry.exchanges import Exchanges
from gateway.telemetry.exposition import exposition
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.names import RUNNING

_metrics = Metrics()
_metrics.set(RUNNING, 1)
_exchanges = Exchanges(_metrics)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Show the metrics, or count a request."""
    if scope["type"] != "http":
        return
    body = b""
    if scope["path"] == "/metrics":
        body = exposition(_metrics)
    else:
        exchange = _exchanges.begin("POST", {})
        exchange.answered(200, {})
        _exchanges.end(exchange)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body, "more_body": False})
