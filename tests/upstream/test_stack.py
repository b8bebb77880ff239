"""The room's front door."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable

import pytest

from gateway.domain.errors import NotConfigured, NotFound, NotOffered
from gateway.domain.provider import Verb, VideoPage
from gateway.domain.records import Job, Provider, Task, TaskPage, Video
from gateway.upstream.stack import Upstream
from tests.upstream.conftest import FakeProvider, busiest_second, now, rejected, running, throttled, videos


async def test_a_provider_without_a_client_is_not_configured(provider: FakeProvider) -> None:
    """Asking for a provider that this deployment does not have says so."""
    async with running(provider) as upstream:
        with pytest.raises(NotConfigured):
            await upstream.load(Provider.IMS, Verb.TASK_BY_ID, "t")


async def test_a_verb_the_provider_lacks_is_not_offered(provider: FakeProvider) -> None:
    """Asking for what a provider cannot do says so, without a call."""
    async with running(provider) as upstream:
        with pytest.raises(NotOffered):
            await upstream.load_many(Provider.VOD, Verb.TASKS_IN_WINDOW, [])
        with pytest.raises(NotOffered):
            upstream.peek_many(Provider.VOD, Verb.TASKS_IN_WINDOW, [])


async def test_every_verb_reaches_its_method(provider: FakeProvider) -> None:
    """Each verb is answered by the provider's method for it."""
    page = VideoPage(video_id="v")
    async with running(provider) as upstream:
        assert isinstance(await upstream.load(Provider.VOD, Verb.LATEST_BY_VIDEO, "v"), Video)
        assert isinstance(await upstream.load(Provider.VOD, Verb.TASK_BY_ID, "t"), Task)
        assert isinstance(await upstream.load(Provider.VOD, Verb.JOBS_BY_ID, "j"), Job)
        assert isinstance(await upstream.load(Provider.VOD, Verb.TASKS_OF_VIDEO, page), TaskPage)


async def test_load_raises_what_load_many_returns(provider: FakeProvider) -> None:
    """One key's error is raised, each time without the traces of earlier times."""
    provider.unknown = {"nope"}
    async with running(provider) as upstream:
        depths = []
        for _ in range(3):
            with pytest.raises(NotFound) as caught:
                await upstream.load(Provider.VOD, Verb.LATEST_BY_VIDEO, "nope")
            depths.append(len(caught.traceback))
    assert len(set(depths)) == 1


async def test_peeking_returns_all_or_nothing(provider: FakeProvider) -> None:
    """Without waiting there is an answer for every key, or none at all."""
    async with running(provider) as upstream:
        await videos(upstream, "a", "b")
        peek = upstream.peek_many(Provider.VOD, Verb.LATEST_BY_VIDEO, ["b", "a"])
        assert peek == await videos(upstream, "b", "a")
        assert upstream.peek_many(Provider.VOD, Verb.LATEST_BY_VIDEO, ["a", "c"]) is None
        assert upstream.peek_many(Provider.VOD, Verb.LATEST_BY_VIDEO, ["a"], max_age=0.0) is not None
        await asyncio.sleep(0.2)
        assert upstream.peek_many(Provider.VOD, Verb.LATEST_BY_VIDEO, ["a"], max_age=0.1) is None
    assert len(provider.calls) == 1


async def test_freshness_runs_out(provider: FakeProvider) -> None:
    """What is left of several records is what is left of the first to end; of an unknown one nothing is."""
    async with running(provider) as upstream:
        await videos(upstream, "a", "b")

        def left(*keys: str) -> float:
            return upstream.fresh_for(Provider.VOD, Verb.LATEST_BY_VIDEO, keys)

        first = left("a")
        await asyncio.sleep(0.2)
        assert 0 < left("a") < first
        assert left("a", "b") == min(left("a"), left("b"))
        assert left("a", "unknown") == left() == 0


async def test_a_hit_makes_no_task_and_no_timer(provider: FakeProvider) -> None:
    """Answering from memory never suspends, so a coroutine that does nothing else ends at its first step."""
    async with running(provider) as upstream:
        await videos(upstream, "a")
        with pytest.raises(StopIteration) as ended:
            upstream.load_many(Provider.VOD, Verb.LATEST_BY_VIDEO, ["a"]).send(None)
        assert isinstance(ended.value.value[0], Video)


@pytest.mark.parametrize(("pollers", "ids", "median", "most"), [(200, 100, 0.45, 0.85), (400, 250, 1.0, 2.0)])
async def test_browsers_that_poll_see_data_as_young_as_the_quota_allows(
    provider: FakeProvider, pollers: int, ids: int, median: float, most: float
) -> None:
    """For thirty seconds of polling every two: no error, no call too many, and the promised ages."""
    dice, ages, waits = random.Random(7), list[float](), list[float]()
    async with running(provider) as upstream:
        _, desk = upstream._desks[Provider.VOD, Verb.LATEST_BY_VIDEO]

        async def poll() -> None:
            mine = [f"v{number}" for number in dice.sample(range(ids), dice.choice((1, 2)))]
            await asyncio.sleep(dice.uniform(0, 2))
            for turn in range(15):
                started = now()
                answers = await videos(upstream, *mine)
                assert all(isinstance(answer, Video) for answer in answers)
                if turn:
                    waits.append(now() - started)
                    ages.extend(now() - desk.shelf[video_id].observed for video_id in mine)
                await asyncio.sleep(2)

        await asyncio.gather(*(poll() for _ in range(pollers)))
    ages.sort()
    assert ages[len(ages) // 2] <= median
    assert ages[len(ages) * 95 // 100] <= most
    assert max(waits) == 0.0
    assert busiest_second(provider.times) <= 15


async def test_a_failing_provider_leaves_the_others_alone(provider: FakeProvider) -> None:
    """One provider down, another throttling: the third answers as if alone."""
    down, jammed = FakeProvider(), FakeProvider()
    down.provider, jammed.provider = Provider.IMS, Provider.VISIONULAR
    down.down, jammed.down = rejected(), throttled()
    waits: list[float] = []

    async def ask(upstream: Upstream, provider: Provider) -> None:
        for number in range(40):
            started = now()
            asked: Awaitable[object] = upstream.load_many(
                provider, Verb.LATEST_BY_VIDEO, [f"v{number}"], deadline=now() + 1
            )
            await asked
            if provider is Provider.VOD:
                waits.append(now() - started)
            await asyncio.sleep(0.1)

    async with running(provider, down, jammed) as upstream:
        await asyncio.gather(*(ask(upstream, each) for each in Provider))
    # The lane may be refreshing its own hot ids when a new one comes: one spacing, and the call.
    assert max(waits) <= 1 / 14 + provider.latency + 1e-6
