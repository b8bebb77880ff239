"""Bodies: whole, small enough, and in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.web.bodies import Bodies, Left, Patience, TooLarge

Receive = Callable[[], Awaitable[dict[str, Any]]]


def _sends(*parts: bytes | None) -> Receive:
    """Return a client that sends some parts; None leaves, and nothing more is silence."""
    messages = list(parts)

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        part = messages.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": True}

    return receive


def _headers(length: str) -> dict[bytes, str]:
    return {b"content-length": length} if length else {}


async def test_a_body_of_the_length_it_announced_is_whole() -> None:
    """Nobody waits for the message that there is no more."""
    assert await Bodies(most=10, seconds=9).whole(_sends(b"ab", b"cd"), _headers("4")) == b"abcd"


async def test_a_body_of_no_announced_length_ends_when_it_is_said_to() -> None:
    """As it does in chunks."""
    sent = _sends(b"ab")

    async def receive() -> dict[str, Any]:
        return {**await sent(), "more_body": False}

    assert await Bodies(most=10, seconds=9).whole(receive, {}) == b"ab"


@pytest.mark.parametrize(
    ("length", "parts"),
    [("11", []), ("9" * 40, []), ("", [b"x" * 11]), ("nonsense", [b"x" * 6, b"x" * 5]), ("3", [b"x" * 11])],
)
async def test_too_much_is_refused(length: str, parts: list[bytes]) -> None:
    """What is announced is not even read; what is not announced is counted."""
    with pytest.raises(TooLarge):
        await Bodies(most=10, seconds=9).whole(_sends(*parts), _headers(length))


async def test_half_a_body_is_none() -> None:
    """Its client has left."""
    with pytest.raises(Left):
        await Bodies(most=10, seconds=9).whole(_sends(b"ab", None), _headers("4"))


async def test_silence_ends_at_its_time() -> None:
    """However many are silent; and whoever speaks in between is heard."""
    bodies = Bodies(most=10, seconds=0.05)
    silent = [asyncio.create_task(bodies.whole(_sends(b"a"), _headers("4"))) for _ in range(3)]
    heard = await bodies.whole(_sends(b"abcd"), _headers("4"))
    ends = await asyncio.gather(*silent, return_exceptions=True)
    assert heard == b"abcd"
    assert [type(end) for end in ends] == [TimeoutError] * 3
    with pytest.raises(TimeoutError):
        await bodies.whole(_sends(), {})


async def test_patience_ends_with_whoever_is_cancelled() -> None:
    """To be cancelled is not to be late, and leaves nothing behind."""
    patience = Patience(30)
    waiting = asyncio.create_task(patience.with_(asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not patience._due
