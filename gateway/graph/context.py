"""What a resolver is given besides its parent: the loaders of this one request."""

from __future__ import annotations

from msgspec import Struct
from strawberry.types import Info

from gateway.loaders import Loaders


class Context(Struct, frozen=True, kw_only=True):
    """Lives as long as one operation.

    Attributes:
        loaders: The way down to the providers.
        request_id: Names the request in answers and logs.
    """

    loaders: Loaders
    request_id: str


GatewayInfo = Info[Context, None]
