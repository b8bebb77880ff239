"""Tokens."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from gateway.access.errors import Invalid
from gateway.access.jwks import Jwks
from gateway.access.scopes import Scope
from gateway.access.tokens import Expected, Tokens
from tests.access.conftest import AUDIENCE, ISSUER, Identity

LEEWAY = 30


class _Now:
    """A clock for the expiry of remembered tokens; the library checks `exp` by the real one."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def _tokens(identity: Identity, now: _Now | None = None, **expected: Any) -> Tokens:
    wanted = Expected(
        **{"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ("ES256",), "leeway": LEEWAY, **expected}
    )
    return Tokens(Jwks(identity.fetch), wanted, now=now or _Now())


def _now() -> float:
    return _Now()()


async def test_a_good_token_is_its_subject_with_its_scopes(identity: Identity) -> None:
    """Subject, scopes and end of a principal are the token's; foreign scopes are left aside."""
    principal = await _tokens(identity).principal(identity.token(now=_now()))
    assert principal.name == "token:alice"
    assert principal.scopes == {Scope.VOD, Scope.URLS}
    assert principal.expires_at is not None
    assert 600 <= principal.expires_at - _now() <= 600 + LEEWAY + 1


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (
            {"scope": None, "permissions": ["gateway:urls", "urls", 7]},
            {"claim": "permissions", "prefix": "gateway:"},
        ),
        ({"scope": "gateway:urls other:provider:vod"}, {"prefix": "gateway:"}),
        ({"scope": ["urls"]}, {}),
    ],
)
async def test_scopes_may_be_where_the_identity_provider_puts_them(
    identity: Identity, claims: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Claim and prefix are settings; lists and words are both read."""
    principal = await _tokens(identity, **expected).principal(identity.token(now=_now(), **claims))
    assert principal.scopes == {Scope.URLS}


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example.com"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"exp": None},
        {"exp": 1_000_000_000},
        {"exp": "soon"},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": 7},
    ],
)
async def test_a_token_that_lacks_or_fails_anything_is_refused(
    identity: Identity, claims: dict[str, Any]
) -> None:
    """Issuer, audience, expiry, beginning and subject all have to be right."""
    with pytest.raises(Invalid):
        await _tokens(identity).principal(identity.token(now=_now(), **claims))


async def test_clocks_may_differ_by_the_leeway(identity: Identity) -> None:
    """A token that ended a moment ago passes; one that ended earlier does not."""
    tokens = _tokens(identity)
    await tokens.principal(identity.token(now=_now(), exp=int(_now()) - LEEWAY + 10))
    with pytest.raises(Invalid, match="expired"):
        await tokens.principal(identity.token(now=_now(), exp=int(_now()) - LEEWAY - 10))


def _with_shared_secret(claims: dict[str, Any], secret: bytes) -> str:
    # By hand: the library refuses to take a published key for a secret.
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "one"}, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(secret, signed, "sha256")).rstrip(b"=")
    return (signed + b"." + signature).decode()


async def test_only_pinned_algorithms_and_known_keys_pass(identity: Identity) -> None:
    """No signature, a shared secret made of the public key, and a stranger's key are all refused."""
    tokens = _tokens(identity)
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "mallory", "exp": int(_now()) + 600}
    stranger = Identity()
    for forged in (
        jwt.encode(claims, "", algorithm="none", headers={"kid": "one"}),
        _with_shared_secret(claims, identity.key_set()),
        stranger.token(now=_now()),
        identity.token(now=_now(), headers={"kid": "unknown"}),
        identity.token(now=_now())[:-4] + "AAAA",
    ):
        with pytest.raises(Invalid):
            await tokens.principal(forged)
    with pytest.raises(Invalid, match="signed in a way"):
        await _tokens(identity, algorithms=("RS256",)).principal(identity.token(now=_now()))


@pytest.mark.parametrize(
    ("told", "algorithm", "accepted"),
    [
        (None, "RS256", True),
        (None, "PS256", True),
        ("PS256", "PS256", True),
        ("RS256", "PS256", False),
        (None, "RS512", False),
        (None, "ES256", False),
    ],
)
async def test_a_key_may_leave_open_what_it_is_for(
    told: str | None, algorithm: str, *, accepted: bool
) -> None:
    """Then a pinned algorithm of its kind will do; what it says, it is held to."""
    private = rsa.generate_private_key(65537, 2048)
    published = {**RSAAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": "one", "alg": told}
    published = {name: value for name, value in published.items() if value is not None}

    async def fetch() -> bytes:
        return json.dumps({"keys": [published]}).encode()

    wanted = Expected(issuer=ISSUER, audience=AUDIENCE, algorithms=("RS256", "PS256", "ES256"))
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": int(_now()) + 600}
    signing = private if algorithm != "ES256" else ec.generate_private_key(ec.SECP256R1())
    token = jwt.encode(claims, signing, algorithm=algorithm, headers={"kid": "one"})
    tokens = Tokens(Jwks(fetch), wanted)
    if accepted:
        assert (await tokens.principal(token)).name == "token:alice"
    else:
        with pytest.raises(Invalid):
            await tokens.principal(token)


async def test_a_checked_token_is_remembered_until_it_ends(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signature is checked once, and an expired token does not live on in memory."""
    now = _Now()
    tokens = _tokens(identity, now)
    checked: list[object] = []
    decode = jwt.decode

    def counted(*args: Any, **options: Any) -> Any:
        checked.append(args)
        return decode(*args, **options)

    monkeypatch.setattr(jwt, "decode", counted)
    token = identity.token(now=_now(), exp=int(_now()) + 100)
    first = await tokens.principal(token)
    assert await tokens.principal(token) is first
    assert len(checked) == 1
    now.ahead = 100 + LEEWAY + 1
    await tokens.principal(token)
    assert len(checked) == 2


async def test_a_withdrawn_key_ends_its_tokens(identity: Identity) -> None:
    """A remembered token is checked again before long, in case its key was given up."""
    now = _Now()
    wanted = Expected(issuer=ISSUER, audience=AUDIENCE, algorithms=("ES256",))
    tokens = Tokens(Jwks(identity.fetch, refresh=0.0), wanted, recheck=60, now=now)
    token = identity.token(now=_now())
    await tokens.principal(token)
    identity.keys = {"two": ec.generate_private_key(ec.SECP256R1())}
    await tokens.principal(token)
    now.ahead = 61
    with pytest.raises(Invalid):
        await tokens.principal(token)


async def test_remembered_tokens_are_bounded(identity: Identity) -> None:
    """However many tokens come by, few are kept."""
    wanted = Expected(issuer=ISSUER, audience=AUDIENCE, algorithms=("ES256",))
    tokens = Tokens(Jwks(identity.fetch), wanted, remembered=2)
    for n in range(4):
        await tokens.principal(identity.token(now=_now(), sub=f"user{n}"))
    assert len(tokens._checked) == 2


@given(st.text(max_size=200))
async def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is sent in place of a token is refused, and not quoted."""
    with pytest.raises(Invalid) as caught:
        await _tokens(Identity()).principal(text + ".x")
    assert len(caught.value.message) < 100


async def test_a_long_subject_is_kept_short(identity: Identity) -> None:
    """Names of principals go into keys and logs, so they are bounded and printable."""
    principal = await _tokens(identity).principal(identity.token(now=_now(), sub="a\n" * 500))
    assert len(principal.name) < 80
    assert principal.name.isprintable()
