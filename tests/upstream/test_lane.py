"""What holds a lane together: its end, its status, and what it is told unasked."""

from __future__ import annotations

import asyncio

import pytest

from gateway.domain.errors import Unavailable
from gateway.domain.provider import Verb
from gateway.domain.records import Provider, Status, Video
from gateway.upstream.freshness import Answer
from gateway.upstream.policy import Policy, RefreshPolicy
from tests.upstream.conftest import FakeProvider, running, video, videos

RESTING = Policy(refresh=RefreshPolicy(share=0.0))
"""Lanes that call only when somebody asks, so that every call can be accounted for."""


async def test_closing_tells_whoever_waits(provider: FakeProvider) -> None:
    """Requests that are open when the gateway ends get an error and not silence."""
    async with running(provider) as upstream:
        tasks = [asyncio.create_task(videos(upstream, f"v{number}")) for number in range(30)]
        await asyncio.sleep(0.01)
    answers = [answer for task in tasks for answer in await task]
    assert len([answer for answer in answers if isinstance(answer, Unavailable)]) == 30


async def test_status_tells_what_happened(provider: FakeProvider) -> None:
    """Counters, quota, line and latency are there to be seen."""
    async with running(provider, policy=RESTING) as upstream:
        await videos(upstream, *(f"v{number}" for number in range(20)))
        await videos(upstream, "v1")
        status = upstream.status()[0]
    assert (status.provider, status.operation, status.limit, status.quota) == ("VOD", "Summary", 14, "own")
    assert (status.used, status.calls, status.keys, status.misses, status.hits) == (2, 2, 20, 20, 1)
    assert status.latency == pytest.approx(0.04)
    assert (status.circuit, status.last_error, status.waiting) == ("closed", None, 0)


def ended(answer: Answer) -> Answer | None:
    """Take a notification for the end of a video's task."""
    assert isinstance(answer, Video)
    return video(answer.video_id, Status.SUCCEEDED)


def status(answer: object) -> Status:
    """Return the state of a video's newest task."""
    assert isinstance(answer, Video)
    assert answer.latest_task
    return answer.latest_task.status


async def test_a_notification_is_seen_at_once_and_confirmed_by_the_next_call(provider: FakeProvider) -> None:
    """The record answers before any call is made; then a call that nobody waits for has the last word."""
    async with running(provider) as upstream:
        await videos(upstream, "a")
        await asyncio.sleep(30)
        calls = len(provider.calls)
        provider.finished = {"a"}
        assert await upstream.hear(Provider.VOD, Verb.LATEST_BY_VIDEO, "a", ended)
        [answer] = await videos(upstream, "a")
        assert (status(answer), len(provider.calls)) == (Status.SUCCEEDED, calls)
        await asyncio.sleep(1)
        assert len(provider.calls) == calls + 1
        await videos(upstream, "a")
        await asyncio.sleep(1)
        assert len(provider.calls) == calls + 1


async def test_a_call_that_set_out_before_the_end_does_not_take_it_back(provider: FakeProvider) -> None:
    """Its answer is older than the notification, though it comes later; the one after is believed again."""
    provider.latency = 0.5
    async with running(provider) as upstream:
        await videos(upstream, "a")
        await asyncio.sleep(1.1)
        waiting = asyncio.create_task(videos(upstream, "a", max_age=0.1))
        await asyncio.sleep(0.2)
        await upstream.hear(Provider.VOD, Verb.LATEST_BY_VIDEO, "a", ended)
        assert status((await waiting)[0]) is Status.SUCCEEDED
        # The provider never confirms: after a while it is right and the notification was not.
        seen = []
        for _ in range(60):
            seen.append(status((await videos(upstream, "a"))[0]))
            await asyncio.sleep(0.5)
        changes = seen.index(Status.RUNNING)
        assert set(seen[:changes]) == {Status.SUCCEEDED}
        assert set(seen[changes:]) == {Status.RUNNING}
        # While in doubt it was looked at in growing intervals, and not at every slot.
        assert len([at for at in provider.times if at < 10]) < 10


async def test_a_notification_about_what_nobody_asked_for_costs_nothing(provider: FakeProvider) -> None:
    """No record, no change, no call; and one that says too little leaves the record as it is."""
    async with running(provider) as upstream:
        assert not await upstream.hear(Provider.VOD, Verb.LATEST_BY_VIDEO, "b", ended)
        await asyncio.sleep(1)
        assert provider.calls == []
        await videos(upstream, "a")
        assert not await upstream.hear(Provider.VOD, Verb.LATEST_BY_VIDEO, "a", lambda _: None)
        assert status((await videos(upstream, "a"))[0]) is Status.RUNNING
        await asyncio.sleep(0.5)
        assert provider.batches[:2] == [("a",), ("a",)]
