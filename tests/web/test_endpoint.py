"""The endpoint over real HTTP."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from gateway.app import create_app
from gateway.graph.engine import Engine
from tests.conftest import Sandbox
from tests.servers import serving

GRAPHQL = "application/graphql-response+json"


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("{ __typename }", "application/json", 200),
        ("{ __typename }", GRAPHQL, 200),
        ("{", "application/json", 200),
        ("{", GRAPHQL, 400),
        ("{ nonsense }", "application/json", 200),
        ("{ nonsense }", GRAPHQL, 400),
        ('{ video(id: "") { id } }', GRAPHQL, 200),
    ],
)
def test_statuses_follow_the_media_type(gateway: str, query: str, accept: str, status: int) -> None:
    """A refused document is 400 only to those who know that it may be."""
    answer = httpx.post(f"{gateway}/graphql", json={"query": query}, headers={"accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_other_methods_are_not_allowed(gateway: str, method: str) -> None:
    """The answer says which methods there are."""
    answer = httpx.request(method, f"{gateway}/graphql")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


def test_a_get_may_only_query(gateway: str) -> None:
    """A link can read; it cannot do."""
    query = httpx.get(f"{gateway}/graphql", params={"query": "{ __typename }"})
    assert query.json()["data"] == {"__typename": "Query"}
    mutation = httpx.get(f"{gateway}/graphql", params={"query": "mutation { a }"})
    assert mutation.status_code == 405


def test_a_browser_gets_a_page(gateway: str) -> None:
    """Who asks for HTML sees GraphiQL or how to get it; who asks a query gets its answer."""
    page = httpx.get(f"{gateway}/graphql", headers={"accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    answer = httpx.get(
        f"{gateway}/graphql", params={"query": "{ __typename }"}, headers={"accept": "text/html,*/*;q=0.8"}
    )
    assert answer.json()["data"] == {"__typename": "Query"}


def test_answers_to_get_may_be_kept(gateway: str, sandbox: Sandbox) -> None:
    """A poller that has the answer is told so; nobody keeps an error, nor what was answered to a POST."""
    query = "query($ids: [ID!]!) { videos(ids: $ids) { latestTask { status jobs { id output { width } } } } }"
    variables = {"ids": sandbox.ids("vod", "succeeded", 5)}
    url = f"{gateway}/graphql"
    with httpx.Client() as client:
        posted = client.post(url, json={"query": query, "variables": variables})
        parameters = {"query": query, "variables": json.dumps(variables)}
        plain = client.get(url, params=parameters, headers={"accept-encoding": "identity"})
        packed = client.get(url, params=parameters, headers={"accept-encoding": "gzip"})
        mark = {"if-none-match": packed.headers["etag"]}
        known = client.get(url, params=parameters, headers={"accept-encoding": "gzip", **mark})
        wrong = client.get(url, params={"query": "{ nonsense }"})
    assert posted.headers["cache-control"] == "no-store"
    assert "extensions" in posted.json()
    assert plain.json() == packed.json() == {"data": posted.json()["data"]}
    assert plain.headers["cache-control"].startswith("private, ")
    assert int(plain.headers["age"]) >= 0
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] != plain.headers["etag"]
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == packed.headers["etag"]
    assert "content-length" not in known.headers
    assert wrong.headers["cache-control"] == "no-store"
    assert "etag" not in wrong.headers


@pytest.mark.parametrize("size", [262_144, 262_145])
def test_large_bodies_are_refused(gateway: str, size: int) -> None:
    """The limit itself passes; one byte more does not, declared or not."""
    body = json.dumps({"query": "{ __typename }", "variables": {"a": ""}})
    padded = body.replace('""', '"' + "x" * (size - len(body)) + '"').encode()
    headers = {"content-type": "application/json"}
    expected = 200 if size == 262_144 else 413
    assert httpx.post(f"{gateway}/graphql", content=padded, headers=headers).status_code == expected
    chunks = iter([padded[:1000], padded[1000:]])
    assert httpx.post(f"{gateway}/graphql", content=chunks, headers=headers).status_code == expected


async def test_slow_bodies_are_cut(environment: pytest.MonkeyPatch) -> None:
    """A client that never finishes its body is answered, not waited for."""
    environment.setenv("GATEWAY_SERVER_BODY_TIMEOUT", "0.2")
    with serving(create_app()) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\n"
            b"content-type: application/json\r\ncontent-length: 99\r\n\r\n{"
        )
        await writer.drain()
        assert (await reader.readline()).split()[1] == b"408"
        writer.close()


def test_the_page_can_be_switched_off(environment: pytest.MonkeyPatch) -> None:
    """Without GraphiQL a browser is treated like any client."""
    environment.setenv("GATEWAY_SERVER_GRAPHIQL", "false")
    with serving(create_app()) as url:
        assert httpx.get(f"{url}/graphql", headers={"accept": "text/html"}).status_code == 406
        assert httpx.get(f"{url}/graphql/assets/graphiql.js").status_code == 404


def test_a_mistake_of_ours_is_masked(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever breaks outside of an operation is a reference to the client and a traceback to the log."""

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("dsn=s3cret")

    environment.setattr(Engine, "execute", broken)
    with serving(create_app()) as url:
        answer = httpx.post(f"{url}/graphql", json={"query": "{ __typename }"})
    assert answer.status_code == 500
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "s3cret" not in answer.text
    assert error["extensions"]["reference"] in caplog.text
