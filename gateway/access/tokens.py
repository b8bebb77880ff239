"""Bearer tokens: JSON Web Tokens that an identity provider signed.

Everything that could be left open is not: algorithms are pinned and asymmetric, and audience, issuer and an
expiry have to be there. A token that was checked is remembered by its hash while it is good, since checking
a signature costs more than most answers do; now and then it is checked again all the same.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import jwt
from jwt import PyJWK
from msgspec import Struct

from gateway.access.errors import Invalid
from gateway.access.jwks import Jwks
from gateway.access.principal import Principal
from gateway.access.scopes import scopes

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Asymmetric ones. With a shared secret, whoever can check a token could also make one."""

_MAX_TOKEN = 8192
"""Characters; real tokens have one or two thousand."""

_MAX_NAME = 128


class Expected(Struct, frozen=True, kw_only=True):
    """What an acceptable token says.

    Attributes:
        issuer: Its ``iss``.
        audience: One of its ``aud``.
        algorithms: How it may be signed.
        leeway: Seconds that clocks may differ.
        claim: Where its scopes are: a list, or words in one text.
        prefix: What our scopes begin with there.
    """

    issuer: str
    audience: str
    algorithms: Sequence[str] = ("RS256", "ES256")
    leeway: float = 30.0
    claim: str = "scope"
    prefix: str = ""


class Tokens:
    """Checks tokens.

    Args:
        jwks: The keys they are signed with.
        expected: What they must say.
        recheck: Seconds after which a checked token is checked again, in case its key was withdrawn.
        remembered: How many checked ones are kept.
        now: Seconds since 1970.
    """

    def __init__(
        self,
        jwks: Jwks,
        expected: Expected,
        *,
        recheck: float = 300.0,
        remembered: int = 10_000,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._jwks = jwks
        self._expected = expected
        self._recheck = recheck
        self._remembered = remembered
        self._now = now
        self._checked: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()

    async def principal(self, token: str) -> Principal:
        """Return whom a token stands for.

        Raises:
            Invalid: It is not accepted.
        """
        known = self.checked(token)
        if known is not None:
            return known
        principal = self._principal(await self._claims(token))
        digest = _digest(token)
        self._checked[digest] = principal, min(principal.expires_at or 0.0, self._now() + self._recheck)
        if len(self._checked) > self._remembered:
            self._checked.popitem(last=False)
        return principal

    def checked(self, token: str) -> Principal | None:
        """Return whom a token stands for that was checked not long ago; None for any other.

        Raises:
            Invalid: It cannot be one.
        """
        if len(token) > _MAX_TOKEN or not token.isascii():
            raise Invalid("The token is not a JSON Web Token.")
        digest = _digest(token)
        known, until = self._checked.get(digest, (None, 0.0))
        if known is not None and self._now() < until:
            self._checked.move_to_end(digest)
            return known
        self._checked.pop(digest, None)
        return None

    async def _claims(self, token: str) -> dict[str, Any]:
        expected = self._expected
        try:
            header = jwt.get_unverified_header(token)
            key_id = header.get("kid")
            algorithm = header.get("alg", "")
            if algorithm not in expected.algorithms:
                raise Invalid("The token is signed in a way that is not accepted here.")
            key = await self._jwks.key(key_id if isinstance(key_id, str) else None)
            claims: dict[str, Any] = jwt.decode(
                token,
                _for(algorithm, key),
                algorithms=list(expected.algorithms),
                audience=expected.audience,
                issuer=expected.issuer,
                leeway=expected.leeway,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            raise Invalid("The token has expired.") from None
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError, jwt.MissingRequiredClaimError):
            raise Invalid("The token is not meant for this service.") from None
        except jwt.ImmatureSignatureError:
            raise Invalid("The token is not valid yet.") from None
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            # The library's texts quote parts of the token.
            raise Invalid("The token cannot be verified.") from None
        return claims

    def _principal(self, claims: dict[str, Any]) -> Principal:
        subject = claims.get("sub") or claims.get("client_id") or claims.get("azp")
        if not isinstance(subject, str):
            raise Invalid("The token does not say whom it is for.")
        told = claims.get(self._expected.claim, ())
        words = told.split() if isinstance(told, str) else told if isinstance(told, list) else ()
        prefix = self._expected.prefix
        ours = (
            word.removeprefix(prefix) for word in words if isinstance(word, str) and word.startswith(prefix)
        )
        if len(subject) > _MAX_NAME or not subject.isprintable():
            subject = hashlib.sha256(subject.encode("utf-8", "replace")).hexdigest()
        return Principal(
            name=f"token:{subject}",
            scopes=scopes(ours, strict=False),
            expires_at=float(claims["exp"]) + self._expected.leeway,
        )


def _for(algorithm: str, key: PyJWK) -> PyJWK:
    """Return a key for an algorithm, unless it says itself what it is for; a set may leave that open.

    The library takes every RSA key that says nothing for one of RS256.
    """
    data = key._jwk_data  # noqa: SLF001 - has no public name
    return key if algorithm == key.algorithm_name or data.get("alg") else PyJWK(data, algorithm)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
