"""Keys that stay as they are."""

from __future__ import annotations

from gateway.credentials.source import CredentialSource, Fixed
from gateway.providers.signing import Credentials

KEYS = Credentials(access_key_id="a", access_key_secret="b")


async def test_fixed_keys_are_always_ready() -> None:
    """There is nothing to wait for, and no others to be had."""
    source: CredentialSource = Fixed(KEYS)
    await source.ready()
    assert source.current() is KEYS
    assert not await source.renew(KEYS)
