"""GraphQL over HTTP: what a request must look like, and which status its answer has.

Follows the GraphQL-over-HTTP specification (https://graphql.github.io/graphql-over-http/draft/). Two media
types are spoken, and they differ in one thing: ``application/json`` answers every well-formed request with
200, since older clients and the proxies before them expect it; ``application/graphql-response+json``, being
unmistakably GraphQL's, may answer a refused document with 400.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from gateway.graph.errors import refusal
from gateway.graph.requests import Request

EVENTS = "text/event-stream"

_MAX_PARAMETERS = 8
"""Parameters of a GET; the specification knows five."""


_REMEMBERED = 64
"""Values of a header that are understood at once; clients send a few, and they may be long."""


class MediaType(StrEnum):
    """What an answer may be written in."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"


class Streaming(Enum):
    """Whether a client takes answers as events: not at all, for subscriptions, or for anything."""

    NO = 0
    TOO = 1
    ONLY = 2

    def __bool__(self) -> bool:
        return self is not Streaming.NO


class Refused(Exception):
    """A request that is not a GraphQL request.

    Args:
        status: HTTP status.
        message: For the client.
        code: As in README's table of errors.
        headers: Headers that go with the status.
    """

    def __init__(
        self, status: int, message: str, code: str = "BAD_REQUEST", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {"errors": [refusal(message, code)]}


class _Parameters(msgspec.Struct, rename="camel"):
    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None


_decoder = msgspec.json.Decoder(_Parameters)


@lru_cache(maxsize=_REMEMBERED)
def negotiated(accept: str | None) -> MediaType:
    """Return the media type to answer in.

    Raises:
        Refused: 406, the client takes neither.
    """
    if not accept:
        return MediaType.JSON
    best, best_quality = None, 0.0
    for entry in accept.split(","):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        # At the same quality a name counts more than a wildcard, and what comes first more than what follows.
        for media in MediaType if name in {"*/*", "application/*"} else (name,):
            quality = _quality(parameters)
            if media in set(MediaType) and quality > best_quality:
                best, best_quality = MediaType(media), quality
    if best is None:
        raise Refused(406, f"Accept must allow {MediaType.GRAPHQL} or {MediaType.JSON}.")
    return best


@lru_cache(maxsize=_REMEMBERED)
def streaming(accept: str | None) -> Streaming:
    """Return whether a client takes answers as events; only who says so by name does."""
    if accept is None or EVENTS not in accept.lower():
        return Streaming.NO
    try:
        negotiated(accept)
    except Refused:
        return Streaming.ONLY
    return Streaming.TOO


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
        if name.strip() == "charset" and value.strip().strip('"') != "utf-8":
            return 0.0
    return 1.0


def posted(content_type: str | None, body: bytes) -> Request:
    """Return the request that a POST carries.

    Raises:
        Refused: 415 for another content type, 400 for a body that is not a GraphQL request in JSON.
    """
    if not _is_json(content_type):
        raise Refused(415, "Content-Type must be application/json, in UTF-8.")
    try:
        return _request(_decoder.decode(body))
    except msgspec.ValidationError:
        raise Refused(
            400, "The body must be an object with query, and optionally variables, operationName, extensions."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None


@lru_cache(maxsize=_REMEMBERED)
def _is_json(content_type: str | None) -> bool:
    name, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    return name == MediaType.JSON and _quality(parameters) != 0.0


def queried(query_string: bytes) -> Request:
    """Return the request that a GET carries in its address.

    Raises:
        Refused: 400, the parameters are not those of a GraphQL request.
    """
    try:
        fields = dict(
            parse_qsl(
                query_string.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MAX_PARAMETERS,
            )
        )
        objects = {
            name: msgspec.json.decode(fields[name], type=dict[str, Any] | None)
            for name in ("variables", "extensions")
            if fields.get(name)
        }
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Refused(400, "The parameters are not those of a GraphQL request.") from None
    return _request(
        _Parameters(
            query=fields.get("query"),
            operation_name=fields.get("operationName") or None,
            document_id=fields.get("documentId"),
            **objects,
        )
    )


def _request(parameters: _Parameters) -> Request:
    query_hash = _query_hash(parameters.extensions)
    if not (parameters.query or parameters.document_id or query_hash):
        raise Refused(400, "The request holds no query.")
    return Request(
        query=parameters.query or "",
        operation_name=parameters.operation_name,
        variables=parameters.variables,
        document_id=parameters.document_id,
        query_hash=query_hash,
    )


def _query_hash(extensions: Mapping[str, Any] | None) -> str | None:
    """Return the hash that Apollo's clients send in place of a document, or beside it."""
    match extensions:
        case {"persistedQuery": {"version": 1, "sha256Hash": str(query_hash)}}:
            return query_hash
    return None
