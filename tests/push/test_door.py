"""What a notification passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.domain.errors import NotConfigured
from gateway.domain.provider import Verb
from gateway.domain.records import Provider
from gateway.push.door import Door, Verdict
from gateway.push.notice import Notice, Unreadable, unchanged
from gateway.push.proof import SharedSecret


class Lanes:
    """Lanes that write down what they hear."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def hear(self, provider: Provider, verb: Verb, key: str, change: Any, /) -> bool:
        """Know the first two."""
        if key == "unheard of":
            raise NotConfigured("No credentials.", provider=provider)
        self.heard.append(key)
        return len(self.heard) <= 2


def read(body: bytes) -> list[Notice]:
    """Take words for keys."""
    if body == b"?":
        raise Unreadable
    return [
        Notice(verb=Verb.TASK_BY_ID, key=word.decode(), change=unchanged) for word in body.split(b",") if word
    ]


@pytest.fixture
def lanes() -> Lanes:
    """Nothing heard yet."""
    return Lanes()


@pytest.fixture
def door(lanes: Lanes) -> Door:
    """A door for three at once."""
    proof = SharedSecret(["secret"], header=None)
    return Door(
        Provider.VISIONULAR, lanes, proof=proof, read=read, window=300, per_second=3, wall=lambda: 0.0
    )


async def test_notifications_reach_the_lanes_once(door: Door, lanes: Lanes) -> None:
    """Accepted, and the second time refused; every record it names is told of."""
    assert door.check({}, b"key=secret") == ""
    assert await door.take("", b"a,b,c") is Verdict.ACCEPTED
    assert await door.take("", b"a,b,c") is Verdict.REPLAYED
    assert lanes.heard == ["a", "b", "c"]
    assert door.changed == 2
    assert door.counts == {Verdict.ACCEPTED: 1, Verdict.REPLAYED: 1}


@pytest.mark.parametrize(("body", "verdict"), [(b"?", Verdict.UNREADABLE), (b"", Verdict.IGNORED)])
async def test_what_says_nothing_is_counted(door: Door, lanes: Lanes, body: bytes, verdict: Verdict) -> None:
    """Broken, or about something else."""
    assert await door.take("", body) is verdict
    assert (lanes.heard, door.counts) == ([], {verdict: 1})


async def test_a_verb_that_is_not_on_offer_is_no_failure(door: Door, lanes: Lanes) -> None:
    """A provider may notify about what this deployment cannot ask for."""
    assert await door.take("", b"unheard of,a") is Verdict.ACCEPTED
    assert lanes.heard == ["a"]


async def test_verified_notifications_have_a_pace(door: Door, frozen: Callable[[float], None]) -> None:
    """So many at once, so many a second; forged ones take nothing from it."""
    for _ in range(10):
        assert door.check({}, b"key=wrong") is Verdict.FORGED
    verdicts = [await door.take("", bytes([number])) for number in range(97, 101)]
    assert verdicts == [Verdict.ACCEPTED] * 3 + [Verdict.LIMITED]
    frozen(0.5)
    # What was refused for the pace is not taken for received.
    assert await door.take("", b"d") is Verdict.ACCEPTED
    assert door.counts[Verdict.FORGED] == 10


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch, door: Door) -> Callable[[float], None]:
    """A clock that moves when told."""
    moment = [door._filled]
    monkeypatch.setattr("gateway.push.door.time.monotonic", lambda: moment[0])

    def forward(seconds: float) -> None:
        moment[0] += seconds

    return forward
