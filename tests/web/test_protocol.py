"""GraphQL over HTTP: requests and media types."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph.requests import Request
from gateway.web.protocol import MediaType, Refused, negotiated, posted, queried


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, MediaType.JSON),
        ("", MediaType.JSON),
        ("*/*", MediaType.JSON),
        ("application/*", MediaType.JSON),
        ("application/json", MediaType.JSON),
        ("application/json; charset=utf-8", MediaType.JSON),
        ("application/graphql-response+json", MediaType.GRAPHQL),
        ("application/graphql-response+json; charset=utf-8, application/json", MediaType.GRAPHQL),
        ("application/json;q=0.9, application/graphql-response+json", MediaType.GRAPHQL),
        ("application/graphql-response+json;q=0.1, */*;q=0.9", MediaType.JSON),
        ("text/html, application/json;q=0.5", MediaType.JSON),
        ("APPLICATION/JSON", MediaType.JSON),
    ],
)
def test_the_client_chooses_the_media_type(accept: str | None, media: MediaType) -> None:
    """The acceptable type of highest quality is spoken; JSON where the client does not care."""
    assert negotiated(accept) is media


@pytest.mark.parametrize(
    "accept", ["text/plain", "application/json;q=0", "application/json; charset=latin-1", "text/*", "x;q=a"]
)
def test_other_media_types_are_not_acceptable(accept: str) -> None:
    """What we cannot write is 406."""
    with pytest.raises(Refused) as caught:
        negotiated(accept)
    assert caught.value.status == 406


def test_a_post_is_read() -> None:
    """All members of a request reach the engine; extensions are allowed and ignored."""
    body = b'{"query":"{a}","variables":{"b":1},"operationName":"c","extensions":{"d":2},"id":null}'
    assert posted("application/json", body) == Request(query="{a}", variables={"b": 1}, operation_name="c")
    assert posted("Application/JSON; charset=UTF-8", b'{"query":"{a}","variables":null}').variables is None


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=x",
    ],
)
def test_other_content_types_are_unsupported(content_type: str | None) -> None:
    """What a foreign page can send without asking first is not read."""
    with pytest.raises(Refused) as caught:
        posted(content_type, b'{"query":"{a}"}')
    assert caught.value.status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"1",
        b"[]",
        b'"{a}"',
        b"{",
        b"{}",
        b'{"query":""}',
        b'{"query":1}',
        b'{"query":"{a}","variables":[]}',
        b'{"query":"{a}","variables":"{}"}',
        b'{"query":"{a}","operationName":1}',
        b'{"query":"{a}","extensions":7}',
        b'{"query":"\xff"}',
        b'{"query":"{a}","variables":' + b"[" * 100_000,
        b'{"query":"{a}","variables":{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}}",
        b'{"query":"{a}","variables":{"a":' + b"9" * 5000 + b"x}}",
    ],
)
def test_a_body_that_is_no_request_is_bad(body: bytes) -> None:
    """Malformed in whatever way, the answer is 400 with a coded error."""
    with pytest.raises(Refused) as caught:
        posted("application/json", body)
    assert caught.value.status == 400
    assert caught.value.body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    """Any body is a request or refused."""
    with suppress(Refused):
        assert posted("application/json", body).query


def test_a_get_is_read() -> None:
    """The same members may stand in the address."""
    assert queried(b"query=%7Ba%7D&variables=%7B%22b%22%3A1%7D&operationName=c&extensions=%7B%7D") == Request(
        query="{a}", variables={"b": 1}, operation_name="c"
    )


@given(st.binary(max_size=200))
def test_no_address_breaks_the_reader(query_string: bytes) -> None:
    """Any query string is a request or refused."""
    with suppress(Refused):
        assert queried(query_string).query


@pytest.mark.parametrize(
    "query_string",
    [
        b"",
        b"query=",
        b"variables=%7B%7D",
        b"query=a&variables=1",
        b"query=a&variables=%7B",
        b"query=%ff",
        b"query=a&" * 9,
    ],
)
def test_an_address_that_is_no_request_is_bad(query_string: bytes) -> None:
    """A GET without a query, or with variables that are no object, is 400."""
    with pytest.raises(Refused) as caught:
        queried(query_string)
    assert caught.value.status == 400
