"""What proves that a notification comes from whom it says.

VOD and IMS sign alike, by headers of their own: MD5 of the address they call, the second, and a key. *The
signature does not cover the body*, so whoever sees one notification on its way can send others for as long
as the second is accepted. Hence addresses should be https, and hence a call confirms whatever a notification
says. Visionular documents no signature; what it can do is call an address with a secret in it, or have a
proxy add a header.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import parse_qs

_SECOND = 10
"""Digits of the second, as documented."""

_FIELDS = 10
"""Parameters of an address that are looked at; with more it is none that was configured."""


class Forged(Exception):
    """The proof is missing or wrong."""


class Outdated(Exception):
    """The proof is good and of another time: the notification was recorded, or a clock is wrong."""


class Proof(Protocol):
    """What a provider shows."""

    def check(self, headers: Mapping[bytes, str], query: bytes, now: float, /) -> str:
        """Return what tells this delivery from another of the same body.

        Raises:
            Forged: The proof is missing or wrong.
            Outdated: It is too old, or of the future.
        """


class Signature:
    """Alibaba Cloud's callback authentication.

    Args:
        product: First part of the headers' names after ``X-``: VOD or ICE.
        url: The callback address exactly as it is configured at the provider.
        keys: Accepted ones: the old and the new, while they are being changed.
        window: Seconds by which the two clocks and the delivery may differ.
    """

    def __init__(self, product: str, url: str, keys: Sequence[str], *, window: float) -> None:
        self._timestamp = f"x-{product}-timestamp".lower().encode()
        self._signature = f"x-{product}-signature".lower().encode()
        self._url = url
        self._keys = tuple(keys)
        self._window = window

    def check(self, headers: Mapping[bytes, str], _query: bytes, now: float) -> str:
        """See `Proof`."""
        second = headers.get(self._timestamp, "")
        given = headers.get(self._signature, "").lower().encode()
        if len(second) != _SECOND or not (second.isascii() and second.isdigit()):
            raise Forged
        right = [self._sign(second, key) for key in self._keys]
        # Each is compared, so that the time taken does not tell which key is the one.
        if not max([hmac.compare_digest(given, one) for one in right]):
            raise Forged
        if abs(now - int(second)) > self._window:
            raise Outdated
        return second

    def _sign(self, second: str, key: str) -> bytes:
        text = f"{self._url}|{second}|{key}".encode()
        return hashlib.md5(text, usedforsecurity=False).hexdigest().encode()


class SharedSecret:
    """A secret that comes with every delivery.

    Args:
        secrets: Accepted ones.
        header: The header it comes in; None: the parameter ``key`` of the address.
    """

    def __init__(self, secrets: Sequence[str], *, header: str | None) -> None:
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._header = header.lower().encode() if header else None

    def check(self, headers: Mapping[bytes, str], query: bytes, _now: float) -> str:
        """See `Proof`."""
        given = headers.get(self._header, "") if self._header else _key_in(query)
        if not max([hmac.compare_digest(given.encode(), secret) for secret in self._secrets]):
            raise Forged
        return ""


def _key_in(query: bytes) -> str:
    try:
        return parse_qs(query.decode("latin-1"), max_num_fields=_FIELDS).get("key", [""])[0]
    except ValueError:
        return ""
