"""What a WebSocket's client is sent, and in which order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.web import socket_writer
from gateway.web.socket_messages import Close
from gateway.web.socket_writer import SocketWriter, close


class Client:
    """Reads a message whenever it is let, and notes it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.reads = asyncio.Event()
        self.gone: type[Exception] | None = None
        self.missed = asyncio.Event()

    async def send(self, message: Any) -> None:
        """Take a message from the server."""
        await self.reads.wait()
        if self.gone is not None:
            raise self.gone
        self.heard.append(message.get("text") or message["reason"])


async def _sent(client: Client, count: int) -> list[str]:
    async with asyncio.timeout(20):
        while len(client.heard) < count:  # noqa: ASYNC110 - there are no events of what was sent
            await asyncio.sleep(0)
    return client.heard


async def test_replies_go_before_news_and_news_take_turns() -> None:
    """However long a subscription's news have waited, and however much one of them has to tell."""
    client = Client()
    writer = SocketWriter(client.send, client.missed.set)
    left = {"a": 2, "b": 1}

    def take(operation_id: str) -> str | None:
        left[operation_id] -= 1
        if left[operation_id]:
            writer.announce(operation_id, take)
        return operation_id

    writer.reply("first")
    for operation_id in left:
        writer.announce(operation_id, take)
    await asyncio.sleep(0)  # the first message is on its way
    writer.reply("second")
    client.reads.set()
    assert await _sent(client, 5) == ["first", "second", "a", "b", "a"]


async def test_a_slow_client_gets_what_is_newest_when_it_reads() -> None:
    """News that came meanwhile are told once; those of an operation that has ended are not."""
    client = Client()
    writer = SocketWriter(client.send, client.missed.set)
    states: list[str] = []
    writer.reply("busy")
    await asyncio.sleep(0)
    for state in ("newer", "newest"):
        states.append(state)
        writer.announce("a", lambda _: states[-1])
        writer.announce("ended", lambda _: "ended")
        writer.announce("empty", lambda _: None)
    writer.withdraw("ended")
    assert writer.writing_since is not None
    client.reads.set()
    await _sent(client, 2)
    writer.reply("last")
    assert await _sent(client, 3) == ["busy", "newest", "last"]
    assert writer.writing_since is None


async def test_whoever_asks_more_than_it_reads_is_not_listened_to() -> None:
    """Until it has read all of the answers."""
    client = Client()
    writer = SocketWriter(client.send, client.missed.set)
    writer.reply("few")
    await asyncio.wait_for(writer.caught_up(), 20)
    writer.reply(*map(str, range(100)))
    waiting = asyncio.ensure_future(writer.caught_up())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    client.reads.set()
    await asyncio.wait_for(waiting, 20)
    assert len(client.heard) == 101


@pytest.mark.parametrize("gone", [ConnectionResetError, RuntimeError])
async def test_a_client_that_has_left_is_noticed(gone: type[Exception]) -> None:
    """By the error of whichever server."""
    client = Client()
    client.gone = gone
    client.reads.set()
    SocketWriter(client.send, client.missed.set).reply("anybody?")
    await asyncio.wait_for(client.missed.wait(), 20)
    await close(client.send, Close.NORMAL)


async def test_the_end_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that reads nothing is not told."""
    monkeypatch.setattr(socket_writer, "_CLOSING", 0.01)
    client = Client()
    writer = SocketWriter(client.send, client.missed.set)
    writer.reply("unread")
    await asyncio.sleep(0)
    writer.stop()
    await asyncio.wait_for(close(client.send, Close.GOING_AWAY, "Messages are not read"), 20)
    assert client.heard == []


async def test_a_reason_fits_into_its_frame() -> None:
    """Whatever a client called its operation."""
    client = Client()
    client.reads.set()
    await close(client.send, Close.SAME_ID, "€" * 50)
    assert client.heard == ["€" * 41]
