"""Requests that were asked before, recognised by their bytes.

Pollers ask the same again and again, and most of what a request goes through depends on nothing but what it
says: HTTP, routes, negotiation, JSON, the document. So a request that led to an answer which can be given
again is remembered, by a hash of all it said, credentials included; and once somebody has said it again, by
its very bytes, which then need not even be parsed. Whoever says the same gets that answer, if it still is
one: credentials, points and records are looked at every time.

What is unknown goes the long way, and nothing depends on anything being remembered here. See
`gateway.graph.reuse` for what may be given again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import blake2b
from typing import Any

from msgspec import Struct

from gateway.access.authentication import Authentication
from gateway.access.errors import Unauthenticated
from gateway.execution import Generations
from gateway.graph.engine import Engine
from gateway.graph.requests import Request
from gateway.graph.reuse import Kept, Key
from gateway.server.shortcut import SHORTCUT, Answer
from gateway.telemetry.exchange import forget
from gateway.telemetry.exchanges import Exchanges
from gateway.web.drain import Application, Message, Receive, Send
from gateway.web.guards import wire
from gateway.web.replies import Form, Replies, Reply

_REQUEST_ID = b"x-request-id"

_ROOM = 4_000_000
"""Bytes of all that is remembered by what it says, and as many by its bytes."""

_WEIGHT = 1300
"""Bytes of one of usual length; three thousand of those are remembered."""

_LARGEST = 16_384
"""Bytes of a body that is looked at; whoever sends more will not do so every second."""

_PASSING = frozenset(
    {
        b"baggage",
        b"connection",
        b"content-length",
        b"cookie",
        b"referer",
        b"traceparent",
        b"tracestate",
        b"user-agent",
        _REQUEST_ID,
    }
)
"""Headers that nothing in an answer depends on, and that differ from one request to the next."""

_CREDENTIALS = frozenset({b"authorization", b"x-api-key"})
_VARYING = frozenset({b"traceparent", _REQUEST_ID})
"""Headers by which the bytes of a request are hardly ever those of the last."""

_READ = _CREDENTIALS | _VARYING

_ANEW = frozenset({_REQUEST_ID, b"content-encoding", b"content-length"})
"""Headers of an answer that may differ from the next, besides what its `Reply` says."""

_NOTED = "gateway.recall"

_OK = 200

_DIGITS = 6
"""Of a Content-Length that is worth reading."""


class Known(Struct, frozen=True, kw_only=True):
    """What a request amounts to.

    Attributes:
        key: What its answer is kept by.
        name: operationName as it was sent.
        form: How its answer travels.
        head: Those headers of its answer that are the same every time, as they are sent.
    """

    key: Key
    name: str | None
    form: Form
    head: bytes


class _Same(Struct, frozen=True):
    """A request that is known by its bytes, and where in them the headers are that are read every time.

    Credentials are nowhere kept.
    """

    known: Known
    method: str
    places: dict[bytes, slice]


def remember(  # noqa: PLR0917 - all there is to know, from one place
    scope: Any, request: Request, kept: Kept | None, form: Form, reply: Reply, head: Any
) -> None:
    """Note what a request amounts to, where somebody remembers; one that does more than ask is none to know.

    Args:
        scope: The request's, as it came.
        request: What it asks.
        kept: Its answer; None for one that cannot be given again.
        form: How the answer travels.
        reply: What was sent.
        head: The message that the answer began with, to which layers around add headers of their own.
    """
    learn: Callable[[Known], None] | None = scope.get(_NOTED)
    if learn is not None and kept is not None and not request.registers:
        anew = _ANEW | {name for name, _ in reply.head.pairs}
        always = [pair for pair in head["headers"] if pair[0] not in anew]
        learn(Known(key=kept.key, name=request.operation_name, form=form, head=wire(always)))


class Recall:
    """Remembers requests, and is a server's `Shortcut`.

    Args:
        path: Where they come to.
        engine: Has the answers.
        replies: How answers travel.
        exchanges: Who is told of requests.
        authentication: Who may ask.
        closing: Returns whether clients are asked to come back elsewhere, which is not for us to say.
    """

    def __init__(
        self,
        path: str,
        engine: Engine,
        *,
        replies: Replies,
        exchanges: Exchanges,
        authentication: Authentication,
        closing: Callable[[], bool] = lambda: False,
    ) -> None:
        self._path = path
        self._engine = engine
        self._authentication = authentication
        self._replies = replies
        self._exchanges = exchanges
        self._closing = closing
        self._known: Generations[bytes, Known] = Generations(_ROOM, _weight)
        self._same: Generations[bytes, _Same] = Generations(_ROOM, lambda same: _weight(same.known))

    def offered_by(self, app: Application) -> Application:
        """Return the application as one that offers its server this shortcut."""

        def offering(scope: Message, receive: Receive, send: Send) -> Awaitable[None]:
            if scope["type"] == "lifespan" and "state" in scope:
                scope["state"][SHORTCUT] = self
            return app(scope, receive, send)

        return offering

    def takes(self, scope: Message) -> bool:
        """See `Shortcut`."""
        if scope["path"] != self._path:
            return False
        if scope["method"] == "GET":
            return True
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        return (
            scope["method"] == "POST"
            and 0 < len(length) <= _DIGITS
            and int(length) <= _LARGEST
            # A stranger is told so without a look at what comes next.
            and (self._authentication.takes_anyone or not _CREDENTIALS.isdisjoint(headers))
        )

    def repeated(self, data: bytes, address: str | None) -> Answer | None:
        """See `Shortcut`."""
        same = self._same.get(_mark(data))
        if same is None:
            return None
        told = {name: data[place].decode("latin-1") for name, place in same.places.items()}
        return self._answer(same.known, same.method, told, address)

    def recognised(
        self, scope: Message, body: bytes, data: bytes | None, address: str | None
    ) -> Answer | None:
        """See `Shortcut`."""
        method = scope["method"]
        parts, told = _parts(method, scope["headers"])
        parts.append(body if method == "POST" else scope["query_string"])
        mark = _mark(b"\n".join(parts))
        known = self._known.get(mark)
        answer = None if known is None else self._answer(known, method, told, address)
        if answer is None:
            scope[_NOTED] = partial(self._known.put, mark)
        elif data is not None and known is not None and _VARYING.isdisjoint(told):
            self._same.put(_mark(data), _Same(known, method, _places(told, data)))
        return answer

    def _answer(
        self, known: Known, method: str, told: dict[bytes, str], address: str | None
    ) -> Answer | None:
        """Answer a request that is known; None where it has to be answered anew."""
        if self._closing():
            return None
        try:
            principal = self._authentication.at_once(
                told.get(b"authorization"), told.get(b"x-api-key"), address
            )
        except Unauthenticated:
            return None
        if principal is None:
            return None
        exchange = self._exchanges.begin(method, told)
        try:
            given = self._engine.again(known.key, principal)
            if given is None:
                return None
            kept, extensions = given
            fresh_for = self._engine.fresh_for if method == "GET" else None
            reply = self._replies.again(kept, known.form, extensions, fresh_for)
            exchange.given_again(reply.status, principal.name, known.name, kept.operation, extensions)
            self._exchanges.end(exchange)
        finally:
            forget()
        own = b"x-request-id: %b\r\n" % exchange.request_id.encode()
        if reply.status == _OK:
            own += b"content-length: %d\r\n" % len(reply.body)
        return Answer(reply.status, known.head + reply.head.wire + own, reply.body)


def _weight(known: Known) -> int:
    """Return the bytes that one takes: clients may say a lot in a query, its variables and marks."""
    text, _, variables, _ = known.key
    return max(_WEIGHT, len(text) + len(variables) + len(known.form.if_none_match or ""))


def _mark(data: bytes) -> bytes:
    return blake2b(data, digest_size=24).digest()


def _places(told: dict[bytes, str], data: bytes) -> dict[bytes, slice]:
    """Return where in a request the values of some of its headers are, or something that reads the same."""
    values = {name: value.encode("latin-1") for name, value in told.items()}
    starts = {name: data.index(value) for name, value in values.items()}
    return {name: slice(start, start + len(values[name])) for name, start in starts.items()}


def _parts(method: str, headers: list[tuple[bytes, bytes]]) -> tuple[list[bytes], dict[bytes, str]]:
    """Return what makes a request the same as another, its body aside, and the headers that are read now."""
    parts = [b"", method.encode()]
    told: dict[bytes, str] = {}
    for pair in headers:
        name, value = pair
        if name in _READ:
            told[name] = value.decode("latin-1")
        if name not in _PASSING:
            parts += pair
    # No header has a line break in it, but a body may: so it is told where the body begins.
    parts[0] = b"%d" % len(parts)
    return parts, told
