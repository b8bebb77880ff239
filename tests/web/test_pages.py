"""Tests of the pages for browsers, without a browser."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from litestar import Litestar, Response, get

from gateway.web.pages import Page, Sample, graphiql_page
from tests.web.pages import client_of, directives

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


@pytest.fixture
def client(assets: Path) -> httpx.AsyncClient:
    """A client of an application that serves the page."""
    page = graphiql_page(assets=assets)

    @get("/graphql")
    async def graphql() -> Response[bytes]:
        return page.response()

    app = Litestar([graphql], openapi_config=None)
    return client_of(app)


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
