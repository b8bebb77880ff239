"""The board: a page of our own that shows the work of all providers as it moves.

Plain modules that browsers run as they are; no build, nothing from another host. The page is a client like
any other: it has no way to the gateway but the public API, and holds no key unless it is given one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.web.graphiql_assets import CONTENT_TYPES, HEADERS, LOCKED
from gateway.web.pages import ICON

PATH = "/board"
FILES = Path(__file__).parent / "board"

DIRECTIVES = [
    LOCKED,
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    # Browsers that know this refuse every way to turn text into markup: the modules need none.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
]
POLICY = "; ".join(DIRECTIVES)

_SHARED = {**HEADERS, "Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "same-origin"}


def board_handlers(
    videos: Sequence[str] = (), *, endpoint: str = "/graphql", calls: int = 20
) -> list[HTTPRouteHandler]:
    """Make the routes of the page and of its files.

    Args:
        videos: VOD video ids that a first visit follows: VOD lists the work of given videos only.
        endpoint: Path of the GraphQL endpoint as browsers see it.
        calls: Provider calls that one request of the page may take.
    """
    page = _page({"endpoint": endpoint, "videos": [*videos], "calls": calls})
    files = {path.name: path.read_bytes() for path in FILES.iterdir() if path.suffix in CONTENT_TYPES}
    page_headers = {
        **_SHARED,
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "X-Frame-Options": "DENY",
    }

    @get(PATH, sync_to_thread=False, include_in_schema=False)
    def board(request: Request[Any, Any, Any]) -> Response[bytes]:
        return _answer(request, page, "text/html", page_headers)

    @get(f"{PATH}/{{name:str}}", sync_to_thread=False, include_in_schema=False)
    def board_file(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
        if name not in files:
            raise NotFoundException
        headers = {**_SHARED, "Content-Security-Policy": LOCKED}
        return _answer(request, files[name], CONTENT_TYPES[Path(name).suffix], headers)

    return [board, board_file]


def _page(config: Mapping[str, Any]) -> bytes:
    # Browsers do not run a data block, yet the first "</script>" would end it, inside a string or not.
    block = json.dumps(config).replace("<", r"\u003c")
    template = Template((FILES / "index.html").read_text("utf-8"))
    return template.substitute(icon=ICON, base=PATH, config=block).encode()


def _answer(
    request: Request[Any, Any, Any], body: bytes, content_type: str, headers: Mapping[str, str]
) -> Response[bytes]:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**headers, "ETag": etag}
    if etag in request.headers.get("If-None-Match", ""):
        return Response(b"", status_code=304, headers=headers, media_type=content_type)
    return Response(body, headers=headers, media_type=content_type)
