"""The key set."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.access.errors import Invalid
from gateway.access.jwks import Jwks
from tests.access.conftest import Identity


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_the_set_is_fetched_once_and_again_when_old(identity: Identity) -> None:
    """A key is looked up without asking the identity provider each time."""
    clock = _Clock()
    jwks = Jwks(identity.fetch, refresh=300, now=clock)
    for _ in range(3):
        assert (await jwks.key("one")).key_id == "one"
    assert identity.fetched == 1
    clock.now += 300
    await jwks.key("one")
    assert identity.fetched == 2


async def test_a_new_key_is_found_without_a_restart(identity: Identity) -> None:
    """An id that is not known asks for the set again, but not as often as strangers make ids up."""
    clock = _Clock()
    jwks = Jwks(identity.fetch, cooldown=10, now=clock)
    await jwks.key("one")
    identity.keys = {"two": ec.generate_private_key(ec.SECP256R1())}
    for _ in range(5):
        with pytest.raises(Invalid):
            await jwks.key("two")
    assert identity.fetched == 1
    clock.now += 10
    assert (await jwks.key("two")).key_id == "two"
    with pytest.raises(Invalid):
        await jwks.key("one")
    assert identity.fetched == 2


async def test_a_token_without_a_key_id_means_the_only_key(identity: Identity) -> None:
    """Small identity providers have one key and do not name it."""
    jwks = Jwks(identity.fetch)
    assert (await jwks.key(None)).key_id == "one"
    identity.keys["two"] = ec.generate_private_key(ec.SECP256R1())
    several = Jwks(identity.fetch)
    with pytest.raises(Invalid):
        await several.key(None)


@pytest.mark.parametrize(
    "broken",
    [OSError("s3cret"), b"s3cret", b"[]", b'{"keys":[]}', b'{"keys":[{}]}', b"{}", b"\xff", 100_000 * b"["],
)
async def test_a_set_that_cannot_be_had_leaves_the_last_one(
    identity: Identity, broken: Exception | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """An identity provider's bad hour locks nobody out, and what it sent is not logged."""
    clock = _Clock()
    jwks = Jwks(identity.fetch, refresh=300, now=clock)
    await jwks.key("one")
    identity.broken = broken
    clock.now += 301
    with caplog.at_level(logging.WARNING):
        assert (await jwks.key("one")).key_id == "one"
    assert "stays in force" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    "odd",
    [
        {"kty": "EC"},
        {"kty": "EC", "alg": ["ES256"]},
        {"kty": "oct", "k": "AAAA", "kid": ["one"]},
        {"kty": "oct", "k": "AAAA", "kid": "one", "use": ["sig"]},
        {"kty": "oct", "k": "AAAA", "kid": "one", "use": "enc"},
        "no key",
        None,
    ],
)
async def test_a_key_of_no_use_spoils_no_set(identity: Identity, odd: object) -> None:
    """Others may be for other readers, or simply wrong."""

    async def beside_it() -> bytes:
        keys = msgspec.json.decode(await identity.fetch())["keys"]
        return msgspec.json.encode({"keys": [odd, *keys, odd]})

    assert (await Jwks(beside_it, now=_Clock()).key("one")).key_type == "EC"


async def test_nothing_is_accepted_before_there_is_a_set(identity: Identity) -> None:
    """Without keys no token is good, and the next try comes after a pause."""
    identity.broken = OSError()
    jwks = Jwks(identity.fetch, now=_Clock())
    for _ in range(3):
        with pytest.raises(Invalid):
            await jwks.key("one")
    assert identity.fetched == 1


async def test_who_leaves_takes_the_set_from_nobody(identity: Identity) -> None:
    """A connection may end while the set is on its way; those who wait for it as well get it."""
    arrived = asyncio.Event()

    async def slowly() -> bytes:
        await arrived.wait()
        return await identity.fetch()

    jwks = Jwks(slowly)
    leaving, staying = (asyncio.create_task(jwks.key("one")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    arrived.set()
    assert (await staying).key_id == "one"
    assert (await jwks.key("one")).key_id == "one"
    assert identity.fetched == 1
