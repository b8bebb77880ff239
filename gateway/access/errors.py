"""Why nobody was recognised."""

from __future__ import annotations


class Unauthenticated(Exception):
    """There is no credential, or none that is accepted.

    Args:
        message: For the client; says what kind of thing is wrong, and never quotes the credential.
        challenge: What follows ``Bearer`` in the answer's WWW-Authenticate header (RFC 6750).
    """

    def __init__(self, message: str, challenge: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.challenge = challenge


class Invalid(Unauthenticated):
    """A credential was sent and is not accepted."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 'error="invalid_token"')
