"""The GraphQL endpoint as an ASGI application.

Bare ASGI, because a route handler of the framework costs more than most answers do; the framework mounts it
like any other route.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from litestar.enums import ScopeType

from gateway.access.authentication import Authentication
from gateway.access.errors import Unauthenticated
from gateway.access.principal import Principal
from gateway.graph.channels import Stream
from gateway.graph.engine import Engine
from gateway.graph.errors import identified, mistake
from gateway.graph.requests import Answer, Request
from gateway.server.shortcut import WHOLE
from gateway.telemetry.exchange import Exchange, forget, request_id
from gateway.telemetry.exchanges import Exchanges
from gateway.web import events
from gateway.web.afterwards import carry_on
from gateway.web.bodies import Bodies, Left, TooLarge
from gateway.web.guards import (
    SECURITY,
    check_preflight,
    denial_headers,
    head,
    too_busy,
    unauthenticated,
)
from gateway.web.multipart import PartStream, takes_parts
from gateway.web.overload import RETRY_AFTER, Gate, Overloaded
from gateway.web.pages import Page
from gateway.web.protocol import MediaType, Refused, Streaming, negotiated, posted, queried, streaming
from gateway.web.recall import remember
from gateway.web.replies import Form, Head, Replies, Reply, beginning, form, sent
from gateway.web.sessions import Sessions
from gateway.web.sockets import Sockets

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from litestar.types import HTTPScope, Receive, Send, WebSocketScope

    from gateway.server.shortcut import Whole

_Opened = events.EventStream | PartStream

_REQUEST_ID = "X-Request-Id"
_METHODS = {"Allow": "GET, POST, OPTIONS"}


class GraphQLEndpoint:
    """Speaks GraphQL over HTTP; shows browsers a page.

    Args:
        engine: Executes operations.
        page: What a browser gets that asks for HTML; None answers 406.
        authentication: Who may ask.
        gate: How many may at the same time.
        replies: How answers travel.
        exchanges: Who is told of requests.
        sessions: Connections that stay open.
        sockets: What answers on a WebSocket.
        preflight: Whether a GET needs what a foreign page cannot send unasked.
        bodies: Reads what is posted.
    """

    def __init__(
        self,
        engine: Engine,
        page: Page | None,
        *,
        authentication: Authentication,
        gate: Gate,
        replies: Replies,
        exchanges: Exchanges,
        sessions: Sessions,
        sockets: Sockets,
        preflight: bool,
        bodies: Bodies,
    ) -> None:
        self._engine = engine
        self._page = page
        self._authentication = authentication
        self._gate = gate
        self._replies = replies
        self._exchanges = exchanges
        self._sessions = sessions
        self._sockets = sockets
        self._preflight = preflight
        self._bodies = bodies
        self._encode = msgspec.json.Encoder().encode
        busy, busy_headers = too_busy(Overloaded(RETRY_AFTER))
        self._busy, self._busy_headers = busy, _headers(MediaType.JSON, busy_headers)

    async def __call__(self, scope: HTTPScope | WebSocketScope, receive: Receive, send: Send) -> None:
        """Answer one request, or all that is asked on one socket."""
        if scope["type"] == ScopeType.WEBSOCKET:
            await self._sockets(scope, receive, send)
            return
        # What a stream does not need is gone by the time it goes on: thousands are open at a time.
        match await self._answered(scope, receive, send):
            case events.EventStream() as stream:
                forget()
                if await stream.begin(send):
                    await carry_on(stream, scope, receive, send)
            case PartStream() as parts:
                await parts.run(receive, send)

    async def _answered(self, scope: HTTPScope, receive: Receive, send: Send) -> _Opened | None:
        """Answer one request; what is not there at once is left to be sent as it comes."""
        if self._gate.full and scope["method"] == "POST":
            # Before anything that takes work: under load most of what is done is this.
            await self._shed(scope, send)
            return None
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        media = MediaType.JSON
        exchange = self._exchanges.begin(scope["method"], headers)
        try:
            if self._wants_page(scope, headers) and self._page is not None:
                page_headers = {"Content-Type": "text/html; charset=utf-8", **self._page.headers}
                page_headers[_REQUEST_ID] = exchange.request_id
                await _sent(scope, send, 200, page_headers, self._page.body)
                return None
            streamed = streaming(headers.get(b"accept"))
            if streamed is not Streaming.ONLY:
                media = negotiated(headers.get(b"accept"))
            principal = await self._principal(scope, headers)
            exchange.principal = principal.name
            request = await self._request(scope, receive, headers)
            exchange.name = request.operation_name
            await self._gate.enter()
            exchange.execute()
            try:
                ask = self._asking(headers.get(b"accept"), streamed)
                answer = await ask(request, principal, safe=scope["method"] == "GET")
            finally:
                self._gate.leave()
            if isinstance(answer, Stream) or answer.parts is not None:
                return self._opened(answer, principal, exchange)
            exchange.operation = answer.operation
            if streamed is Streaming.ONLY and answer.status is None:
                exchange.answered(200, answer.body)
                told = identified(answer.body, exchange.error_ids())
                await events.answer(send, told, {_REQUEST_ID: exchange.request_id})
                return None
            how = form(media, headers)
            reply = self._reply(answer, exchange, how, cacheable=scope["method"] == "GET")
            exchange.answered(reply.status, answer.body)
            begun = beginning(reply, media, exchange.request_id)
            await sent(scope, send, begun, reply.body)
            remember(scope, request, answer.kept, how, reply, begun)
        except Refused as refused:
            await self._answer(scope, send, exchange, refused.status, media, refused.body, refused.headers)
        except Unauthenticated as nobody:
            await self._answer(scope, send, exchange, 401, media, *unauthenticated(nobody))
        except Overloaded as overloaded:
            await self._answer(scope, send, exchange, 503, media, *too_busy(overloaded))
        except Exception as error:  # noqa: BLE001 - whatever it is, a client is told no more than that
            await self._answer(scope, send, exchange, 500, media, _masked(error))
        finally:
            self._exchanges.end(exchange)
        return None

    def _asking(
        self, accept: str | None, streamed: Streaming | None
    ) -> Callable[..., Awaitable[Answer | Stream]]:
        """Return what executes a request, in the way that its client wants the answer."""
        if takes_parts(accept):
            return partial(self._engine.execute, in_parts=True)
        return self._engine.stream if streamed else self._engine.execute

    def _opened(self, answer: Answer | Stream, principal: Principal, exchange: Exchange) -> _Opened:
        """Return what sends an answer that is not there at once.

        Raises:
            Overloaded: It would be one stream too many, or the gateway is about to end.
        """
        if isinstance(answer, Stream) and self._sessions.full:
            answer.close()
            raise Overloaded(RETRY_AFTER)
        headers = {_REQUEST_ID: exchange.request_id}
        if isinstance(answer, Stream):
            exchange.status, exchange.operation = 200, answer.operation
            course = self._exchanges.lasting(exchange)
            return events.EventStream(answer, principal, self._sessions, headers, course)
        exchange.answered(200, {})
        assert answer.parts is not None  # noqa: S101 - or there would be nothing to open
        exchange.operation = answer.operation
        return PartStream(answer.parts, headers)

    async def _shed(self, scope: HTTPScope, send: Send) -> None:
        """Turn a request away."""
        self._gate.count()
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        known_as = request_id(given.decode("latin-1"))
        self._exchanges.shed(known_as, "OVERLOADED", 503)
        body = self._encode(identified(self._busy, {"requestId": known_as}))
        await _sent(scope, send, 503, {**self._busy_headers, _REQUEST_ID: known_as}, body)

    def _reply(self, answer: Answer, exchange: Exchange, form: Form, *, cacheable: bool) -> Reply:
        if answer.kept is not None:
            fresh_for = self._engine.fresh_for if cacheable else None
            return self._replies.again(answer.kept, form, answer.body["extensions"], fresh_for)
        status = answer.status or (200 if answer.executed or form.media is MediaType.JSON else 400)
        reply = self._replies.once(status, self._encode(identified(answer.body, exchange.error_ids())), form)
        denial = denial_headers(status, answer.retry_after)
        return Reply(status, Head({**reply.head.headers, **denial}), reply.body) if denial else reply

    async def _principal(self, scope: HTTPScope, headers: dict[bytes, str]) -> Principal:
        address = scope["client"][0] if scope["client"] else None
        return await self._authentication.of_headers(
            headers.get(b"authorization"), headers.get(b"x-api-key"), address
        )

    def _wants_page(self, scope: HTTPScope, headers: dict[bytes, str]) -> bool:
        return (
            scope["method"] == "GET"
            and "text/html" in headers.get(b"accept", "")
            and b"query=" not in scope["query_string"]
        )

    async def _request(self, scope: HTTPScope, receive: Receive, headers: dict[bytes, str]) -> Request:
        match scope["method"]:
            case "POST":
                return posted(headers.get(b"content-type"), await self._body(scope, receive, headers))
            case "GET":
                request = queried(scope["query_string"])
                if self._preflight and request.query:
                    check_preflight(headers)
                return request
            case _:
                raise Refused(405, "GraphQL is asked by POST or GET.", headers=_METHODS)

    async def _body(self, scope: HTTPScope, receive: Receive, headers: dict[bytes, str]) -> bytes:
        whole: Whole | None = scope.get(WHOLE)  # type: ignore[assignment]  # no key that ASGI knows
        if whole is not None and len(whole.body) <= self._bodies.most:
            return whole.body
        try:
            return await self._bodies.whole(receive, headers)
        except TooLarge:
            message = f"The body may have {self._bodies.most} bytes."
            raise Refused(413, message, "LIMIT_EXCEEDED") from None
        except Left:
            raise Refused(400, "The client left before its request was complete.") from None
        except TimeoutError:
            raise Refused(408, "The body took too long to arrive.", "REQUEST_TIMEOUT") from None

    async def _answer(  # noqa: PLR0917 - a status line, headers and a body, and where they go
        self,
        scope: HTTPScope,
        send: Send,
        exchange: Exchange,
        status: int,
        media: MediaType,
        body: dict[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        exchange.answered(status, body)
        carried = {**_headers(media, headers), _REQUEST_ID: exchange.request_id}
        await _sent(scope, send, status, carried, self._encode(identified(body, exchange.error_ids())))


def _masked(error: Exception) -> dict[str, Any]:
    return {"errors": [mistake(error, at="the endpoint")]}


def _headers(media: MediaType, more: Mapping[str, str] | None) -> dict[str, str]:
    return {"Content-Type": f"{media}; charset=utf-8", **SECURITY, **(more or {})}


def _sent(scope: Any, send: Send, status: int, headers: Mapping[str, str], body: bytes) -> Awaitable[None]:
    begun = head(status, {**headers, "Content-Length": str(len(body))})
    return sent(scope, send, begun, body)
