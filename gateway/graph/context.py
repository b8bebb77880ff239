"""What a resolver is given besides its parent: the loaders of this one request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct
from strawberry.types import Info

from gateway.access.principal import INSIDE, Principal
from gateway.listing.cursor import Cursors
from gateway.loaders import Loaders


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


class Context(Struct, frozen=True, kw_only=True):
    """Lives as long as one operation.

    Attributes:
        loaders: The way down to the providers.
        request_id: Names the request in answers and logs.
        principal: Who asks.
        cursors: Seals and opens the cursors of lists.
        now: The time of day.
    """

    loaders: Loaders
    request_id: str
    principal: Principal = INSIDE
    cursors: Cursors = Cursors()
    now: Callable[[], datetime] = utc_now


GatewayInfo = Info[Context, None]
