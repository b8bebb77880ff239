"""The attacks that the stock parts fall to, each of them answered as it should be.

What is asserted is what the client gets and that no provider was asked; how long it took depends on who else
uses the machine. That no traceback is logged holds for all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Sandbox
from tests.security.conftest import SECRETS, Client

GRAPHQL = "application/graphql-response+json"
IDS = "query($ids: [ID!]!) { videos(ids: $ids) { id } }"


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a client sends is no surprise."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []


DEEP = "{ video(id: 1) { " + "latestTask { video { " * 12 + "id" + " } }" * 12 + " } }"
DOUBLING = "{ video(id: 1) { latestTask { ...F0 } } } fragment F20 on Task { id } " + " ".join(
    f"fragment F{n} on Task {{ ...F{n + 1} ...F{n + 1} }}" for n in range(20)
)
ALIASES_IN_FRAGMENTS = (
    "{ video(id: 1) { ...F ...F ...F ...F } } "
    "fragment F on Video { a: id b: id c: id d: id e: id f: id g: id h: id }"
)

REFUSED: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("fifty levels", DEEP, None, "LIMIT_EXCEEDED"),
    ("a large page", "{ tasks(first: 2147483647) { nodes { id } } }", None, "BAD_USER_INPUT"),
    (
        "a larger page",
        "{ tasks(first: " + "9" * 5000 + ") { nodes { id } } }",
        None,
        "GRAPHQL_VALIDATION_FAILED",
    ),
    ("many aliases", "{" + " ".join(f"a{n}: __typename" for n in range(101)) + "}", None, "LIMIT_EXCEEDED"),
    ("aliases in fragments", ALIASES_IN_FRAGMENTS, None, "LIMIT_EXCEEDED"),
    ("doubling fragments", DOUBLING, None, "LIMIT_EXCEEDED"),
    ("ten unknown directives", "{ __typename" + " @a" * 10 + " }", None, "LIMIT_EXCEEDED"),
    ("500 directives", "{ __typename" + " @a" * 500 + " }", None, "LIMIT_EXCEEDED"),
    ("500 fields", "{" + " __typename" * 500 + "}", None, "LIMIT_EXCEEDED"),
    ("500 fields below", "{ video(id: 1) {" + " id" * 500 + "} }", None, "LIMIT_EXCEEDED"),
    ("5000 fields", "{" + " __typename" * 5000 + "}", None, "LIMIT_EXCEEDED"),
    ("comments", "{ __typename }" + "\n#" * 10_000, None, "LIMIT_EXCEEDED"),
    ("a long document", "{ __typename }" + " " * 40_000, None, "LIMIT_EXCEEDED"),
    ("circular fragments", "{ ...A } fragment A on Query { ...A }", None, "GRAPHQL_VALIDATION_FAILED"),
    ("brackets", "{" * 1500, None, "GRAPHQL_PARSE_FAILED"),
    ("list literals", "{ videos(ids: " + "[" * 900 + "]" * 900 + ") { id } }", None, "GRAPHQL_PARSE_FAILED"),
    ("20 000 ids", IDS, {"ids": ["x"] * 20_000}, "BAD_USER_INPUT"),
    ("5000 wrong values", IDS, {"ids": [{}] * 5000}, "BAD_USER_INPUT"),
    ("wrong values", IDS, {"ids": [{}] * 50}, "BAD_USER_INPUT"),
    (
        "several operations",
        "query A { __typename } query B { __typename }",
        None,
        "OPERATION_RESOLUTION_FAILURE",
    ),
    (
        "many operations",
        " ".join(f"query A{n} {{ a: __typename }}" for n in range(40)),
        None,
        "OPERATION_RESOLUTION_FAILURE",
    ),
    ("overlapping", "{ video(id: 1) {" + "latestTask { id name } " * 300 + "} }", None, "LIMIT_EXCEEDED"),
    (
        "a large answer",
        (
            "{ tasks(first: 100) { nodes { jobs { output { videoStreams { index } audioStreams { index }"
            " subtitleStreams { index } } } } } }"
        ),
        None,
        "LIMIT_EXCEEDED",
    ),
    (
        "circular introspection",
        (
            "{ __schema { types { fields { type { fields { type { fields { type { fields {"
            " type { name } } } } } } } } } } }"
        ),
        None,
        "GRAPHQL_VALIDATION_FAILED",
    ),
]


@pytest.mark.parametrize(
    ("query", "variables", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_hostile_query_is_refused_before_any_call(
    client: Client, sandbox: Sandbox, query: str, variables: dict[str, Any] | None, code: str
) -> None:
    """The refusal is coded, small, and costs no provider call."""
    answer = client.ask(query, variables, accept=GRAPHQL)
    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} <= {code, "LIMIT_EXCEEDED"}
    assert code in {error["extensions"]["code"] for error in errors}
    assert len(errors) <= 10
    assert all(len(error["message"]) <= 200 for error in errors)
    assert len(answer.content) < 4000
    assert "data" not in answer.json()
    assert sandbox.calls() == {}


BODIES = {
    "invalid UTF-8": b'{"query":"{a\xff}"}',
    "null": b"null",
    "a number": b"1",
    "an empty body": b"",
    "a batch": b'[{"query":"{ __typename }"}]',
    "nested brackets": b"[" * 10_000,
    "nested variables": b'{"query":"{ __typename }","variables":{"a":'
    + b"[" * 10_000
    + b"]" * 10_000
    + b"}}",
    "a lone surrogate": b'{"query":"\\ud800"}',
    "a truncated object": b'{"query":',
    "a byte order mark": b'\xef\xbb\xbf{"query":"{ __typename }"}',
    "UTF-16": '{"query":"{ __typename }"}'.encode("utf-16"),
    "a NUL": b'{"query":"{ __typename }\x00"}',
    "gzip": b"\x1f\x8b\x08\x00",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_malformed_body_is_a_bad_request(client: Client, body: bytes) -> None:
    """Whatever it is, the answer is 400 with a coded error, and small."""
    answer = client.post(body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] in {"BAD_REQUEST", "GRAPHQL_PARSE_FAILED"}
    assert len(answer.content) < 500


def test_a_number_of_thousands_of_digits_is_no_trouble(client: Client) -> None:
    """In the variables it is a number that fits nothing."""
    body = (
        b'{"query":"query($n: Int) { tasks(first: $n) { nodes { id } } }","variables":{"n":'
        + b"9" * 5000
        + b"}}"
    )
    answer = client.post(body)
    assert answer.status_code in {200, 400}
    assert answer.json()["errors"]
    assert len(answer.content) < 500


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", None],
)
def test_what_a_foreign_page_can_post_is_not_read(client: Client, content_type: str | None) -> None:
    """Forms and plain text need no preflight in a browser, so they are no GraphQL requests."""
    assert client.post(b'{"query":"{ __typename }"}', content_type).status_code == 415


def test_a_link_spends_nothing(client: Client, sandbox: Sandbox) -> None:
    """A GET that any page could make a browser send is refused; with a client's header it is answered."""
    address = f"{client.url}/graphql?query=%7B__typename%7D"
    key = {"x-api-key": SECRETS["all"]}
    assert client.http.get(address, headers=key).status_code == 400
    assert client.http.get(address, headers={**key, "graphql-preflight": "1"}).status_code == 200
    mutation = client.http.get(
        f"{client.url}/graphql?query=mutation%7Ba%7D", headers={**key, "graphql-preflight": "1"}
    )
    assert mutation.status_code == 405
    assert sandbox.calls() == {}


@pytest.mark.parametrize(
    "query",
    [
        "{ vide { id } }",
        '{ video(ids: "a") { id } }',
        "{ providerTask(provider: VD, id: 1) { id } }",
        "{ tasks(filter: { status: FAILED }) { nodes { id } } }",
        "{ node(id: 1) { jobs { id } } }",
        "fragment A on Tasks { id } { ...A }",
    ],
)
def test_typos_are_not_taught(client: Client, query: str) -> None:
    """Errors say what is wrong and not what else there is; in variables neither."""
    answer = client.ask(query)
    assert answer.json()["errors"]
    assert "Did you mean" not in answer.text
    by_variable = client.ask("query($p: Provider!) { providerTask(provider: $p, id: 1) { id } }", {"p": "VD"})
    assert by_variable.json()["errors"]
    assert "Did you mean" not in by_variable.text


def test_no_page_is_shown(client: Client) -> None:
    """Neither GraphiQL nor pages of the framework are there."""
    page = client.http.get(f"{client.url}/graphql", headers={"accept": "text/html"})
    assert page.status_code == 406
    for path in ("/schema", "/schema/swagger", "/graphql/assets/graphiql.js", "/docs", "/openapi.json", "/"):
        assert client.http.get(client.url + path).status_code == 404


def test_answers_are_of_no_use_in_a_browser(client: Client) -> None:
    """Good answers, refusals and missing pages carry the same careful headers."""
    for answer in (
        client.ask("{ __typename }"),
        client.post(b"null"),
        client.ask("{ __typename }", key="nothing", authorization="Bearer x"),
        client.http.get(f"{client.url}/nowhere"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "video_id", ["a\r\nX: y", "a\x00b", "a,b", "../etc", "a b", 'a"b', "x" * 257, "\U0001f600"]
)
def test_nothing_is_injected_into_provider_calls(client: Client, sandbox: Sandbox, video_id: str) -> None:
    """An id with a separator or a control character in it goes nowhere; others go as they are."""
    answer = client.ask(IDS, {"ids": [video_id]})
    assert answer.status_code == 200
    if sandbox.calls():
        assert answer.json()["data"] == {"videos": [None]}
    else:
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
