"""Tests of GraphiQL's files, without a browser."""

from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from gateway.web.graphiql_assets import assets_handler
from tests.web.pages import client_of, directives


@pytest.fixture
def client(assets: Path) -> httpx.AsyncClient:
    """A client of an application that serves the files."""
    return client_of(Litestar([assets_handler(assets=assets)], openapi_config=None))


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
