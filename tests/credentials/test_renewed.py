"""Keys that expire, with a stopped clock."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

import pytest

from gateway.credentials.renewed import Found, Renewed
from gateway.credentials.source import CredentialSource, NoCredentialsError
from gateway.providers.signing import Credentials


def found(number: int, expires_at: float | None = None) -> Found:
    """Return keys by their number."""
    return Found(
        credentials=Credentials(access_key_id=f"id{number}", access_key_secret=f"s3cret{number}"),
        origin="test",
        expires_at=expires_at,
    )


class Desk:
    """Hands keys out; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[bool] = []
        self.answer: Callable[[], Found] = lambda: found(1)
        self.now = 0.0
        self.open = threading.Event()
        self.open.set()

    def find(self, *, anew: bool) -> Found:
        """Hand out, once open."""
        self.asked.append(anew)
        assert self.open.wait(20)
        return self.answer()

    def source(self) -> Renewed:
        """Return keys from here, by this clock."""
        return Renewed(self.find, clock=lambda: self.now, wall=lambda: self.now)


@pytest.fixture
def desk() -> Desk:
    """A desk that is open."""
    return Desk()


async def settled(source: Renewed) -> None:
    """Wait for a look-up on its way."""
    assert source._flight is not None
    await asyncio.wait_for(asyncio.shield(source._flight), 20)


def refuse() -> Found:
    """Have nothing."""
    raise NoCredentialsError("HTTP 503")


async def test_a_crowd_makes_one_look_up(desk: Desk) -> None:
    """However many calls wait for the first keys, they are asked for once."""
    source: CredentialSource = desk.source()
    await asyncio.gather(*(source.ready() for _ in range(50)))
    assert desk.asked == [False]
    assert source.current() == found(1).credentials


async def test_keys_are_looked_up_before_they_end_and_nobody_waits(desk: Desk) -> None:
    """While the look-up takes its time the old keys are in use."""
    source = desk.source()
    await source.ready()
    desk.now, desk.answer = 61, lambda: found(2)
    desk.open.clear()
    for _ in range(5):
        await source.ready()
        assert source.current() == found(1).credentials
    desk.open.set()
    await settled(source)
    assert source.current() == found(2).credentials
    assert desk.asked == [False, False]


async def test_after_a_quiet_night_calls_wait(desk: Desk) -> None:
    """Keys that nobody has looked at for long may have ended, even where nobody tells when they do."""
    source = desk.source()
    await source.ready()
    desk.now, desk.answer = 3600, lambda: found(2)
    await source.ready()
    assert source.current() == found(2).credentials


async def test_a_failed_look_up_leaves_the_old_keys_in_use(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """As long as they hold; whoever hands keys out is asked again after a rest."""
    source = desk.source()
    desk.answer = lambda: found(1, expires_at=1000)
    await source.ready()
    desk.now, desk.answer = 400, refuse
    with caplog.at_level(logging.WARNING):
        await source.ready()
    assert source.current() == found(1).credentials
    assert "HTTP 503" in caplog.text
    await source.ready()
    assert len(desk.asked) == 2
    desk.now = 411
    await source.ready()
    assert len(desk.asked) == 3
    desk.now = 1000
    with pytest.raises(NoCredentialsError, match="HTTP 503"):
        await source.ready()
    desk.now, desk.answer = 1011, lambda: found(2)
    await source.ready()
    assert source.current() == found(2).credentials


async def test_without_any_keys_the_reason_is_told(desk: Desk) -> None:
    """Before the first look-up, and after one that failed; an unforeseen failure is named by its kind."""
    source = desk.source()
    with pytest.raises(NoCredentialsError, match="not looked up"):
        source.current()
    assert source.origin == "nobody"

    def burst() -> Found:
        raise RuntimeError("s3cret")

    desk.answer = burst
    with pytest.raises(NoCredentialsError, match=r"^RuntimeError$"):
        await source.ready()


async def test_refused_keys_are_asked_for_anew_once(desk: Desk) -> None:
    """Many calls are refused at once; one look-up serves them, and a later refusal finds the new keys."""
    source = desk.source()
    await source.ready()
    refused = source.current()
    desk.answer = lambda: found(2)
    assert await asyncio.gather(*(source.renew(refused) for _ in range(20))) == [True] * 20
    assert desk.asked == [False, True]
    assert await source.renew(refused)
    assert desk.asked == [False, True]


async def test_keys_that_nobody_replaces_are_not_asked_for_all_the_time(desk: Desk) -> None:
    """If the new ones are those that were refused, the next refusals cost nothing for a while."""
    source = desk.source()
    await source.ready()
    refused = source.current()
    assert await asyncio.gather(*(source.renew(refused) for _ in range(20))) == [False] * 20
    assert desk.asked == [False, True]
    assert not await source.renew(refused)
    assert desk.asked == [False, True]
    desk.now = 10
    assert not await source.renew(refused)
    assert desk.asked == [False, True, True]


async def test_a_caller_who_leaves_takes_nothing_along(desk: Desk) -> None:
    """A cancelled call does not cancel the look-up that others wait for."""
    source = desk.source()
    desk.open.clear()
    first, second = (asyncio.create_task(source.ready()) for _ in range(2))
    while not desk.asked:  # noqa: ASYNC110  a thread asks
        await asyncio.sleep(0.001)
    first.cancel()
    desk.open.set()
    await asyncio.wait_for(second, 20)
    assert source.current() == found(1).credentials


async def test_the_origin_says_until_when(desk: Desk) -> None:
    """An operator sees who handed the keys out and when they end, and nothing of the keys."""
    source = desk.source()
    desk.answer = lambda: found(1, expires_at=86_400)
    await source.ready()
    assert source.origin == "test, until 1970-01-02 00:00 UTC"
