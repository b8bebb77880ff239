"""What all WebSockets of this process share."""

from __future__ import annotations

from msgspec import Struct

from gateway.access.authentication import Authentication
from gateway.graph.engine import Engine
from gateway.telemetry.exchanges import Exchanges
from gateway.web.overload import Gate
from gateway.web.sessions import Sessions


class SocketServices(Struct, frozen=True, kw_only=True):
    """Whoever takes part in serving a connection.

    Attributes:
        engine: Executes operations.
        authentication: Who may ask.
        gate: How many operations may begin at the same time.
        sessions: All open connections.
        exchanges: Who is told of operations.
    """

    engine: Engine
    authentication: Authentication
    gate: Gate
    sessions: Sessions
    exchanges: Exchanges
