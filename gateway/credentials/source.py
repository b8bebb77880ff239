"""What a source of credentials is, and the simplest one."""

from __future__ import annotations

from typing import Protocol

from gateway.providers.signing import Credentials


class NoCredentialsError(Exception):
    """There is nothing to sign with.

    Args:
        reason: Why, in words that may be shown: no key, token, address or answer of any server.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CredentialSource(Protocol):
    """Keys that may change while they are used.

    Signing reads `current` for every request and never waits. Whoever is about to make a call awaits `ready`
    first, and tells `renew` when a provider would not take the key.
    """

    @property
    def origin(self) -> str:
        """Where the present keys come from, to be shown to an operator."""

    def current(self) -> Credentials:
        """Return what to sign with.

        Raises:
            NoCredentialsError: There is nothing.
        """

    async def ready(self) -> None:
        """Make sure that there is something good to sign with, and wait for it if there is not.

        Raises:
            NoCredentialsError: There is nothing, and nothing was found.
        """

    async def renew(self, refused: Credentials) -> bool:
        """Look for others than those that a provider refused; return whether there are any now."""


class Fixed:
    """Keys that stay as they were given."""

    origin = "settings"

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def current(self) -> Credentials:
        """Return them."""
        return self._credentials

    async def ready(self) -> None:
        """They always are."""

    async def renew(self, refused: Credentials) -> bool:
        """There are no others."""
        return refused != self._credentials
