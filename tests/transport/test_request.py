"""A request that is text, and what httpx makes of it."""

from __future__ import annotations

import httpx
import pytest

from gateway.transport.request import Endpoint, Request, head_of, origin_of

HEAD = b"GET /list?a=b HTTP/1.1\r\nhost: h\r\nx-a: 1\r\n\r\n"


def made(url: str = "https://h/", target: str = "/list?a=b", **headers: str) -> Request:
    """Return a request."""
    endpoint = Endpoint(url)
    said = {"host": endpoint.host, "x-a": "1", **headers}
    return Request("GET", endpoint, target, said, extensions={})


@pytest.mark.parametrize(
    "url", ["http://h:90", "https://u:p@h", "http://[::1]:9", "https://h/v/api/", "https://h:443"]
)
@pytest.mark.parametrize("query", ["", "?a=b%2Cc&d=%E5%BE%AE"])
def test_it_is_the_one_that_httpx_would_make(url: str, query: str) -> None:
    """The same bytes to the same place, also for whoever looks at it as at any other."""
    endpoint = Endpoint(url)
    target = f"{endpoint.path}list{query}"
    usual = httpx.Request("GET", httpx.URL(url).copy_with(raw_path=target.encode()))
    request = Request("GET", endpoint, target, {"Host": endpoint.host}, extensions={})
    assert (origin_of(request), head_of(request)) == (origin_of(usual), head_of(usual))
    assert (request.url, request.headers, request.read()) == (usual.url, usual.headers, b"")
    assert (origin_of(request), head_of(request)) == (origin_of(usual), head_of(usual))


def test_what_is_changed_is_what_is_sent() -> None:
    """Such as by what passes a trace on in the headers."""
    request = made()
    assert head_of(request) == HEAD
    request.headers["traceparent"] = "00"
    assert head_of(request) == HEAD.replace(b"\r\n\r\n", b"\r\ntraceparent: 00\r\n\r\n")
    request.headers = httpx.Headers({"x-b": "2"})
    assert head_of(request) == b"GET /list?a=b HTTP/1.1\r\nx-b: 2\r\n\r\n"
    request = made()
    request.url = httpx.URL("http://other:81/")
    assert origin_of(request) == ("http", "other", 81)
    assert head_of(request) == b"GET / HTTP/1.1\r\nhost: h\r\nx-a: 1\r\n\r\n"


@pytest.mark.parametrize("value", ["b\r\nc: d", "b\nc: d", "b\rc", "\0"])
def test_a_header_cannot_be_two(value: str) -> None:
    """Nor can a target."""
    with pytest.raises(httpx.LocalProtocolError):
        head_of(made(a=value))
    with pytest.raises(httpx.LocalProtocolError):
        head_of(made(target=f"/{value}"))


def test_nothing_but_http_has_an_origin() -> None:
    """However it is asked for."""
    request = made("ftp://h/")
    with pytest.raises(httpx.UnsupportedProtocol):
        origin_of(request)
    with pytest.raises(httpx.UnsupportedProtocol):
        origin_of(httpx.Request("GET", "ftp://h/"))
