"""How answers travel: what caches may do with them, by which mark they are known again, compressed or not.

An answer that can be given again is a resource with a state: it has a strong ETag, which a poller sends back
to be told 304 as long as nothing changed, and a life, which is that of the least fresh of its records. `Age`
tells how long ago that record was observed and ``max-age`` how old it may get, so that a cache in between
holds it no longer than the gateway itself would.

Such an answer holds nothing that changes while its data does not: ``extensions``, with the age to the
millisecond and the client's points, are left out. They belong to answers by POST, which no cache keeps.
"""

from __future__ import annotations

from hashlib import blake2b
from math import ceil

from msgspec import Struct

from gateway.graph.reuse import Kept
from gateway.web.compression import KEPT, PASSING, gzipped, takes_gzip
from gateway.web.protocol import MediaType

_VARY = {"Vary": "Accept, Accept-Encoding, Authorization, X-API-Key"}
_GZIP = {"Content-Encoding": "gzip"}


class Reply(Struct, frozen=True):
    """What is sent besides the headers that every answer has."""

    status: int
    headers: dict[str, str]
    body: bytes


class Replies:
    """Makes replies.

    Args:
        public: Whether caches that clients share may keep answers.
        compress_from: Bytes from which a body is compressed; 0 for none.
    """

    def __init__(self, *, public: bool = False, compress_from: int = 0) -> None:
        self._whose = "public" if public else "private"
        self._compress_from = compress_from

    def once(self, status: int, body: bytes, accept_encoding: str | None) -> Reply:
        """Return the reply that is sent once."""
        if not self._compresses(body, accept_encoding):
            return Reply(status, {}, body)
        return Reply(status, {**_GZIP, **_VARY}, gzipped(body, PASSING))

    def kept(
        self,
        kept: Kept,
        *,
        age: float,
        fresh_for: float,
        media: MediaType,
        accept_encoding: str | None,
        if_none_match: str | None,
    ) -> Reply:
        """Return the reply that caches may keep.

        Args:
            kept: The answer.
            age: Seconds since its least fresh record was observed.
            fresh_for: Seconds that all of them stay fresh.
            media: What it is written in.
            accept_encoding: From the request.
            if_none_match: From the request.
        """
        body = b'{"data":%b}' % kept.data
        compressed = self._compresses(body, accept_encoding)
        tag = self._tag(kept, media, compressed=compressed)
        headers = {"Cache-Control": self._life(age, fresh_for), "Age": str(ceil(age)), "ETag": tag, **_VARY}
        if _known(tag, if_none_match):
            return Reply(304, headers, b"")
        if not compressed:
            return Reply(200, headers, body)
        packed = kept.variants.get("gzip")
        if packed is None:
            packed = kept.variants["gzip"] = gzipped(body, KEPT)
        return Reply(200, {**headers, **_GZIP}, packed)

    def _compresses(self, body: bytes, accept_encoding: str | None) -> bool:
        return 0 < self._compress_from <= len(body) and takes_gzip(accept_encoding)

    def _life(self, age: float, fresh_for: float) -> str:
        left = int(fresh_for)
        return f"{self._whose}, max-age={ceil(age) + left}" if left else f"{self._whose}, no-cache"

    @staticmethod
    def _tag(kept: Kept, media: MediaType, *, compressed: bool) -> str:
        """Return the mark of one form of an answer; every form has its own."""
        digest = kept.variants.get("digest")
        if digest is None:
            digest = blake2b(kept.data, digest_size=15).hexdigest().encode()
            kept.variants["digest"] = digest
        form = ("-r" if media is MediaType.GRAPHQL else "") + ("-gzip" if compressed else "")
        return f'"{digest.decode()}{form}"'


def _known(tag: str, if_none_match: str | None) -> bool:
    """Return whether a client has what it would be sent."""
    if if_none_match is None:
        return False
    marks = [mark.strip().removeprefix("W/") for mark in if_none_match.split(",")]
    return tag in marks or marks == ["*"]
