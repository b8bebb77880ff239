"""The keys that tokens are signed with: fetched, kept, and fetched anew as they rotate.

A set that cannot be fetched leaves the last one in force: an identity provider that is away for an hour must
not lock everybody out whose token is still good.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWKSetError, PyJWTError

from gateway.access.errors import Invalid

_log = logging.getLogger(__name__)

Fetch = Callable[[], Awaitable[bytes]]
"""Returns a JSON Web Key Set (RFC 7517); raises OSError or ValueError."""


_UNUSABLE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    PyJWKSetError,
    PyJWTError,
)
"""What fetching and reading a set raise, whatever was sent."""


class Jwks:
    """The keys by their id.

    Args:
        fetch: Where the set comes from.
        refresh: Seconds after which it is fetched again.
        cooldown: Seconds between fetches for ids that are not in it, which anybody can make up.
        now: Seconds of some clock.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        refresh: float = 300.0,
        cooldown: float = 10.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._refresh = refresh
        self._cooldown = cooldown
        self._now = now
        self._keys: dict[str | None, PyJWK] = {}
        self._tried_at = float("-inf")
        self._flight: asyncio.Task[None] | None = None

    async def key(self, key_id: str | None) -> PyJWK:
        """Return the key of an id; without one, the only key there is.

        Raises:
            Invalid: There is no such key.
        """
        age = self._now() - self._tried_at
        if age >= self._refresh or (age >= self._cooldown and self._found(key_id) is None):
            await asyncio.shield(self._renewal())
        key = self._found(key_id)
        if key is None:
            raise Invalid("The token is signed with a key that is not known here.")
        return key

    def _found(self, key_id: str | None) -> PyJWK | None:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    def _renewal(self) -> asyncio.Task[None]:
        if self._flight is None or self._flight.done():
            # For everybody: it carries neither the trace nor the cancellation of the request that began it.
            self._flight = asyncio.create_task(self._renew(), context=Context())
        return self._flight

    async def _renew(self) -> None:
        try:
            self._keys = _usable(await self._fetch())
        except _UNUSABLE as error:
            # The type only: its text may quote what was fetched.
            _log.warning(
                "the key set of tokens cannot be fetched (%s); the last one stays in force",
                type(error).__name__,
            )
        finally:
            self._tried_at = self._now()


def _usable(sent: bytes) -> dict[str | None, PyJWK]:
    """Return the keys of a set that sign, by their ids; keys of no use are ignored (RFC 7517, section 5).

    Raises:
        PyJWKSetError: There is no key in it; and whatever else is in `_UNUSABLE`.
    """
    members: list[Any] = json.loads(sent)["keys"]
    found: list[PyJWK] = []
    for member in members:
        try:
            found.append(PyJWK(member))
        except _UNUSABLE:
            continue
    if not found:
        raise PyJWKSetError("There is no key that can be used.")
    return {
        key.key_id: key
        for key in found
        if key.public_key_use in (None, "sig") and isinstance(key.key_id, str | None)
    }
