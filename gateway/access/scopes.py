"""What can be allowed, one word each."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from gateway.domain.records import Provider


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

PROVIDERS = {Provider.VOD: Scope.VOD, Provider.IMS: Scope.IMS, Provider.VISIONULAR: Scope.VISIONULAR}
_GROUPS = {"all": frozenset(Scope), "provider:all": frozenset(PROVIDERS.values())}


class UnknownScope(ValueError):
    """A word that is no scope."""


def scopes(words: Iterable[str], *, strict: bool) -> frozenset[Scope]:
    """Return the scopes that some words name.

    Args:
        words: Names of scopes, ``provider:all``, or ``all``.
        strict: Whether a word that is no scope is a mistake; tokens carry scopes of other services too.

    Raises:
        UnknownScope: There is one, and that is a mistake.
    """
    found: frozenset[Scope] = frozenset()
    for word in words:
        if word in _GROUPS:
            found |= _GROUPS[word]
        elif word in set(Scope):
            found |= {Scope(word)}
        elif strict:
            raise UnknownScope(f"there is no scope of that name; there are: {', '.join(Scope)}, all")
    return found
