"""GraphQL over WebSocket: who may open a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.web.guards import from_elsewhere
from gateway.web.socket_connection import Handshake, SocketConnection
from gateway.web.socket_messages import OLDER, SUBPROTOCOL, Close
from gateway.web.socket_services import SocketServices
from gateway.web.socket_writer import close

if TYPE_CHECKING:
    from litestar.types import Receive, Send, WebSocketScope


class Sockets:
    """Answers handshakes, and serves the connections that come of them.

    Args:
        services: What all connections share.
        origins: Origins besides our own whose pages may open a connection; an asterisk for any.
    """

    def __init__(self, services: SocketServices, *, origins: frozenset[str] = frozenset()) -> None:
        self._services = services
        self._origins = origins

    async def __call__(self, scope: WebSocketScope, receive: Receive, send: Send) -> None:
        """Serve one connection to its end."""
        opening = await receive()
        if opening["type"] != "websocket.connect":
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        # Browsers let any page open a socket to any place, and say where the page is from.
        if self._services.sessions.full or from_elsewhere(headers, self._origins):
            await close(send, Close.FORBIDDEN)  # before it is accepted: HTTP 403
            return
        offered = scope["subprotocols"]
        # A client of the older protocol that finds nothing agreed on drops the connection without listening.
        agreed = next((name for name in (SUBPROTOCOL, OLDER) if name in offered), None)
        connection = self._services.exchanges.connect(headers)
        accepted: Any = {
            "type": "websocket.accept",
            "subprotocol": agreed,
            "headers": [(b"x-request-id", connection.request_id.encode())],
        }
        await send(accepted)
        if agreed != SUBPROTOCOL:
            await close(send, Close.BAD_SUBPROTOCOL, "Subprotocol not acceptable")
            return
        handshake = Handshake(
            connection=connection,
            address=scope["client"][0] if scope["client"] else None,
            credentials={
                name: headers[name.encode()]
                for name in ("authorization", "x-api-key")
                if name.encode() in headers
            },
        )
        await SocketConnection(self._services, handshake, send).run(receive)
