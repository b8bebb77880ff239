"""Tests of the pages and files for browsers, without a browser."""

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from litestar import Litestar, Response, get

from gateway.web.pages import Page, Sample, assets_handler, graphiql_page

EVIL = 'query Evil { a(b: "</script><script>alert(1)</script><!--<script>") }'


class Elements(HTMLParser):
    """The elements of a page, with their attributes and the text right after their start tag."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the element."""
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        """Adds text to the element that was opened last."""
        if self.found:
            tag, attrs, text = self.found[-1]
            self.found[-1] = (tag, attrs, text + data)

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        """Every element of this name."""
        return [(attrs, text) for name, attrs, text in self.found if name == tag]


def client_of(app: Litestar) -> httpx.AsyncClient:
    """A client that calls the application in this process."""
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
    return httpx.AsyncClient(transport=transport, base_url="http://gateway")


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """What a build leaves, in small."""
    folder = tmp_path / "assets"
    (folder / "sub").mkdir(parents=True)
    script = b"// GraphiQL\n" * 100
    (folder / "graphiql.js").write_bytes(script)
    (folder / "graphiql.js.gz").write_bytes(gzip.compress(script))
    (folder / "graphiql.css").write_text("body { margin: 0 }")
    (folder / "codicon.ttf").write_bytes(b"\0\1\0\0")
    (folder / "chunk-7N7AQLEQ.js").write_text("export {}")
    (folder / "LICENSES.txt").write_text("MIT ©")
    (folder / "notes.env").write_text("secret")
    (folder / "sub" / "inner.js").write_text("secret")
    (tmp_path / "outside.js").write_text("secret")
    return folder


@pytest.fixture
def client(assets: Path) -> httpx.AsyncClient:
    """A client of an application that serves the page and its files."""
    page = graphiql_page(assets=assets)

    @get("/graphql")
    async def graphql() -> Response[bytes]:
        return page.response()

    app = Litestar([graphql, assets_handler(assets=assets)], openapi_config=None)
    return client_of(app)


def directives(headers: httpx.Headers | dict[str, str]) -> dict[str, str]:
    """The Content-Security-Policy, by directive."""
    parts = (part.strip().partition(" ") for part in headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in parts}


async def test_page_headers(client: httpx.AsyncClient) -> None:
    """The page comes as HTML with headers that keep it from being sniffed, framed or mixed up in caches."""
    answer = await client.get("/graphql")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Vary"] == "Accept"


async def test_policy(client: httpx.AsyncClient) -> None:
    """The policy names no foreign host, and lets no inline script and no eval run."""
    policy = directives((await client.get("/graphql")).headers)
    assert policy == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "worker-src": "'self'",
    }


def test_page_is_self_contained(assets: Path) -> None:
    """Everything that the page loads lies below the endpoint, and no script stands in the page itself."""
    elements = Elements(graphiql_page(assets=assets, endpoint="/behind/proxy/graphql"))
    scripts = [attrs for attrs, _ in elements.all("script") if attrs.get("type") != "application/json"]
    assert [attrs["src"] for attrs in scripts] == ["/behind/proxy/graphql/assets/graphiql.js"]
    links = [attrs["href"] or "" for attrs, _ in elements.all("link")]
    assert [link for link in links if not link.startswith("data:")] == [
        "/behind/proxy/graphql/assets/graphiql.css"
    ]


def test_config_survives_hostile_samples(assets: Path) -> None:
    """A sample that holds markup arrives unchanged and opens no element."""
    sample = Sample(name="<b>", query=EVIL, variables={"v": "</script>"}, headers={"x": "ü"})
    page = graphiql_page([sample], assets=assets)
    elements = Elements(page)
    assert len(elements.all("script")) == 2
    [(_, block)] = [(attrs, text) for attrs, text in elements.all("script") if attrs.get("id") == "config"]
    assert "<" not in block
    assert json.loads(block) == {
        "endpoint": "/graphql",
        "samples": [
            {
                "name": "<b>",
                "query": EVIL,
                "variables": '{\n  "v": "</script>"\n}',
                "headers": '{\n  "x": "ü"\n}',
            }
        ],
    }


def test_config_keeps_dollar_signs(assets: Path) -> None:
    """GraphQL variables are not taken for places of the template."""
    page = graphiql_page([Sample(name="a", query="query A($config: ID!, $$) { a }")], assets=assets)
    assert b"query A($config: ID!, $$) { a }" in page.body


def test_empty_editors(assets: Path) -> None:
    """A sample without variables and headers leaves those editors empty."""
    body = graphiql_page([Sample(name="a", query="{ a }")], assets=assets).body.decode()
    assert '"variables": null, "headers": null' in body


def test_missing_assets(tmp_path: Path) -> None:
    """Without the bundle a page says why, what to do, and how to send a query all the same."""
    page = graphiql_page(assets=tmp_path, endpoint="/api/graphql", origin="https://gateway.example")
    text = page.body.decode()
    assert "Node.js" in text
    assert "make install" in text
    assert "curl https://gateway.example/api/graphql" in text
    assert "$" not in text
    assert Elements(page).all("script") == []


def test_missing_assets_policy(tmp_path: Path) -> None:
    """The policy of that page allows its own style, by hash, and loads nothing."""
    policy = directives(dict(graphiql_page(assets=tmp_path).headers))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", policy["style-src"])
    assert "script-src" not in policy


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("graphiql.js", "text/javascript; charset=utf-8"),
        ("graphiql.css", "text/css; charset=utf-8"),
        ("codicon.ttf", "font/ttf"),
        ("LICENSES.txt", "text/plain; charset=utf-8"),
    ],
)
async def test_asset(client: httpx.AsyncClient, assets: Path, name: str, content_type: str) -> None:
    """A file comes as it is on disk, under its own type, which browsers may not second-guess."""
    answer = await client.get(f"/graphql/assets/{name}", headers={"Accept-Encoding": "identity"})
    assert answer.status_code == 200
    assert answer.content == (assets / name).read_bytes()
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert directives(answer.headers)["default-src"] == "'none'"


async def test_asset_compressed(client: httpx.AsyncClient, assets: Path) -> None:
    """Who accepts gzip gets what the build compressed."""
    answer = await client.get("/graphql/assets/graphiql.js", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == (assets / "graphiql.js.gz").stat().st_size
    assert answer.content == (assets / "graphiql.js").read_bytes()


async def test_asset_known_already(client: httpx.AsyncClient) -> None:
    """A browser that shows the tag of the file it has is spared the file."""
    first = await client.get("/graphql/assets/graphiql.js")
    tag = first.headers["ETag"]
    again = await client.get("/graphql/assets/graphiql.js", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    changed = await client.get("/graphql/assets/graphiql.js", headers={"If-None-Match": '"other"'})
    assert changed.status_code == 200


async def test_asset_kept_for_ever(client: httpx.AsyncClient) -> None:
    """A chunk, named after its content, is never asked for twice."""
    answer = await client.get("/graphql/assets/chunk-7N7AQLEQ.js")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        "../outside.js",
        "..%2foutside.js",
        "%2e%2e/outside.js",
        "%2e%2e%2foutside.js",
        "..%5coutside.js",
        "..%252foutside.js",
        "....//outside.js",
        "sub/inner.js",
        "sub%2finner.js",
        "sub",
        "notes.env",
        "graphiql.js.gz",
        "graphiql.js%00",
        "./notes.env",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "~",
        "",
    ],
)
async def test_no_other_file(client: httpx.AsyncClient, path: str) -> None:
    """No spelling of a path reaches a file that is not GraphiQL's."""
    answer = await client.get(httpx.URL("http://gateway", raw_path=f"/graphql/assets/{path}".encode()))
    assert answer.status_code == 404
    assert b"secret" not in answer.content


async def test_no_assets(tmp_path: Path) -> None:
    """Without the bundle its files are simply not there."""
    app = Litestar([assets_handler(assets=tmp_path / "none")], openapi_config=None)
    assert (await client_of(app).get("/graphql/assets/graphiql.js")).status_code == 404
