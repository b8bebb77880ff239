"""What pages and their files are looked at with, where no browser is needed."""

import httpx
from litestar import Litestar


def client_of(app: Litestar) -> httpx.AsyncClient:
    """A client that calls the application in this process."""
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
    return httpx.AsyncClient(transport=transport, base_url="http://gateway")


def directives(headers: httpx.Headers | dict[str, str]) -> dict[str, str]:
    """The Content-Security-Policy, by directive."""
    parts = (part.strip().partition(" ") for part in headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in parts}
