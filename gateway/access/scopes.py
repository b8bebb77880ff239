"""What can be allowed, one word each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache

from gateway.domain.records import DEFAULT, Provider


class Scope(StrEnum):
    """One permission.

    The names are what API keys and the scope claim of tokens hold. Whoever may see no provider may see only
    the schema, if that.
    """

    VOD = "provider:vod"
    IMS = "provider:ims"
    VISIONULAR = "provider:visionular"
    URLS = "urls"
    FRESH = "fresh"
    SUBSCRIBE = "subscribe"
    INTROSPECT = "introspect"


MEANINGS = {
    Scope.VOD: "see what ApsaraVideo VOD has",
    Scope.IMS: "see what Intelligent Media Services has",
    Scope.VISIONULAR: "see what Visionular has",
    Scope.URLS: "see the addresses of files; pre-signed ones let anybody download who holds them",
    Scope.FRESH: "bound the age of data with `maxAge`, which may wait for the quota",
    Scope.SUBSCRIBE: "subscribe",
    Scope.INTROSPECT: "ask for the schema",
}

SOURCE_MEANING = "see that account of the providers; `source:all` for all; without any, the default ones"
ALL_SOURCES = "source:all"
_SOURCE = re.compile(r"source:[a-z0-9][a-z0-9-]{0,31}")

PROVIDERS = {Provider.VOD: Scope.VOD, Provider.IMS: Scope.IMS, Provider.VISIONULAR: Scope.VISIONULAR}
EVERYTHING: frozenset[str] = frozenset({*Scope, ALL_SOURCES})
_GROUPS: Mapping[str, frozenset[str]] = {
    "all": EVERYTHING,
    "provider:all": frozenset(PROVIDERS.values()),
}


class UnknownScope(ValueError):
    """A word that is no scope."""


def scopes(words: Iterable[str], *, strict: bool) -> frozenset[str]:
    """Return the scopes that some words name.

    Args:
        words: Names of scopes, ``source:`` and the name of a source, ``provider:all``, or ``all``.
        strict: Whether a word that is no scope is a mistake; tokens carry scopes of other services too.

    Raises:
        UnknownScope: There is one, and that is a mistake.
    """
    found: frozenset[str] = frozenset()
    for word in words:
        if word in _GROUPS:
            found |= _GROUPS[word]
        elif word in set(Scope):
            found |= {Scope(word)}
        elif _SOURCE.fullmatch(word):
            found |= {word}
        elif strict:
            known = ", ".join([*Scope, "source:NAME", "all"])
            raise UnknownScope(f"there is no scope of that name; there are: {known}")
    return found


@lru_cache(maxsize=1024)
def may_see(allowed: frozenset[str], source: str) -> bool:
    """Return whether some scopes let somebody see what a source has, by its name.

    Who is given no scope for sources sees the default ones. So an account that is added later is nobody's
    until it is given to somebody.
    """
    if ALL_SOURCES in allowed or f"source:{source}" in allowed:
        return True
    return source == DEFAULT and not any(scope.startswith("source:") for scope in allowed)
