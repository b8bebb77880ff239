"""The shared server, and its absences."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import pytest

from gateway.upstream.policy import StorePolicy
from gateway.upstream.server import Away, Server
from tests.upstream.conftest import SharedServer

REAL_TIME = True


async def test_an_answer_is_passed_on(link: Server) -> None:
    """A server that is there is asked and answers."""
    assert await link.ask(link.client.ping)
    assert link.present


async def test_a_hanging_server_costs_one_timeout_and_then_nothing(
    link: Server, valkey: SharedServer
) -> None:
    """After one short timeout the server is left alone, and is asked again a moment later."""
    await link.ask(link.client.ping)
    valkey.hang()
    with pytest.raises(Away):
        await link.ask(link.client.ping)
    started = time.monotonic()
    for _ in range(100):
        with pytest.raises(Away):
            await link.ask(link.client.ping)
    assert time.monotonic() - started < 0.1
    valkey.wake()
    await asyncio.sleep(0.25)
    assert await link.ask(link.client.ping)


async def test_a_server_that_comes_back_is_used_again(link: Server, valkey: SharedServer) -> None:
    """Killed and started again, the server answers after its rest, over a new connection."""
    await link.ask(link.client.ping)
    valkey.kill()
    with pytest.raises(Away):
        await link.ask(link.client.ping)
    valkey.start()
    with pytest.raises(Away):
        await link.ask(link.client.ping)
    assert await link.ask(link.client.ping, anyway=True)
    assert link.present


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
    """However often the server fails, the log has one line, and no secret in it."""
    valkey.kill()
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            with pytest.raises(Away):
                await link.ask(link.client.ping, anyway=True)
    (record,) = caplog.records
    assert "127.0.0.1" not in record.getMessage()
    assert link.failures == 20


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
