"""News among replicas: whoever has called a provider tells the others what it said.

The store alone would do for correctness, but then each replica learns of a record only when its own copy has
run out. The quota bounds the traffic: there are never more messages than calls.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct
from redis.exceptions import RedisError

from gateway.upstream.server import Server


class News(Struct, frozen=True, array_like=True):
    """What one call yielded.

    Attributes:
        sender: The replica that made it.
        desk: Name of the desk it was made for.
        values: What is now stored under which key, as in the store.
    """

    sender: str
    desk: str
    values: dict[str, bytes]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(News)


class Bulletin:
    """One channel.

    Args:
        server: Where it is.
        channel: Its name; carries the version of the records.
        pause: Seconds before a lost connection is made again.
    """

    def __init__(self, server: Server, channel: str, *, pause: float) -> None:
        self._server = server
        self._channel = channel
        self._pause = pause
        self._sender = secrets.token_hex(8)

    async def tell(self, desk: str, values: Mapping[str, bytes]) -> None:
        """Tell the other replicas.

        Raises:
            Away: The server gave no answer.
        """
        message = _encoder.encode(News(self._sender, desk, dict(values)))
        await self._server.ask(lambda: self._server.client.publish(self._channel, message))

    async def listen(self, heard: Callable[[News], None]) -> None:
        """Hear what other replicas tell, for ever; news missed while disconnected are in the store."""
        while True:
            try:
                async with self._server.client.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._pass_on(message["data"], heard)
            except (RedisError, OSError):
                # The store reports the server's absence already; this only has to come back.
                await asyncio.sleep(self._pause)

    def _pass_on(self, message: bytes, heard: Callable[[News], None]) -> None:
        try:
            news = _decoder.decode(message)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return
        if news.sender != self._sender:
            heard(news)
