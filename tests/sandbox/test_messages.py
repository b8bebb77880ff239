"""Requests as the faces see them."""

import msgspec

from gateway.sandbox.messages import FORM, RefusalError, Request, iso


def test_parameters() -> None:
    """Query and form body are read alike; a plus is a space, a blank value is a value."""
    request = Request("POST", "/", "A=a+b&SignatureType=", (("content-type", FORM),), b"B=%E5%BE%AE")
    assert request.parameters == {"A": "a b", "SignatureType": "", "B": "微"}


def test_other_bodies() -> None:
    """A body that is no form has no parameters."""
    assert Request("POST", "/", "", (("content-type", "application/json"),), b"B=1").form_pairs == []
    assert Request("POST", "/", "", (), b"B=1").form_pairs == []


def test_iso() -> None:
    """Times are written in UTC, to the second."""
    assert iso(1_548_246_912) == "2019-01-23T12:35:12Z"


def test_refusal() -> None:
    """A refusal's text names code and message; codes may be numbers."""
    assert str(RefusalError(403, 1003, "auth fail")) == "1003: auth fail"
    assert msgspec.json.encode(RefusalError(400, "A", "b").code) == b'"A"'
