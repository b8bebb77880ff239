"""An answer as it came, and what httpx makes of it."""

from __future__ import annotations

import gzip

import httpx
import pytest

from gateway.transport.response import Response, said_by

SAID = [
    (b"Content-Type", b"text/plain; charset=latin-1"),
    (b"Content-Encoding", b"gzip"),
    (b"A", b"1"),
    (b"a", b"2"),
]
REQUEST = httpx.Request("GET", "http://h/")


def answers() -> tuple[Response, httpx.Response]:
    """Return the same answer as ours and as httpx's."""
    body = gzip.compress("ä".encode("latin-1"))
    usual = httpx.Response(
        404,
        headers=SAID,
        stream=httpx.ByteStream(body),
        request=REQUEST,
        extensions={"http_version": b"HTTP/1.1"},
    )
    return Response(404, SAID, stream=httpx.ByteStream(body), request=REQUEST), usual


async def test_it_is_the_one_that_httpx_would_make() -> None:
    """For whoever looks at it as at any other, before its body is read and after."""
    ours, usual = answers()
    assert set(vars(usual)) <= {*vars(ours), "headers"}
    assert (ours.headers, ours.http_version, ours.request) == (usual.headers, "HTTP/1.1", REQUEST)
    assert await ours.aread() == await usual.aread() == "ä".encode("latin-1")
    assert (ours.text, ours.reason_phrase, ours.is_closed) == ("ä", "Not Found", True)
    with pytest.raises(httpx.HTTPStatusError):
        ours.raise_for_status()


@pytest.mark.parametrize("one", [0, 1], ids=["ours", "httpx's"])
def test_headers_are_what_was_said(one: int) -> None:
    """Whoever's answer it is; repeated ones too."""
    assert said_by(answers()[one]) == SAID


def test_nobody_asked_for_headers() -> None:
    """So there are none."""
    assert "headers" not in vars(answers()[0])
