"""What a browser sees at the GraphQL endpoint: GraphiQL, or a page that says how to get it.

GraphiQL is bundled from npm into the folder ``assets`` when the gateway is set up (its sources are in
``web/``) and asks no foreign host for anything; a strict Content-Security-Policy makes browsers hold it to
that. Where Node.js was not at hand the folder is missing, and the endpoint works all the same.
"""

import hashlib
import html
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

HERE = Path(__file__).parent
ASSETS = HERE / "assets"

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

DIRECTIVES = [
    LOCKED,
    "script-src 'self'",
    # Monaco, the editor, writes its theme into style elements and places every line by a style attribute.
    "style-src 'self' 'unsafe-inline'",
    "connect-src 'self'",  # WebSockets to the same host and port included
    # GraphiQL previews image links under the pointer: those that lead to a foreign host stay unloaded.
    "img-src 'self' data:",
    "font-src 'self'",
    "worker-src 'self'",
]
GRAPHIQL_POLICY = "; ".join(DIRECTIVES)

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16'"
    " height='16' rx='4' fill='%23d60590'/%3E%3Cpath d='M6 4.5v7l5.5-3.5z' fill='%23fff'/%3E%3C/svg%3E"
)


class Sample(Struct, frozen=True, kw_only=True):
    """A query that GraphiQL opens with, in a tab of its own.

    Attributes:
        name: What the menu of samples calls it. A tab is called by the name of the operation in it.
        query: The document, comments included.
        variables: What the variables editor holds.
        headers: What the headers editor holds.
    """

    name: str
    query: str
    variables: Mapping[str, object] = {}
    headers: Mapping[str, str] = {}


class Page(Struct, frozen=True):
    """A page, made once and sent as often as it is asked for."""

    body: bytes
    headers: Mapping[str, str]

    def response(self) -> Response[bytes]:
        """The page as Litestar sends it."""
        return Response(self.body, headers=self.headers, media_type="text/html")


def graphiql_page(
    samples: Sequence[Sample] = (),
    *,
    endpoint: str = "/graphql",
    origin: str = "http://localhost:8000",
    assets: Path = ASSETS,
) -> Page:
    """Makes the page that browsers get from the endpoint.

    Args:
        samples: The tabs of a first visit, also kept in a menu.
        endpoint: Path of the endpoint as browsers see it, including any prefix that a proxy takes away.
        origin: Where the gateway listens, for the example that a missing GraphiQL leaves.
        assets: Where the build put GraphiQL.

    Returns:
        GraphiQL or, where it was not built, a page that says what to do.
    """
    if not (assets / "graphiql.js").is_file():
        template = _read("missing.html")
        return _page(
            template.substitute(icon=ICON, address=html.escape(origin + endpoint)), _own_style(template)
        )
    config = {"endpoint": endpoint, "samples": [_tab(sample) for sample in samples]}
    # Browsers do not run a data block, yet the first "</script>" would end it, inside a string or not.
    block = json.dumps(config, ensure_ascii=False).replace("<", r"\u003c")
    base = html.escape(f"{endpoint.rstrip('/')}/assets")
    return _page(_read("graphiql.html").substitute(icon=ICON, assets=base, config=block), GRAPHIQL_POLICY)


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


def _tab(sample: Sample) -> dict[str, str | None]:
    """The sample as GraphiQL's editors hold it: everything is text."""
    editors = {"variables": sample.variables, "headers": sample.headers}
    texts = {
        key: json.dumps(value, indent=2, ensure_ascii=False) if value else None
        for key, value in editors.items()
    }
    return {"name": sample.name, "query": sample.query, **texts}


def _read(name: str) -> Template:
    return Template((HERE / name).read_text("utf-8"))


def _own_style(template: Template) -> str:
    """A policy that lets the page have its own style element and nothing else."""
    _, _, rest = template.template.partition("<style>")
    style, _, _ = rest.partition("</style>")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"{LOCKED}; style-src 'sha256-{digest}'; img-src data:"


def _page(text: str, policy: str) -> Page:
    headers = {
        **HEADERS,
        "Cache-Control": "no-cache",
        "Content-Security-Policy": policy,
        "Vary": "Accept",  # the same address gives a browser this page and a client its answer
        "X-Frame-Options": "DENY",
    }
    return Page(text.encode(), headers)
