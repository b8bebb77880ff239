"""The GraphQL endpoint as an ASGI application.

Bare ASGI, because a route handler of the framework costs more than most answers do; the framework mounts it
like any other route.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from gateway.access.authentication import Authentication
from gateway.access.errors import Unauthenticated
from gateway.access.principal import Principal
from gateway.graph.engine import Engine, Request
from gateway.graph.errors import mistake
from gateway.web.guards import SECURITY, check_preflight, denial_headers, too_busy, unauthenticated
from gateway.web.overload import RETRY_AFTER, Gate, Overloaded
from gateway.web.pages import Page
from gateway.web.protocol import MediaType, Refused, negotiated, posted, queried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, HTTPScope, Receive, Send

_LONGEST_LENGTH = 18
"""Digits of a Content-Length that is worth reading."""

_METHODS = {"Allow": "GET, POST, OPTIONS"}


class GraphQLEndpoint:
    """Speaks GraphQL over HTTP; shows browsers a page.

    Args:
        engine: Executes operations.
        page: What a browser gets that asks for HTML; None answers 406.
        authentication: Who may ask.
        gate: How many may at the same time.
        preflight: Whether a GET needs what a foreign page cannot send unasked.
        max_body: Bytes of a request's body.
        body_timeout: Seconds a client may take to send its body.
    """

    def __init__(
        self,
        engine: Engine,
        page: Page | None,
        *,
        authentication: Authentication,
        gate: Gate,
        preflight: bool,
        max_body: int,
        body_timeout: float,
    ) -> None:
        self._engine = engine
        self._page = page
        self._authentication = authentication
        self._gate = gate
        self._preflight = preflight
        self._max_body = max_body
        self._body_timeout = body_timeout
        self._encode = msgspec.json.Encoder().encode
        busy, busy_headers = too_busy(Overloaded(RETRY_AFTER))
        self._busy_start, self._busy_body = _messages(
            503, _headers(MediaType.JSON, busy_headers), self._encode(busy)
        )

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._gate.full and scope["method"] == "POST":
            # Before anything that takes work: under load most of what is done is this.
            self._gate.count()
            # A copy: middlewares add headers to what they are given.
            await send({**self._busy_start, "headers": [*self._busy_start["headers"]]})
            await send(self._busy_body)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        media = MediaType.JSON
        try:
            if self._wants_page(scope, headers) and self._page is not None:
                page_headers = {"Content-Type": "text/html; charset=utf-8", **self._page.headers}
                await _send(send, 200, page_headers, self._page.body)
                return
            media = negotiated(headers.get(b"accept"))
            principal = await self._principal(scope, headers)
            request = await self._request(scope, receive, headers)
            await self._gate.enter()
            try:
                answer = await self._engine.execute(request, principal, queries_only=scope["method"] == "GET")
            finally:
                self._gate.leave()
            status = answer.status or (200 if answer.executed or media is MediaType.JSON else 400)
            await self._answer(send, status, media, answer.body, denial_headers(status, answer.retry_after))
        except Refused as refused:
            await self._answer(send, refused.status, media, refused.body, refused.headers)
        except Unauthenticated as nobody:
            await self._answer(send, 401, media, *unauthenticated(nobody))
        except Overloaded as overloaded:
            await self._answer(send, 503, media, *too_busy(overloaded))
        except Exception as error:  # noqa: BLE001 - whatever it is, a client is told no more than that
            await self._answer(send, 500, media, {"errors": [mistake(error, at="the endpoint")]})

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
                return posted(headers.get(b"content-type"), await self._body(receive, headers))
            case "GET":
                request = queried(scope["query_string"])
                if self._preflight and request.query:
                    check_preflight(headers)
                return request
            case _:
                raise Refused(405, "GraphQL is asked by POST or GET.", headers=_METHODS)

    async def _body(self, receive: Receive, headers: dict[bytes, str]) -> bytes:
        declared = headers.get(b"content-length", "")
        if declared.isdecimal() and (len(declared) > _LONGEST_LENGTH or int(declared) > self._max_body):
            raise self._too_large()
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._body_timeout):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise Refused(400, "The client left before its request was complete.")
                    chunks.append(message["body"])
                    size += len(message["body"])
                    if size > self._max_body:
                        raise self._too_large()
                    if not message.get("more_body"):
                        return b"".join(chunks)
        except TimeoutError:
            raise Refused(408, "The body took too long to arrive.", "REQUEST_TIMEOUT") from None

    def _too_large(self) -> Refused:
        return Refused(413, f"The body may have {self._max_body} bytes.", "LIMIT_EXCEEDED")

    async def _answer(
        self, send: Send, status: int, media: MediaType, body: Any, headers: dict[str, str] | Any = None
    ) -> None:
        await _send(send, status, _headers(media, headers), self._encode(body))


def _headers(media: MediaType, more: Mapping[str, str] | None) -> dict[str, str]:
    return {"Content-Type": f"{media}; charset=utf-8", **SECURITY, **(more or {})}


def _messages(
    status: int, headers: Mapping[str, str], body: bytes
) -> tuple[HTTPResponseStartEvent, HTTPResponseBodyEvent]:
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    encoded.append((b"content-length", b"%d" % len(body)))
    return (
        {"type": "http.response.start", "status": status, "headers": encoded},
        {"type": "http.response.body", "body": body, "more_body": False},
    )


async def _send(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    for message in _messages(status, headers, body):
        await send(message)
