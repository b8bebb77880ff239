"""What a browser sees at the GraphQL endpoint: GraphiQL, or a page that says how to get it.

GraphiQL asks no foreign host for anything; a strict Content-Security-Policy makes browsers hold it to that.
Where it was not built, the endpoint works all the same.
"""

import hashlib
import html
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from litestar import Response
from msgspec import Struct

from gateway.web.graphiql_assets import ASSETS, HEADERS, LOCKED

HERE = Path(__file__).parent

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
