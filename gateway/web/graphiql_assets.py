"""The files of GraphiQL, which live below the GraphQL endpoint.

They are bundled from npm into the folder ``assets`` when the gateway is set up (the sources are in ``web/``).
Where Node.js was not at hand the folder is missing, and there are none.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

ASSETS = Path(__file__).parent / "assets"

# Written out, because `mimetypes` follows the machine's own tables. Files of other kinds are not served.
# Litestar adds the charset.
CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
}

# The build names chunks after their content, so what such a name stands for never changes.
NAMED_AFTER_CONTENT = re.compile(r"chunk-[A-Z0-9]{8}\.js")

HEADERS = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}

LOCKED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def assets_handler(*, endpoint: str = "/graphql", assets: Path = ASSETS) -> HTTPRouteHandler:
    """Makes the route handler for GraphiQL's files, which live below the endpoint.

    A file is looked up by name among those found when the handler is made: however a request is spelled, it
    reaches no other.

    Args:
        endpoint: Path of the endpoint as the application sees it.
        assets: Where the build put GraphiQL.
    """
    found = {path.name: _asset(path) for path in assets.glob("*") if path.suffix in CONTENT_TYPES}

    # Read in a thread at every request: megabytes that few ever ask for need not stay in memory.
    @get(f"{endpoint.rstrip('/')}/assets/{{name:str}}", sync_to_thread=True, include_in_schema=False)
    def graphiql_asset(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
        if (asset := found.get(name)) is None:
            raise NotFoundException
        if asset.headers["ETag"] in request.headers.get("If-None-Match", ""):
            return Response(b"", status_code=304, headers=asset.headers, media_type=asset.content_type)
        if asset.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers = asset.packed.read_bytes(), {**asset.headers, "Content-Encoding": "gzip"}
        else:
            body, headers = asset.path.read_bytes(), {**asset.headers}
        return Response(body, headers=headers, media_type=asset.content_type)

    return graphiql_asset


class _Asset(Struct, frozen=True, kw_only=True):
    path: Path
    packed: Path | None
    content_type: str
    headers: Mapping[str, str]


def _asset(path: Path) -> _Asset:
    packed = path.with_name(f"{path.name}.gz")
    headers = {
        **HEADERS,
        "Cache-Control": "public, max-age=31536000, immutable"
        if NAMED_AFTER_CONTENT.fullmatch(path.name)
        else "no-cache",
        # A worker obeys the policy of its own file, and GraphiQL's workers have nobody to talk to.
        "Content-Security-Policy": LOCKED,
        "Cross-Origin-Resource-Policy": "same-origin",
        # Weak, because the packed file shares it.
        "ETag": f'W/"{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}"',
        "Vary": "Accept-Encoding",
    }
    content_type = CONTENT_TYPES[path.suffix]
    return _Asset(
        path=path, packed=packed if packed.is_file() else None, content_type=content_type, headers=headers
    )
