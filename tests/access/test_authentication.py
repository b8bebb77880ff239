"""From credentials to principals."""

from __future__ import annotations

import time

import pytest

from gateway.access import keys
from gateway.access.authentication import Authentication
from gateway.access.errors import Invalid, Unauthenticated
from gateway.access.jwks import Jwks
from gateway.access.principal import Principal
from gateway.access.tokens import Expected, Tokens
from tests.access.conftest import AUDIENCE, ISSUER, Identity

KEY = keys.generate()
KEYS = keys.Keys(keys.parse(keys.entry("ci", KEY, ["all"])))
ANONYMOUS = Principal(name="anonymous", scopes=frozenset())


async def test_nobody_is_let_in_by_default() -> None:
    """Without any way to recognise clients, none is recognised."""
    closed = Authentication()
    with pytest.raises(Unauthenticated, match="Authorization"):
        await closed.of_headers(None)
    for credential in (f"Bearer {KEY}", "Bearer a.b.c"):
        with pytest.raises(Invalid, match="not accepted here"):
            await closed.of_headers(credential)


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [(f"Bearer {KEY}", None), (f"bearer  {KEY} ", None), (None, KEY)],
    ids=["bearer", "bearer with blanks", "x-api-key"],
)
async def test_a_key_may_come_in_either_header(authorization: str | None, api_key: str | None) -> None:
    """Authorization and X-API-Key both do."""
    assert (await Authentication(keys=KEYS).of_headers(authorization, api_key)).name == "key:ci"


async def test_a_token_is_a_bearer(identity: Identity) -> None:
    """A token is told from a key by its beginning."""
    tokens = Tokens(Jwks(identity.fetch), Expected(issuer=ISSUER, audience=AUDIENCE))
    both = Authentication(keys=KEYS, tokens=tokens)
    assert (await both.of_headers(f"Bearer {identity.token(now=time.time())}")).name == "token:alice"


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic YTpi", "gw_x", "Bearer gw_x"])
async def test_a_wrong_credential_is_refused_even_where_none_is_needed(authorization: str) -> None:
    """Who sends a credential means to be somebody."""
    with pytest.raises(Invalid):
        await Authentication(keys=KEYS, anonymous=ANONYMOUS).of_headers(authorization)


async def test_an_anonymous_client_has_its_network() -> None:
    """Another address of the same network is no way to more points."""
    door = Authentication(anonymous=ANONYMOUS)
    one, same, other = [
        (await door.of_headers(None, None, address)).name
        for address in ("2001:db8:0:1::a", "2001:db8::1:ffff:2:3:4", "2001:db8:0:2::a")
    ]
    assert one == same == "anonymous:2001:db8:0:1::/64" != other


async def test_anonymous_clients_come_in_where_they_may() -> None:
    """Who sends nothing is anonymous."""
    door = Authentication(anonymous=ANONYMOUS)
    assert await door.of_headers(None) is ANONYMOUS
    assert (await door.of_headers(None, None, "192.0.2.1")).name == "anonymous:192.0.2.1"
    assert (await door.of_headers(None, None, "::ffff:192.0.2.1")).name == "anonymous:192.0.2.1"
    assert (await door.of_headers(None, None, "a socket")).name == "anonymous:a socket"


async def test_a_websocket_brings_its_credential_in_its_first_message() -> None:
    """The payload of connection_init is read like headers, whatever else it holds."""
    door = Authentication(keys=KEYS)
    assert (await door.of_connection({"Authorization": f"Bearer {KEY}", "x": 1})).name == "key:ci"
    assert (await door.of_connection({"X-API-Key": KEY})).name == "key:ci"
    for payload in (None, {}, {"authorization": 7}):
        with pytest.raises(Unauthenticated):
            await door.of_connection(payload)
