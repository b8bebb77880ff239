"""The GraphQL endpoint as an ASGI application.

Bare ASGI, because a route handler of the framework costs more than most answers do; the framework mounts it
like any other route.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import OperationType

from gateway.graph.engine import Engine, Request
from gateway.web.pages import Page
from gateway.web.protocol import MediaType, Refused, negotiated, posted, queried

if TYPE_CHECKING:
    from litestar.types import HTTPScope, Receive, Send

_METHODS = {"Allow": "GET, POST, OPTIONS"}


class GraphQLEndpoint:
    """Speaks GraphQL over HTTP; shows browsers a page.

    Args:
        engine: Executes operations.
        page: What a browser gets that asks for HTML; None answers 406.
        max_body: Bytes of a request's body.
        body_timeout: Seconds a client may take to send its body.
    """

    def __init__(self, engine: Engine, page: Page | None, *, max_body: int, body_timeout: float) -> None:
        self._engine = engine
        self._page = page
        self._max_body = max_body
        self._body_timeout = body_timeout
        self._encode = msgspec.json.Encoder().encode

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        media = MediaType.JSON
        try:
            if self._wants_page(scope, headers) and self._page is not None:
                page_headers = {"Content-Type": "text/html; charset=utf-8", **self._page.headers}
                await _send(send, 200, page_headers, self._page.body)
                return
            media = negotiated(headers.get(b"accept"))
            request = await self._request(scope, receive, headers)
            answer = await self._engine.execute(request)
            status = 200 if answer.executed or media is MediaType.JSON else 400
            await self._answer(send, status, media, answer.body)
        except Refused as refused:
            await self._answer(send, refused.status, media, refused.body, refused.headers)

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
                if self._engine.operation_type(request) not in {OperationType.QUERY, None}:
                    raise Refused(405, "GET is for queries; use POST.", headers={"Allow": "POST"})
                return request
            case _:
                raise Refused(405, "GraphQL is asked by POST or GET.", headers=_METHODS)

    async def _body(self, receive: Receive, headers: dict[bytes, str]) -> bytes:
        if (
            headers.get(b"content-length", "").isdecimal()
            and int(headers[b"content-length"]) > self._max_body
        ):
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
        all_headers = {
            "Content-Type": f"{media}; charset=utf-8",
            "Cache-Control": "no-store",
            "Vary": "Accept",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        }
        await _send(send, status, all_headers, self._encode(body))


async def _send(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    encoded.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})
