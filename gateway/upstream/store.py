"""The second level: records in Redis or Valkey, behind the first level of every replica.

Values are MessagePack of one tagged union, never pickle: whoever can write to the store cannot run code here.
The key carries a fingerprint of the record types, so that two versions of the gateway never read each
other's records. What cannot be read all the same is deleted and is a miss.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiocache import RedisCache
from aiocache.serializers import BaseSerializer
from msgspec import Struct

from gateway.domain.errors import NotFound
from gateway.domain.records import Job, Provider, Task, TaskPage, Video
from gateway.upstream.freshness import Answer
from gateway.upstream.server import Server


class Stored(Struct, frozen=True, array_like=True):
    """An answer and the wall-clock second at which the provider gave it."""

    at: float

    @property
    def answer(self) -> Answer:
        """The answer itself."""
        raise NotImplementedError


class _Video(Stored, frozen=True, array_like=True, tag="v"):
    record: Video

    @property
    def answer(self) -> Answer:
        return self.record


class _Task(Stored, frozen=True, array_like=True, tag="t"):
    record: Task

    @property
    def answer(self) -> Answer:
        return self.record


class _Job(Stored, frozen=True, array_like=True, tag="j"):
    record: Job

    @property
    def answer(self) -> Answer:
        return self.record


class _Page(Stored, frozen=True, array_like=True, tag="p"):
    record: TaskPage

    @property
    def answer(self) -> Answer:
        return self.record


class _Absent(Stored, frozen=True, array_like=True, tag="a"):
    message: str
    provider: Provider | None = None

    @property
    def answer(self) -> Answer:
        return NotFound(self.message, provider=self.provider)


_Any = _Video | _Task | _Job | _Page | _Absent
_decoder = msgspec.msgpack.Decoder(_Any)
_encoder = msgspec.msgpack.Encoder()


def _fingerprint() -> str:
    schema = msgspec.json.encode(msgspec.json.schema(_Any), order="sorted")
    return hashlib.sha256(schema).hexdigest()[:12]


VERSION = _fingerprint()


def store(answer: Answer, at: float) -> Stored:
    """Return an answer as it is stored."""
    match answer:
        case Video():
            return _Video(at, answer)
        case Task():
            return _Task(at, answer)
        case Job():
            return _Job(at, answer)
        case TaskPage():
            return _Page(at, answer)
        case NotFound():
            return _Absent(at, answer.message, answer.provider)


def decode(value: bytes) -> Stored | None:
    """Return what is stored, or None if that is not ours to read."""
    try:
        stored: Stored = _decoder.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return stored


encode = _encoder.encode


class _Serializer(BaseSerializer):  # type: ignore[misc]  # aiocache ships no types
    """Bytes in, bytes out; an unreadable value is `_POISON` so that it does not take its neighbours along."""

    DEFAULT_ENCODING = None

    def dumps(self, value: Stored) -> bytes:
        return encode(value)

    def loads(self, value: bytes | None) -> Stored | object | None:
        return None if value is None else decode(value) or _POISON


_POISON = object()


class Store:
    """Records by key, over one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        # aiocache makes its pool from a host and a port; a URL also knows of users, TLS and sockets. Its own
        # timeout is off because the server's covers every use, aiocache's and ours.
        self._cache: Any = RedisCache(
            serializer=_Serializer(), timeout=0, connection_pool_class=lambda **_: server.pool
        )

    async def get_many(self, keys: Sequence[str]) -> dict[str, Stored]:
        """Return what is stored of some keys, in one round trip.

        Raises:
            Away: The server gave no answer.
        """
        values = await self._server.ask(lambda: self._cache.multi_get(keys))
        poisoned = [key for key, value in zip(keys, values, strict=True) if value is _POISON]
        if poisoned:
            await self._server.ask(lambda: self._server.client.delete(*poisoned))
        return {key: value for key, value in zip(keys, values, strict=True) if isinstance(value, Stored)}

    async def put_many(self, values: Mapping[str, Stored], *, ttl: float) -> None:
        """Store some values that last equally long.

        Raises:
            Away: The server gave no answer.
        """
        await self._server.ask(lambda: self._cache.multi_set(list(values.items()), ttl=float(ttl)))
