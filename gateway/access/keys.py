"""API keys: random, kept as hashes, compared in constant time.

A key is 256 random bits, so a plain SHA-256 of it can be neither guessed nor reversed; the slow hashes that
passwords need would only cost every request. Whoever reads the configuration learns no key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from msgspec import Struct

from gateway.access.errors import Invalid
from gateway.access.principal import Principal
from gateway.access.scopes import scopes

PREFIX = "gw_"
"""Tells a key from a token, and lets scanners of repositories find a key that leaked."""

_ENTRY = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,64}):(?P<digest>[0-9a-f]{64}):(?P<scopes>[a-z0-9: -]*)")


class Key(Struct, frozen=True):
    """A key as the configuration knows it."""

    digest: str
    principal: Principal


def generate() -> str:
    """Return a new key."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def entry(name: str, key: str, words: Iterable[str]) -> str:
    """Return a key as it stands in the configuration."""
    return f"{name}:{digest(key)}:{' '.join(words)}"


def parse(text: str) -> tuple[Key, ...]:
    """Return the keys of a configuration: ``name:sha256:scope scope``, separated by semicolons.

    Raises:
        ValueError: Something in it is wrong; the message quotes nothing of it.
    """
    keys: list[Key] = []
    for number, part in enumerate(filter(None, (part.strip() for part in text.split(";"))), 1):
        match = _ENTRY.fullmatch(part)
        if match is None:
            raise ValueError(f"entry {number} is not name:sha256:scopes; `gateway key` writes one")
        try:
            allowed = scopes(match["scopes"].split(), strict=True)
        except ValueError as error:
            raise ValueError(f"entry {number}: {error}") from None
        keys.append(Key(match["digest"], Principal(name=f"key:{match['name']}", scopes=allowed)))
    if len({key.principal.name for key in keys}) < len(keys):
        raise ValueError("two entries have the same name")
    return tuple(keys)


class Keys:
    """The keys that are accepted."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)

    def principal(self, key: str) -> Principal:
        """Return whose key it is.

        Raises:
            Invalid: It is nobody's.
        """
        presented = digest(key)
        found: Principal | None = None
        # All are compared, to the end: how long it takes tells nothing about which came close.
        for known in self._keys:
            if hmac.compare_digest(known.digest, presented):
                found = known.principal
        if found is None:
            raise Invalid("The API key is not accepted.")
        return found
