"""The shared server, and its absences."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from gateway.upstream.policy import StorePolicy
from gateway.upstream.server import Away, Server
from tests.upstream.conftest import IMPATIENT, SharedServer

REAL_TIME = True


async def test_an_answer_is_passed_on(link: Server) -> None:
    """A server that is there is asked and answers."""
    assert await link.ask(link.client.ping)
    assert link.present


async def test_a_hanging_server_is_given_up_on_and_then_not_asked(valkey: SharedServer) -> None:
    """After one short wait nobody asks any more, until a probe finds the server awake."""
    server, asked = Server(valkey.url, IMPATIENT), 0

    async def ping() -> object:
        nonlocal asked
        asked += 1
        return await server.client.ping()

    valkey.hang()
    for _ in range(100):
        with pytest.raises(Away):
            await server.ask(ping)
    assert asked == 1
    valkey.wake()
    assert await server.returns_within(20)
    await server.close()


async def test_whoever_waits_stops_waiting_with_the_first_who_knows(
    link: Server, valkey: SharedServer
) -> None:
    """One refused connection ends every other question, although those would have time left."""
    waiting = [asyncio.create_task(link.ask(asyncio.Event().wait)) for _ in range(3)]
    await asyncio.sleep(0)
    valkey.kill()
    with pytest.raises(Away):
        await link.ask(link.client.ping)
    await asyncio.wait(waiting, timeout=10)
    assert [type(task.exception()) for task in waiting] == [Away] * 3


async def test_a_server_that_comes_back_is_used_again(link: Server, valkey: SharedServer) -> None:
    """Killed and started again, the server is found by a probe, and asked over a new connection."""
    await link.ask(link.client.ping)
    valkey.kill()
    with pytest.raises(Away):
        await link.ask(link.client.ping)
    assert not await link.returns_within(0.2)
    valkey.start()
    assert await link.returns_within(20)
    assert await link.ask(link.client.ping)


async def test_a_lost_connection_is_no_absence(link: Server, valkey: SharedServer) -> None:
    """A server that merely closed a connection is back before anybody could do without it."""
    await link.ask(link.client.ping)
    await link.client.client_kill_filter(skipme=False)
    with pytest.raises(Away):
        await link.ask(link.client.ping)
    assert await link.returns_within(0.0)


async def test_a_server_that_answers_probes_only_is_believed_once(valkey: SharedServer) -> None:
    """Where every real question goes wrong, the server is left alone in between."""
    server = Server(valkey.url, StorePolicy(timeout=20.0, rest=60.0))
    for back in (True, False):
        with pytest.raises(Away):
            await server.ask(lambda: server.client.incrby("k", "no number"))  # type: ignore[arg-type]
        assert await server.returns_within(0.0) is back
    await server.close()


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:1", "redis://:wrong@127.0.0.1:{port}", "redis://no-such-host.invalid:6379"]
)
async def test_an_unusable_server_is_away(link: Server, valkey: SharedServer, url: str) -> None:
    """Refused connections, passwords and names all mean the same: go on without it."""
    await link.client.config_set("requirepass", "right")
    server = Server(url.format(port=valkey.url.rpartition(":")[2]), StorePolicy())
    with pytest.raises(Away):
        await server.ask(server.client.ping)
    await server.close()


@pytest.mark.parametrize("setting", ["min-replicas-to-write", "maxmemory"])
async def test_a_server_that_cannot_be_written_is_away(link: Server, setting: str) -> None:
    """A full or read-only server is no better than none."""
    await link.client.config_set(setting, 1)
    with pytest.raises(Away):
        await link.ask(lambda: link.client.set("k", "v"))


async def test_absence_is_logged_once_a_minute_and_without_addresses(
    link: Server, valkey: SharedServer, caplog: pytest.LogCaptureFixture
) -> None:
    """However often the server comes and goes, the log has one line, and no secret in it."""
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await link.ask(link.client.ping)
            valkey.kill()
            with pytest.raises(Away):
                await link.ask(link.client.ping)
            valkey.start()
            assert await link.returns_within(20)
    (record,) = caplog.records
    assert "127.0.0.1" not in record.getMessage()
    assert link.failures == 3


async def test_nothing_a_server_answers_fails_a_caller(
    link: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Even an error that no client library documents only means that there is no answer."""

    async def odd() -> None:
        raise KeyError("odd")

    question: Callable[[], Awaitable[None]] = odd
    with pytest.raises(Away):
        await link.ask(question)
    assert "unexpected" in caplog.text
