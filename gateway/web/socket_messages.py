"""The messages of ``graphql-transport-ws``, and the codes that a socket is closed with.

See https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Clients make a connection again after
codes from 1001 on and after 4403, and give up after the other ones of the protocol.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import msgspec

from gateway.graph.requests import Request
from gateway.web.protocol import Refused, posted

SUBPROTOCOL = "graphql-transport-ws"
OLDER = "graphql-ws"
"""The subprotocol of subscriptions-transport-ws, which nobody keeps up any more; it is not spoken here."""

_MAX_ID = 200

_encode = msgspec.json.Encoder().encode


class Close(IntEnum):
    """Why a socket is closed."""

    NORMAL = 1000
    GOING_AWAY = 1001
    TOO_BIG = 1009
    RESTART = 1012
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    BAD_SUBPROTOCOL = 4406
    SLOW_HELLO = 4408
    SAME_ID = 4409
    TWO_HELLOS = 4429
    MISTAKE = 4500


class Bad(Exception):
    """A message after which the connection is closed.

    Args:
        reason: What the client is told.
        code: The same as a number.
    """

    def __init__(self, reason: str, code: Close = Close.BAD_REQUEST) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class _Message(msgspec.Struct, tag_field="type"):
    pass


class Hello(_Message, tag="connection_init"):
    """The client says who it is."""

    payload: dict[str, Any] | None = None


class Subscribe(_Message, tag="subscribe"):
    """The client asks for an operation, be it a subscription or not."""

    id: str
    payload: msgspec.Raw


class Complete(_Message, tag="complete"):
    """The client has seen enough of an operation."""

    id: str


class Ping(_Message, tag="ping"):
    """The client wants to know whether anybody is there."""

    payload: dict[str, Any] | None = None


class Pong(_Message, tag="pong"):
    """The client is there."""

    payload: dict[str, Any] | None = None


Message = Hello | Subscribe | Complete | Ping | Pong

_decoder = msgspec.json.Decoder(Message)

ACK = '{"type":"connection_ack"}'
PING = '{"type":"ping"}'
PONG = '{"type":"pong"}'


def read(text: str) -> Message:
    """Return a message.

    Raises:
        Bad: It is none.
    """
    try:
        message: Message = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Bad("Invalid message") from None
    if isinstance(message, (Subscribe, Complete)) and not 0 < len(message.id) <= _MAX_ID:
        raise Bad("Invalid id")
    return message


def requested(message: Subscribe) -> Request:
    """Return the operation that a message asks for.

    Raises:
        Bad: It asks for none.
    """
    try:
        return posted("application/json", bytes(message.payload))
    except Refused:
        raise Bad("Invalid payload") from None


def following(id: str, payload: str) -> str:  # noqa: A002 - the protocol's word
    """Return the message with one answer, encoded before, of an operation."""
    return f'{{"id":{_quoted(id)},"type":"next","payload":{payload}}}'


def completed(id: str) -> str:  # noqa: A002
    """Return the message that ends an operation."""
    return f'{{"id":{_quoted(id)},"type":"complete"}}'


def refused(id: str, errors: list[dict[str, Any]]) -> str:  # noqa: A002
    """Return the message that ends an operation before it began."""
    return f'{{"id":{_quoted(id)},"type":"error","payload":{_encode(errors).decode()}}}'


def _quoted(text: str) -> str:
    return _encode(text).decode()
