"""How answers travel: what caches may do with them, by which mark they are known again, compressed or not.

An answer that can be given again is a resource with a state: it has a strong ETag, which a poller sends back
to be told 304 as long as nothing changed, and a life, which is that of the least fresh of its records. `Age`
tells how long ago that record was observed and ``max-age`` how old it may get, so that a cache in between
holds it no longer than the gateway itself would.

Such an answer holds nothing that changes while its data does not: ``extensions``, with the age to the
millisecond and the client's points, are left out. They belong to answers by POST, which no cache keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from math import ceil
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from gateway.graph.reuse import Kept
from gateway.server.shortcut import WHOLE, Answer, Whole
from gateway.web.compression import KEPT, PASSING, Prefix, gzipped, takes_gzip
from gateway.web.guards import SECURITY, encoded, wire
from gateway.web.protocol import MediaType

if TYPE_CHECKING:
    from litestar.types import HTTPResponseStartEvent, Send

_GZIP = {"Content-Encoding": "gzip"}

_encode = msgspec.json.Encoder().encode


class Head:
    """Headers of some answers besides those that all have, written once.

    Attributes:
        headers: By name.
        pairs: As ASGI has them.
        wire: As they are sent.
    """

    __slots__ = ("headers", "pairs", "wire")

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers
        self.pairs = encoded(headers)
        self.wire = wire(self.pairs)


class Reply(Struct, frozen=True):
    """What is sent besides the headers that every answer has."""

    status: int
    head: Head
    body: bytes


_NEW = {"oldestMs": 0}
_PLAIN = Head({})
_PACKED = Head(_GZIP)


_NOT_MODIFIED = 304

_FIXED = {media: encoded({"Content-Type": f"{media}; charset=utf-8", **SECURITY}) for media in MediaType}
"""Headers of every answer in a media type, unless it has its own."""


def beginning(reply: Reply, media: MediaType, request_id: str) -> HTTPResponseStartEvent:
    """Return the message that a reply begins with; its list of headers is nobody else's."""
    own, fixed = reply.head.pairs, _FIXED[media]
    if own:
        names = {name for name, _ in own}
        fixed = [pair for pair in fixed if pair[0] not in names]
    headers = [*fixed, *own, (b"x-request-id", request_id.encode())]
    if reply.status != _NOT_MODIFIED:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


async def sent(scope: Any, send: Send, begun: HTTPResponseStartEvent, body: bytes) -> None:
    """Send an answer: in one piece where the server takes one, which is a tenth of the work.

    Args:
        scope: The request's.
        send: Takes messages.
        begun: The message that the answer begins with.
        body: All of its body.
    """
    whole: Whole | None = scope.pop(WHOLE, None)
    if whole is not None:
        await whole.give(Answer(begun["status"], wire(begun["headers"]), body))
        return
    await send(begun)
    await send({"type": "http.response.body", "body": body, "more_body": False})


class Form(Struct, frozen=True):
    """How a client takes an answer.

    Attributes:
        media: What it is written in.
        gzip: Whether it may be compressed.
        if_none_match: Marks of answers that the client has.
    """

    media: MediaType
    gzip: bool
    if_none_match: str | None


def form(media: MediaType, headers: Mapping[bytes, str]) -> Form:
    """Return how a client takes its answer, by the headers of its request."""
    return Form(media, takes_gzip(headers.get(b"accept-encoding")), headers.get(b"if-none-match"))


class Replies:
    """Makes replies.

    Args:
        public: Whether caches that clients share may keep answers.
        compress_from: Bytes from which a body is compressed; 0 for none.
    """

    def __init__(self, *, public: bool = False, compress_from: int = 0) -> None:
        self._whose = "public" if public else "private"
        self._compress_from = compress_from

    def once(self, status: int, body: bytes, form: Form) -> Reply:
        """Return the reply that is sent once."""
        if not self._compresses(len(body), form):
            return Reply(status, _PLAIN, body)
        return Reply(status, _PACKED, gzipped(body, PASSING))

    def again(
        self,
        kept: Kept,
        form: Form,
        extensions: Mapping[str, Any],
        fresh_for: Callable[[Kept], float] | None,
    ) -> Reply:
        """Return the reply with an answer that may have been given before.

        Args:
            kept: The answer.
            form: How the client takes it.
            extensions: What differs each time.
            fresh_for: Returns the seconds that all its records stay fresh, for a reply to a GET, which caches
                may keep; None for one to a POST.
        """
        if fresh_for is None:
            return self._told(kept, form, extensions)
        age = extensions.get("freshness", _NEW)["oldestMs"] / 1000
        return self._kept(kept, form, age=age, fresh_for=fresh_for(kept))

    def _told(self, kept: Kept, form: Form, extensions: Mapping[str, Any]) -> Reply:
        """Return the data that is kept, and what is said of it this time."""
        rest = b',"extensions":%b}' % _encode(extensions)
        if not self._compresses(len(kept.data), form):
            return Reply(200, _PLAIN, b'{"data":%b%b' % (kept.data, rest))
        prefix: Prefix | None = kept.variants.get("prefix")
        if prefix is None:
            prefix = kept.variants["prefix"] = Prefix(b'{"data":' + kept.data)
        return Reply(200, _PACKED, prefix.followed_by(rest))

    def _kept(self, kept: Kept, form: Form, *, age: float, fresh_for: float) -> Reply:
        """Return the data alone, with its life and its mark."""
        packed = self._compresses(len(kept.data), form)
        tag = self._tag(kept, form.media, packed=packed)
        if form.if_none_match is not None and _known(tag, form.if_none_match):
            return Reply(304, self._head(kept, tag, age, fresh_for), b"")
        body = b'{"data":%b}' % kept.data
        if not packed:
            return Reply(200, self._head(kept, tag, age, fresh_for), body)
        whole: bytes | None = kept.variants.get("gzip")
        if whole is None:
            whole = kept.variants["gzip"] = gzipped(body, KEPT)
        return Reply(200, self._head(kept, tag, age, fresh_for, **_GZIP), whole)

    def _head(self, kept: Kept, tag: str, age: float, fresh_for: float, **more: str) -> Head:
        """Return the headers of an answer at some age, which stay the same for a second."""
        seconds, left = ceil(age), int(fresh_for)
        at = tag, seconds, left, bool(more)
        known: tuple[Any, Head] | None = kept.variants.get("head")
        if known is not None and known[0] == at:
            return known[1]
        life = f"max-age={seconds + left}" if left else "no-cache"
        head = Head({"Cache-Control": f"{self._whose}, {life}", "Age": str(seconds), "ETag": tag, **more})
        kept.variants["head"] = at, head
        return head

    def _compresses(self, length: int, form: Form) -> bool:
        return form.gzip and 0 < self._compress_from <= length

    @staticmethod
    def _tag(kept: Kept, media: MediaType, *, packed: bool) -> str:
        """Return the mark of one form of an answer; every form has its own."""
        which = ("-r" if media is MediaType.GRAPHQL else "") + ("-gzip" if packed else "")
        tag: str | None = kept.variants.get(which)
        if tag is None:
            digest = blake2b(kept.data, digest_size=15).hexdigest()
            tag = kept.variants[which] = f'"{digest}{which}"'
        return tag


def _known(tag: str, if_none_match: str) -> bool:
    """Return whether a client has what it would be sent."""
    if tag == if_none_match:
        return True
    marks = [mark.strip().removeprefix("W/") for mark in if_none_match.split(",")]
    return tag in marks or marks == ["*"]
