"""How clients are turned away."""

from __future__ import annotations

import pytest

from gateway.access.errors import Invalid, Unauthenticated
from gateway.web.guards import (
    PREFLIGHT,
    SECURITY,
    check_preflight,
    denial_headers,
    head,
    retry_after,
    too_busy,
    unauthenticated,
)
from gateway.web.overload import Overloaded
from gateway.web.protocol import Refused


@pytest.mark.parametrize("name", PREFLIGHT)
def test_a_header_of_its_own_tells_a_client_from_a_page(name: str) -> None:
    """Browsers ask before they let a foreign page send such a header."""
    check_preflight({name.encode(): "1"})
    check_preflight({b"content-type": "application/json; charset=utf-8"})


@pytest.mark.parametrize("headers", [{}, {b"content-type": "text/plain"}, {b"accept": "application/json"}])
def test_what_any_page_can_send_is_refused(headers: dict[bytes, str]) -> None:
    """An image or a form of somebody else's page spends nobody's quota."""
    with pytest.raises(Refused, match="GraphQL-Preflight") as caught:
        check_preflight(headers)
    assert caught.value.status == 400


def test_a_stranger_is_told_how_to_come_back() -> None:
    """RFC 6750: the challenge says whether a credential is missing or wrong."""
    body, headers = unauthenticated(Unauthenticated("Send one."))
    assert headers == {"WWW-Authenticate": 'Bearer realm="gateway"'}
    assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    _, headers = unauthenticated(Invalid("No."))
    assert headers["WWW-Authenticate"].endswith('error="invalid_token"')


def test_whoever_has_to_wait_is_told_how_long() -> None:
    """In whole seconds for HTTP, never none."""
    assert retry_after(0.1) == {"Retry-After": "1"}
    assert denial_headers(429, 41.2) == {"Retry-After": "42"}
    assert denial_headers(405, None) == {"Allow": "POST"}
    assert denial_headers(403, None) == {}
    body, headers = too_busy(Overloaded(1.0))
    assert body["errors"][0]["extensions"] == {"code": "OVERLOADED", "retryable": True, "retryAfterMs": 1000}
    assert headers == {"Retry-After": "1"}


def test_the_head_of_an_answer_may_be_added_to() -> None:
    """Middlewares append to what they are given; the next answer must not carry it."""
    first, second = head(200, SECURITY), head(200, SECURITY)
    assert (first["type"], first["status"]) == ("http.response.start", 200)
    assert (b"cache-control", b"no-store") in list(first["headers"])
    assert first["headers"] is not second["headers"]
