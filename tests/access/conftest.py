"""An identity provider: keys, their set, and tokens signed with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from tests.upstream.conftest import valkey

__all__ = ["valkey"]

ISSUER = "https://id.example.com"
AUDIENCE = "gateway"
NOW = 1_800_000_000


class Identity:
    """Signs tokens and publishes keys."""

    def __init__(self) -> None:
        self.keys = {"one": ec.generate_private_key(ec.SECP256R1())}
        self.fetched = 0
        self.broken: Exception | bytes | None = None

    async def fetch(self) -> bytes:
        """Return the key set, as a JWKS endpoint would."""
        self.fetched += 1
        if isinstance(self.broken, Exception):
            raise self.broken
        return self.broken or self.key_set()

    def key_set(self) -> bytes:
        """Return the public keys."""
        published = [
            {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "use": "sig", "alg": "ES256"}
            for name, key in self.keys.items()
        ]
        return json.dumps({"keys": published}).encode()

    def token(
        self, key: str = "one", *, headers: Mapping[str, Any] | None = None, now: float = NOW, **claims: Any
    ) -> str:
        """Return a token; claims of None are left out."""
        content = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "alice",
            "exp": int(now) + 600,
            "scope": "openid provider:vod urls",
            **claims,
        }
        content = {name: value for name, value in content.items() if value is not None}
        return jwt.encode(content, self.keys[key], algorithm="ES256", headers={"kid": key, **(headers or {})})


@pytest.fixture
def identity() -> Identity:
    """An identity provider with one key."""
    return Identity()
