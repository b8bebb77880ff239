"""Why nobody was recognised."""

from __future__ import annotations

from gateway.access.errors import Invalid, Unauthenticated


def test_a_wrong_credential_is_told_from_none() -> None:
    """RFC 6750: who sent nothing is asked to, who sent something wrong is told so."""
    assert Unauthenticated("Send one.").challenge == ""
    assert Invalid("No.").challenge == 'error="invalid_token"'
