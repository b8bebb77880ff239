"""Cursors: where one was, sealed.

A cursor holds places in our own order, never a provider's token, so it works on any replica, after any
restart and for as long as providers keep the tasks. It also holds the window that the first page settled and
the places of listings that lag behind because they failed, so that what was missing can be fetched later.

It is signed, not encrypted: there is nothing in it that the client did not send or was not shown. A key that
is known, as the built-in one is, lets people write cursors of their own; what they say is checked like any
other input, so they reach nothing that a filter would not.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from gateway.domain.errors import BadUserInput
from gateway.listing.criteria import YEAR, Criteria, Window
from gateway.listing.order import END, LAST_SECOND, Key

_VERSION = b"\x01"
_SEAL = 16  # bytes of HMAC-SHA256
_LONGEST = 8192
_BUILT_IN = "transcode-gateway cursors"


class Cursor(Struct, frozen=True, array_like=True):
    """Where one was.

    Attributes:
        digest: Names the question.
        window: As the first page settled it.
        total: How many tasks there are in all, as told on the first page; None where nobody told.
        place: Up to where the listings are delivered.
        done: Names of those that need no further reading.
        behind: Places of those that lag behind.
    """

    digest: bytes
    window: Window
    total: int | None
    place: Key
    done: tuple[str, ...] = ()
    behind: tuple[tuple[str, Key], ...] = ()

    def position(self, name: str) -> Key:
        """Return up to where a listing is delivered."""
        return END if name in self.done else dict(self.behind).get(name, self.place)


def cursor(criteria: Criteria, window: Window, total: int | None, positions: Mapping[str, Key]) -> Cursor:
    """Return a cursor at the positions of all listings."""
    open_ = {name: place for name, place in positions.items() if place != END}
    place = max(open_.values(), default=END)
    return Cursor(
        criteria.digest(),
        window,
        total,
        place,
        tuple(name for name in positions if name not in open_),
        tuple((name, other) for name, other in open_.items() if other != place),
    )


class Cursors:
    """Seals and opens.

    Args:
        secret: Known to all replicas; None for a key that is the same everywhere and no secret.
    """

    def __init__(self, secret: str | None = None) -> None:
        self._key = (secret or _BUILT_IN).encode()

    def seal(self, at: Cursor) -> str:
        """Return a cursor as clients see it."""
        content = _VERSION + msgspec.msgpack.encode(at)
        return urlsafe_b64encode(self._sign(content) + content).decode().rstrip("=")

    def open(self, text: str, criteria: Criteria, *, windowed: bool) -> Cursor:
        """Return what a cursor says.

        Args:
            text: From a client.
            criteria: The question it comes with.
            windowed: Whether the question needs a window with a start.

        Raises:
            BadUserInput: It is none of ours, or belongs to another question.
        """
        at = self._opened(text) if len(text) <= _LONGEST else None
        if at is None or not _sane(at, windowed=windowed):
            raise BadUserInput("after: this is not a cursor of this gateway.")
        if at.digest != criteria.digest():
            raise BadUserInput("after: this cursor belongs to a list with another filter.")
        return at

    def _opened(self, text: str) -> Cursor | None:
        try:
            sealed = urlsafe_b64decode((text + "=" * (-len(text) % 4)).encode("ascii"))
            content = sealed[_SEAL:]
            if content[:1] == _VERSION and hmac.compare_digest(sealed[:_SEAL], self._sign(content)):
                return msgspec.msgpack.decode(content[1:], type=Cursor)
        except (ValueError, msgspec.MsgspecError):
            pass
        return None

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")[:_SEAL]


def _sane(at: Cursor, *, windowed: bool) -> bool:
    start, end = at.window.start, at.window.end
    seconds = [-place[0] for place in (at.place, *(place for _, place in at.behind))]
    return (
        0 <= end <= LAST_SECOND
        and (at.total is None or at.total >= 0)
        and (0 <= start < end <= start + YEAR if start is not None else not windowed)
        and all(0 <= second <= LAST_SECOND + 2 for second in seconds)
    )
