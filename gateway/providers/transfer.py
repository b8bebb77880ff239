"""One request out, one body in.

httpx bounds each read, not the whole exchange: a body that drips a byte a second never times out, and a
compressed one may unpack to a thousand times its size. Here the exchange has one deadline and the unpacked
body one limit, and everything that goes wrong on the way is an error of the domain's tree.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Coroutine, Mapping
from typing import Any, cast

import httpx
from msgspec import Struct

from gateway.domain.departure import depart
from gateway.domain.errors import (
    BadUserInput,
    Garbled,
    NotOffered,
    ProviderError,
    Rejected,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from gateway.domain.provider import Operation, Verb
from gateway.domain.records import Provider
from gateway.providers.signing import Signature
from gateway.transport.request import Endpoint, Request
from gateway.transport.response import said_by

# What a client reads; the provider's own words may hold addresses and keys.
MESSAGES: Mapping[type[ProviderError], str] = {
    Throttled: "The provider refused the call for rate.",
    TimedOut: "The provider did not answer completely in time.",
    Unavailable: "The provider cannot be reached or reports a fault of its own.",
    Unauthorized: "The provider does not accept the gateway's key, signature or permission.",
    Rejected: "The provider refused the call's parameters.",
    Garbled: "The provider's answer does not fit its documentation.",
}

_SIGNED = httpx.Auth()

_PAGE = re.compile(r"\d{1,9}", re.ASCII)

# The official SDK does not wait longer than this either, whatever the server asks for.
_MAX_RETRY_AFTER = 120.0


class Limits(Struct, frozen=True, kw_only=True):
    """What one exchange may cost.

    Attributes:
        total_timeout: Seconds from the first byte out to the last byte in.
        max_body_bytes: Size of the answer after decompression.
    """

    total_timeout: float
    max_body_bytes: int


class Answer(Struct, frozen=True):
    """An answer with its body read."""

    response: httpx.Response
    body: bytes

    @property
    def status(self) -> int:
        """HTTP's."""
        return self.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        """What was said with it."""
        return self.response.headers


class Call(Struct, frozen=True, kw_only=True):
    """Which call is being made; every error of it says so."""

    provider: Provider
    operation: str

    def failed(
        self,
        kind: type[ProviderError],
        *,
        message: str | None = None,
        request_id: str | None = None,
        provider_code: str | None = None,
        retry_after: float | None = None,
    ) -> ProviderError:
        """Return the error of this call."""
        return kind(
            message or MESSAGES[kind],
            provider=self.provider,
            operation=self.operation,
            request_id=request_id,
            provider_code=provider_code,
            retry_after=retry_after,
        )


def not_offered(provider: Provider) -> NotOffered:
    """Return the error for a verb that the provider lacks."""
    return NotOffered("The provider has no operation that could answer this.", provider=provider)


def offered(provider: Provider, operations: Mapping[Verb, Operation], verb: Verb, keys: int) -> Operation:
    """Return the operation that answers a verb.

    Raises:
        NotOffered: This deployment has none.
        ValueError: The keys do not fit one request: the caller's mistake, not a client's.
    """
    operation = operations.get(verb)
    if operation is None:
        raise not_offered(provider)
    if not 0 < keys <= operation.max_keys:
        raise ValueError(f"{operation.name} takes 1 to {operation.max_keys} keys, not {keys}")
    return operation


def sendable(provider: Provider, key: str) -> str:
    """Return an id as it is, where it may reach a provider.

    A comma would make two ids out of one in a list parameter, and a space around an id is lost on the way
    back, so that the answer would not be recognised.

    Raises:
        BadUserInput: It may not.
    """
    if not key or not key.isprintable() or "," in key or key != key.strip():
        raise BadUserInput("The id holds characters that no id of the provider has.", provider=provider)
    return key


def page_number(provider: Provider, page: str | None, *, first: int) -> int:
    """Return the number that a page's text holds.

    Raises:
        BadUserInput: It holds none; pages come back from clients, inside cursors.
    """
    if page is None:
        return first
    if not _PAGE.fullmatch(page):
        raise BadUserInput("The page is not one that the provider's listing has.", provider=provider)
    return int(page)


async def exchange(
    http: httpx.AsyncClient,
    auth: Signature,
    endpoint: Endpoint,
    *,
    method: str,
    path: str = "",
    query: str = "",
    headers: Mapping[str, str],
    call: Call,
    limits: Limits,
) -> Answer:
    """Send one request without a body and read its answer, whatever its status.

    Args:
        http: Sends it.
        auth: Signs it.
        endpoint: Where it goes.
        method: In capitals.
        path: What is added to the endpoint's.
        query: As `gateway.providers.signing.canonical_query` writes it.
        headers: What it says besides; names in lower case.
        call: Who is called; errors say so.
        limits: What it may cost.

    Raises:
        ProviderError: There is no complete answer within the limits.
    """
    path = f"{endpoint.path}{path}"
    # Others than gzip are not unpacked below, where the unpacked size is bounded.
    said = {"host": endpoint.host, "accept-encoding": "gzip", **headers}
    query, said = auth.signed(method, path, query, said)
    target = f"{path}?{query}" if query else path
    request = Request(method, endpoint, target, said, extensions=_WATCHED)
    try:
        async with asyncio.timeout(limits.total_timeout):
            response = await http.send(request, auth=_SIGNED, stream=True, follow_redirects=False)
            stream = cast("httpx.AsyncByteStream", response.stream)
            try:
                body = await _body(response, stream, limits.max_body_bytes)
            finally:
                await stream.aclose()
    except (TimeoutError, httpx.TimeoutException) as error:
        raise call.failed(TimedOut) from error
    except httpx.TransportError as error:
        raise call.failed(Unavailable) from error
    except (_UnreadableBodyError, zlib.error) as error:
        raise call.failed(Garbled) from error
    return Answer(response, body)


def error_of_status(status: int) -> type[ProviderError] | None:
    """Return what an HTTP status alone says went wrong; None for success."""
    match status // 100:
        case 2:
            return None
        case 4:
            return {401: Unauthorized, 403: Unauthorized, 408: Unavailable, 429: Throttled}.get(
                status, Rejected
            )
        case 5:
            return Unavailable
        case _:
            return Garbled  # a redirect is not an answer


def retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds that a provider asks to wait.

    ``x-acs-retry-after`` is Alibaba Cloud's and in milliseconds; ``Retry-After`` is HTTP's and in seconds.
    """
    for name, unit in (("x-acs-retry-after", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "")
        if value.isascii() and value.isdecimal():
            return min(float(value) * unit, _MAX_RETRY_AFTER)
    return None


def _watch(event: str, _: object) -> Coroutine[Any, Any, None]:
    """Hear from the connection what it is about to do."""
    return depart() if event.endswith("send_request_headers.started") else _go_on()


async def _go_on() -> None:
    pass


_WATCHED = {"trace": _watch}


class _UnreadableBodyError(Exception):
    """The bytes of the body are not acceptable, whatever they would say."""


async def _body(response: httpx.Response, stream: httpx.AsyncByteStream, limit: int) -> bytes:
    codings = [value for name, value in said_by(response) if name.lower() == b"content-encoding"]
    coding = b", ".join(codings).strip().lower() if codings else b""
    if coding not in {b"", b"identity", b"gzip"}:
        raise _UnreadableBodyError("a content coding that was not asked for")
    unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS) if coding == b"gzip" else None
    # Nearly always there is one piece, which is not copied.
    pieces: list[bytes] = []
    room = limit
    async for chunk in stream:
        piece = unpack.decompress(chunk, room + 1) if unpack else chunk
        room -= len(piece)
        if room < 0:
            raise _UnreadableBodyError("a body beyond the limit")
        pieces.append(piece)
    if unpack and not unpack.eof:
        raise _UnreadableBodyError("a body cut short")
    return b"".join(pieces)
