"""News among replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from gateway.upstream.bulletin import Bulletin, News
from gateway.upstream.server import Away, Server
from tests.upstream.conftest import SharedServer

REAL_TIME = True


async def eventually(holds: Callable[[], object], *, within: float = 20.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110  the network has no event
            await asyncio.sleep(0.01)


async def subscribers(link: Server, count: int) -> None:
    """Wait until so many replicas listen."""
    async with asyncio.timeout(20):
        while (await link.client.pubsub_numsub("c"))[0][1] != count:  # noqa: ASYNC110  nor has the server
            await asyncio.sleep(0.01)


async def test_news_reach_the_others_and_not_their_sender(link: Server) -> None:
    """What one replica tells, every other one hears."""
    heard: dict[str, list[News]] = {"one": [], "two": []}
    boards = {name: Bulletin(link, "c", pause=0.05) for name in heard}
    tasks = [asyncio.create_task(boards[name].listen(heard[name].append)) for name in heard]
    await subscribers(link, 2)
    await boards["one"].tell("desk", {"k": b"value"})
    await eventually(lambda: heard["two"])
    assert (heard["two"][0].desk, heard["two"][0].values) == ("desk", {"k": b"value"})
    assert heard["one"] == []
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_listening_survives_nonsense_and_restarts(link: Server, valkey: SharedServer) -> None:
    """A message nobody can read is skipped, and a server that comes back is listened to again."""
    heard: list[News] = []
    listening = asyncio.create_task(Bulletin(link, "c", pause=0.05).listen(heard.append))
    await subscribers(link, 1)
    await link.client.publish("c", b"\xff nonsense")
    valkey.kill()
    await asyncio.sleep(0.1)
    valkey.start()
    board = Bulletin(link, "c", pause=0.05)
    async with asyncio.timeout(20):
        # What is told while a connection is still being made is lost, as news may be.
        while not heard:
            with suppress(Away):
                await board.tell("desk", {})
            await asyncio.sleep(0.05)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
