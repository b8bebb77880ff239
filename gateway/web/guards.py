"""What every answer carries, and how a client is turned away."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gateway.access.errors import Unauthenticated
from gateway.graph.errors import refusal
from gateway.web.overload import Overloaded
from gateway.web.protocol import Refused

if TYPE_CHECKING:
    from litestar.types import HTTPResponseStartEvent

SECURITY = {
    "Cache-Control": "no-store",
    # Should a browser ever be brought to show an answer, it runs nothing in it and frames it nowhere.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    # Whatever the answer depended on, and pages of which origin may read it.
    "Vary": "Accept, Accept-Encoding, Authorization, Origin, X-API-Key",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer that is not a page."""

PREFLIGHT = (
    "graphql-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "graphql-require-preflight",
)
"""Headers that no page can make a browser send to a foreign origin without asking that origin first."""

_FORBIDDEN_METHOD = 405


def head(status: int, headers: Mapping[str, str]) -> HTTPResponseStartEvent:
    """Return the message that begins an answer; its list of headers is nobody else's, so layers may add."""
    return {"type": "http.response.start", "status": status, "headers": encoded(headers)}


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI has them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def wire(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return headers as they are sent, each with its line break."""
    return b"\r\n".join([*map(b": ".join, pairs), b""])


def check_preflight(headers: Mapping[bytes, str]) -> None:
    """Insist that a GET comes from a client, not from a link or an image on somebody else's page.

    Such a page cannot read the answer. It could still spend the quota of whoever looks at it.

    Raises:
        Refused: 400, it might.
    """
    if any(name.encode() in headers for name in PREFLIGHT):
        return
    if headers.get(b"content-type", "").split(";")[0].strip().lower() == "application/json":
        return
    raise Refused(400, "A GET with a query needs the header GraphQL-Preflight: 1; or POST it.")


def from_elsewhere(headers: Mapping[bytes, str], allowed: Collection[str]) -> bool:
    """Return whether a page opens a connection to us that is neither ours nor from an allowed origin.

    Clients that are no browsers tell no origin.
    """
    origin = headers.get(b"origin")
    if origin is None or "*" in allowed or origin in allowed:
        return False
    _, _, host = origin.partition("://")
    return not host or host.lower() != headers.get(b"host", "").lower()


def unauthenticated(nobody: Unauthenticated) -> tuple[dict[str, Any], dict[str, str]]:
    """Return body and headers of a 401."""
    challenge = f'Bearer realm="gateway"{", " + nobody.challenge if nobody.challenge else ""}'
    return {"errors": [refusal(nobody.message, "UNAUTHENTICATED")]}, {"WWW-Authenticate": challenge}


def too_busy(overloaded: Overloaded) -> tuple[dict[str, Any], dict[str, str]]:
    """Return body and headers of a 503."""
    wait = overloaded.retry_after
    error = refusal(
        "The gateway has more requests than it can answer.",
        "OVERLOADED",
        retryable=True,
        retryAfterMs=round(wait * 1000),
    )
    return {"errors": [error]}, retry_after(wait)


def retry_after(seconds: float) -> dict[str, str]:
    """Return the header that says when to come back, in whole seconds as HTTP wants it."""
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def denial_headers(status: int, wait: float | None) -> dict[str, str]:
    """Return what goes with the status of a denied operation."""
    if status == _FORBIDDEN_METHOD:
        return {"Allow": "POST"}
    return {} if wait is None else retry_after(wait)
