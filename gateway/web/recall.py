"""Requests that were asked before, recognised by their bytes.

Pollers ask the same again and again, and most of what a request goes through depends on nothing but what it
says: routes, negotiation, JSON, the document. So a request that led to an answer which can be given again is
remembered by a hash of all it said, credentials and the client's address included, and whoever says exactly
the same gets that answer, if it still is one: credentials, points and records are looked at every time.

What is unknown goes the long way, and nothing depends on anything being remembered here. See
`gateway.graph.reuse` for what may be given again.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from msgspec import Struct

from gateway.access.authentication import Authentication
from gateway.access.errors import Unauthenticated
from gateway.execution import Generations
from gateway.graph.engine import Engine
from gateway.graph.reuse import Kept, Key
from gateway.telemetry.exchanges import Exchanges
from gateway.web.bodies import Bodies, Left, TooLarge
from gateway.web.drain import Application, Message, Receive, Send
from gateway.web.replies import Form, Replies, Reply

REQUEST_ID = b"x-request-id"

_ROOM = 8_000_000
"""Bytes of all that is remembered, about six thousand requests."""

_WEIGHT = 1300

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
        REQUEST_ID,
    }
)
"""Headers that nothing in an answer depends on, and that differ from one request to the next."""

_CREDENTIALS = frozenset({b"authorization", b"x-api-key"})
_READ = _CREDENTIALS | {b"content-length", b"traceparent", REQUEST_ID}

_ANEW = frozenset({REQUEST_ID, b"content-encoding", b"content-length"})
"""Headers of an answer that may differ from the next, besides what its `Reply` says."""

_NOTES = "gateway.recall"

_OK = 200

_Pairs = list[tuple[bytes, bytes]]


class Known(Struct, frozen=True, kw_only=True):
    """What a request amounts to.

    Attributes:
        key: What its answer is kept by.
        name: operationName as it was sent.
        form: How its answer travels.
        headers: Those of its answer that are the same every time.
    """

    key: Key
    name: str | None
    form: Form
    headers: _Pairs


def remember(  # noqa: PLR0917 - all there is to know, from one place
    scope: Any, kept: Kept | None, name: str | None, form: Form, reply: Reply, head: Any
) -> None:
    """Note what a request amounts to, where somebody remembers.

    Args:
        scope: The request's.
        kept: Its answer; None for one that cannot be given again.
        name: operationName as it was sent.
        form: How the answer travels.
        reply: What was sent.
        head: The message that the answer began with, to which layers around add headers of their own.
    """
    notes: list[_Note] | None = scope.get(_NOTES)
    if notes is not None and kept is not None:
        notes.append(_Note(kept, name, form, reply, head))


class _Note(Struct, frozen=True):
    kept: Kept
    name: str | None
    form: Form
    reply: Reply
    head: Any

    def known(self) -> Known:
        """Return what to remember."""
        anew = _ANEW | {name for name, _ in self.reply.head.pairs}
        return Known(
            key=self.kept.key,
            name=self.name,
            form=self.form,
            headers=[pair for pair in self.head["headers"] if pair[0] not in anew],
        )


class Recall:
    """Remembers requests.

    Args:
        path: Where they come to.
        engine: Has the answers.
        replies: How answers travel.
        exchanges: Who is told of requests.
        bodies: Reads what is posted.
        authentication: Who may ask.
    """

    def __init__(
        self,
        path: str,
        engine: Engine,
        *,
        replies: Replies,
        exchanges: Exchanges,
        bodies: Bodies,
        authentication: Authentication,
    ) -> None:
        self._path = path
        self._engine = engine
        self._authentication = authentication
        self._replies = replies
        self._exchanges = exchanges
        self._bodies = bodies
        self._known: Generations[bytes, Known] = Generations(_ROOM, lambda _: _WEIGHT)

    def around(self, app: Application) -> Application:
        """Return the application with requests recognised before they reach it."""
        bodies = self._bodies
        open_to_all = self._authentication.takes_anyone

        async def recalling(scope: Message, receive: Receive, send: Send) -> None:
            method = scope.get("method")
            if scope["type"] != "http" or scope["path"] != self._path or method not in {"POST", "GET"}:
                await app(scope, receive, send)
                return
            address = scope["client"][0] if scope["client"] else None
            parts, told = _parts(scope, address)
            if method == "GET":
                body = scope["query_string"]
            elif not (open_to_all or _CREDENTIALS & told.keys()):
                # A stranger is told so without a look at what comes next.
                await app(scope, receive, send)
                return
            else:
                try:
                    body = await bodies.whole(receive, told)
                except (TooLarge, Left, TimeoutError) as wrong:
                    await app(scope, _failing(wrong), send)
                    return
                receive = _Again(body, receive)
            parts.append(body)
            mark = blake2b(b"\n".join(parts), digest_size=24).digest()
            if not await self._recalled(mark, method, address, told, send):
                await self._learn(mark, app, scope, receive, send)

        return recalling

    async def _learn(
        self, mark: bytes, app: Application, scope: Message, receive: Receive, send: Send
    ) -> None:
        """Have a request answered, and remember what it amounts to."""
        notes: list[_Note] = []
        scope[_NOTES] = notes
        await app(scope, receive, send)
        for note in notes:
            self._known.put(mark, note.known())

    async def _recalled(
        self, mark: bytes, method: str, address: str | None, told: dict[bytes, str], send: Send
    ) -> bool:
        """Answer a request that is known; return whether it was."""
        known = self._known.get(mark)
        if known is None:
            return False
        exchange = self._exchanges.begin(method, told)
        try:
            principal = await self._authentication.of_headers(
                told.get(b"authorization"), told.get(b"x-api-key"), address
            )
        except Unauthenticated:
            return False
        given = await self._engine.again(known.key, principal)
        if given is None:
            return False
        kept, extensions = given
        fresh_for = self._engine.fresh_for if method == "GET" else None
        reply = self._replies.again(kept, known.form, extensions, fresh_for)
        exchange.given_again(reply.status, principal.name, known.name, kept.operation, extensions)
        headers = [*known.headers, *reply.head.pairs, (REQUEST_ID, exchange.request_id.encode())]
        if reply.status == _OK:
            headers.append((b"content-length", b"%d" % len(reply.body)))
        try:
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            await send({"type": "http.response.body", "body": reply.body, "more_body": False})
        finally:
            self._exchanges.end(exchange)
        return True


class _Again:
    """A client's messages, of which the body was read already."""

    __slots__ = ("_body", "_receive")

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return await self._receive()
        return {"type": "http.request", "body": body, "more_body": False}


def _failing(error: Exception) -> Receive:
    async def receive() -> Message:
        raise error

    return receive


def _parts(scope: Message, address: str | None) -> tuple[list[bytes], dict[bytes, str]]:
    """Return what makes a request the same as another, its body aside, and the headers that are read now."""
    parts = [b"", scope["method"].encode(), b"" if address is None else address.encode()]
    told: dict[bytes, str] = {}
    for pair in scope["headers"]:
        name, value = pair
        if name in _READ:
            told[name] = value.decode("latin-1")
        if name not in _PASSING:
            parts += pair
    # No header has a line break in it, but a body may: so it is told where the body begins.
    parts[0] = b"%d" % len(parts)
    return parts, told
