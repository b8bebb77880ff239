"""What one request asked the lanes: at once where memory has it, together where not, and written down."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import pytest

from gateway.domain.errors import NotConfigured, NotFound
from gateway.domain.provider import Verb
from gateway.domain.records import Provider, Video
from gateway.domain.sources import Whom
from gateway.lookups import Lookups, Reads, Spent
from gateway.upstream.status import LaneStatus

VERB = Verb.LATEST_BY_VIDEO


class Lanes:
    """Has some records at hand and others after a while."""

    sources: Sequence[Whom] = ()

    def __init__(self, *at_hand: str, error: BaseException | None = None) -> None:
        self.at_hand = set(at_hand)
        self.error = error
        self.waited: list[list[Hashable]] = []

    async def load_many(
        self, provider: Whom, verb: Verb, keys: Sequence[Hashable], **_: Any
    ) -> Sequence[Any]:
        """Answer after a turn of the loop."""
        self.waited.append(list(keys))
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return [_video(key) for key in keys]

    def peek_many(
        self, provider: Whom, verb: Verb, keys: Iterable[Hashable], *, max_age: float | None = None
    ) -> Sequence[Any] | None:
        """Answer if all is at hand."""
        keys = list(keys)
        return [_video(key) for key in keys] if set(keys) <= self.at_hand else None

    def fresh_for(self, provider: Whom, verb: Verb, keys: Iterable[Hashable]) -> float:
        """Nobody asks."""
        return 0.0

    def status(self) -> Sequence[LaneStatus]:
        """There are none."""
        return []


def _video(key: Hashable) -> Video:
    return Video(id=f"id-{key}", video_id=str(key))


def _lookups(lanes: Lanes, reads: Reads | None = None, spent: Spent | None = None) -> Lookups:
    return Lookups(lanes, deadline=None, max_age=None, spent=spent or Spent(), reads=reads or Reads())


async def test_what_is_at_hand_takes_no_turn_of_the_loop() -> None:
    """A coroutine that needs not wait ends without ever being suspended, and waits for nobody's call."""
    spent = Spent()
    lanes = Lanes("a", "b")
    loading = _lookups(lanes, spent=spent).many(Provider.VOD, VERB, ["a", "b", "a"])
    with pytest.raises(StopIteration) as ended:
        loading.send(None)
    assert [video.video_id for video in ended.value.value] == ["a", "b", "a"]
    assert not lanes.waited
    assert not spent._fetched


async def test_what_is_not_at_hand_travels_together() -> None:
    """Keys of one turn are one question, whatever of them is known already is not part of it."""
    lanes = Lanes("a")
    lookups = _lookups(lanes)
    await lookups.many(Provider.VOD, VERB, ["a"])
    found = await asyncio.gather(
        lookups.many(Provider.VOD, VERB, ["a", "b"]), lookups.many(Provider.VOD, VERB, ["b", "c"])
    )
    assert [[video.video_id for video in videos] for videos in found] == [["a", "b"], ["b", "c"]]
    assert lanes.waited == [["b", "c"]]


async def test_who_asks_alone_waits_for_no_company() -> None:
    """A request's own task asks at once; tasks that it waits for travel together as ever."""
    lanes = Lanes()
    lookups = Lookups(
        lanes, deadline=None, max_age=None, spent=Spent(), reads=Reads(), task=asyncio.current_task()
    )
    turns: list[int] = []
    asyncio.get_running_loop().call_soon(lambda: turns.append(len(lanes.waited)))
    [video] = await lookups.many(Provider.VOD, VERB, ["a"])
    assert video.video_id == "a"
    assert turns == [1]
    await asyncio.gather(*(lookups.many(Provider.VOD, VERB, [key]) for key in "bcb"))
    assert lanes.waited == [["a"], ["b", "c"]]


async def test_who_gave_up_asking_alone_may_ask_again() -> None:
    """Nothing is left behind that would be waited for."""
    lanes = Lanes()
    lookups = Lookups(
        lanes, deadline=None, max_age=None, spent=Spent(), reads=Reads(), task=asyncio.current_task()
    )
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await lookups.many(Provider.VOD, VERB, ["a"])
    [video] = await lookups.many(Provider.VOD, VERB, ["a"])
    assert video.video_id == "a"
    assert lanes.waited == [["a"], ["a"]]


async def test_all_that_was_read_is_written_down_once() -> None:
    """Readings hold every key with its outcome, from memory or not; what is read again is not read anew."""
    reads = Reads()
    lookups = _lookups(Lanes("a"), reads)
    for _ in range(2):
        await lookups.many(Provider.VOD, VERB, ["a"])
        await lookups.many(Provider.VOD, VERB, ["b"])
    assert [(list(one.keys), [video.video_id for video in one.outcomes]) for one in reads.readings] == [
        (["a"], ["a"]),
        (["b"], ["b"]),
    ]


@pytest.mark.parametrize("at_hand", ["nothing", "refused"])
async def test_a_refusal_is_the_outcome_of_every_key(at_hand: str) -> None:
    """Where a provider cannot be asked at all, each key has that for its outcome."""
    error = NotConfigured("no", provider=Provider.VOD)

    class Refusing(Lanes):
        def peek_many(self, *_: Any, **__: Any) -> None:
            if at_hand == "refused":
                raise error

    assert await _lookups(Refusing(error=error)).many(Provider.VOD, VERB, ["a", "b"]) == [error, error]


async def test_a_mistake_reaches_every_waiter() -> None:
    """What nobody foresaw is raised, not turned into an outcome."""
    lookups = _lookups(Lanes(error=ZeroDivisionError()))
    found = await asyncio.gather(
        *(lookups.many(Provider.VOD, VERB, [key]) for key in "ab"), return_exceptions=True
    )
    assert [type(one) for one in found] == [ZeroDivisionError, ZeroDivisionError]


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_who_asks_first_may_leave(turns: int) -> None:
    """Cancelled before or while it asks for all, it takes nothing from those who ride along."""
    lanes = Lanes()
    lookups = _lookups(lanes)
    first, *others = [asyncio.create_task(lookups.many(Provider.VOD, VERB, [key])) for key in "abc"]
    for _ in range(turns):
        await asyncio.sleep(0)
    first.cancel()
    found = await asyncio.gather(first, *others, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert [video.video_id for [video] in found[1:]] == ["b", "c"]  # type: ignore[misc]
    assert [video.video_id for video in await lookups.many(Provider.VOD, VERB, ["b", "a"])] == ["b", "a"]


async def test_what_is_new_does_not_wait_for_what_is_under_way() -> None:
    """Whoever also wants what somebody asks for already asks for the rest at once."""
    asked, done = asyncio.Event(), asyncio.Event()

    class Slow(Lanes):
        async def load_many(self, provider: Whom, verb: Verb, keys: Sequence[Hashable], **_: Any) -> Any:
            self.waited.append(list(keys))
            if "a" in keys:
                asked.set()
                await done.wait()
            else:
                done.set()
            return [_video(key) for key in keys]

    lanes = Slow()
    lookups = _lookups(lanes)
    first = asyncio.create_task(lookups.many(Provider.VOD, VERB, ["a"]))
    async with asyncio.timeout(20):
        await asked.wait()
        assert len(await lookups.many(Provider.VOD, VERB, ["a", "b"])) == 2
        await first
    assert lanes.waited == [["a"], ["b"]]


async def test_nobody_is_asked_for_what_nobody_wants() -> None:
    """Where all who wanted it are gone, so is the question."""
    asked, gone = asyncio.Event(), asyncio.Event()

    class Endless(Lanes):
        async def load_many(self, *_: Any, **__: Any) -> Any:
            asked.set()
            try:
                await asyncio.Event().wait()
            finally:
                gone.set()

    asking = asyncio.create_task(_lookups(Endless()).many(Provider.VOD, VERB, ["a"]))
    async with asyncio.timeout(20):
        await asked.wait()
        asking.cancel()
        await gone.wait()


async def test_outcomes_carry_no_trace_of_other_requests() -> None:
    """An error that memory holds does not gather the frames of those who were given it."""
    gone = NotFound("gone", provider=Provider.VOD)
    try:
        raise gone
    except NotFound:
        pass

    class Remembering(Lanes):
        def peek_many(self, *_: Any, **__: Any) -> Sequence[Any]:
            return [gone]

    assert await _lookups(Remembering()).many(Provider.VOD, VERB, ["a"]) == [gone]
    assert gone.__traceback__ is None
