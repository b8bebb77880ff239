"""From what a client sends along to who it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from gateway.access.errors import Invalid, Unauthenticated
from gateway.access.keys import PREFIX, Keys
from gateway.access.principal import Principal

if TYPE_CHECKING:
    from gateway.access.tokens import Tokens

_STRANGERS = 1024
"""Anonymous clients that are told apart without making them anew."""

_ONE_CLIENT = 64
"""Bits of IPv6 addresses that tell clients apart; the others are theirs to choose."""


class Authentication:
    """Recognises clients.

    Args:
        keys: API keys; None where there are none.
        tokens: Bearer tokens; None where there are none.
        anonymous: Who sends nothing; None lets nobody do that.
    """

    def __init__(
        self, *, keys: Keys | None = None, tokens: Tokens | None = None, anonymous: Principal | None = None
    ) -> None:
        self._keys = keys
        self._tokens = tokens
        self._anonymous: Callable[[str | None], Principal] | None = None
        if anonymous is not None:
            self._anonymous = lru_cache(maxsize=_STRANGERS)(partial(_at, anonymous))

    @property
    def takes_anyone(self) -> bool:
        """Whether whoever sends nothing may ask."""
        return self._anonymous is not None

    async def of_headers(
        self, authorization: str | None, api_key: str | None = None, address: str | None = None
    ) -> Principal:
        """Return who sends these headers.

        A credential that is not accepted is refused even where none is needed: whoever sends one means to be
        somebody, and would be puzzled by an anonymous answer.

        Args:
            authorization: Authorization, with a token or an API key as its Bearer.
            api_key: X-API-Key.
            address: Where they come from: anonymous clients are told apart by it, since one that uses up its
                points should not use up everybody's. Behind a proxy they all have the proxy's.

        Raises:
            Unauthenticated: Nobody who may ask.
        """
        known = self.at_once(authorization, api_key, address)
        if known is not None:
            return known
        if self._tokens is None or authorization is None:
            raise Invalid("Tokens are not accepted here.")
        return await self._tokens.principal(_credential(authorization))

    def at_once(
        self, authorization: str | None, api_key: str | None = None, address: str | None = None
    ) -> Principal | None:
        """Return who sends these headers, as `of_headers`; None where that has to be found out first.

        Raises:
            Unauthenticated: Nobody who may ask.
        """
        if api_key is not None:
            return self._of_key(api_key)
        if authorization is not None:
            credential = _credential(authorization)
            if credential.startswith(PREFIX):
                return self._of_key(credential)
            return None if self._tokens is None else self._tokens.checked(credential)
        if self._anonymous is None:
            raise Unauthenticated("Send a token or an API key: Authorization: Bearer ...")
        return self._anonymous(address)

    async def of_connection(self, payload: Mapping[str, Any] | None, address: str | None = None) -> Principal:
        """Return who opens a WebSocket, by the payload of its ``connection_init``.

        Browsers cannot send headers with a WebSocket, so clients put them into the payload. Whoever keeps
        the connection asks `Principal.expired` again as time passes.

        Raises:
            Unauthenticated: Nobody who may ask.
        """
        given = {name.lower(): value for name, value in (payload or {}).items() if isinstance(value, str)}
        return await self.of_headers(given.get("authorization"), given.get("x-api-key"), address)

    def _of_key(self, key: str) -> Principal:
        if self._keys is None:
            raise Invalid("API keys are not accepted here.")
        return self._keys.principal(key)


def _at(anonymous: Principal, address: str | None) -> Principal:
    return anonymous if address is None else replace(anonymous, name=f"{anonymous.name}:{_client(address)}")


def _client(address: str) -> str:
    """Return whom an address stands for: with IPv6, a client has a whole network to choose from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Network((int(parsed), _ONE_CLIENT), strict=False))


def _credential(authorization: str) -> str:
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Invalid("Authorization must be: Bearer, a space, and a token or an API key.")
    return credential.strip()
