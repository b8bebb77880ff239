"""Everything that is being watched."""

from __future__ import annotations

import asyncio

import pytest

from gateway.domain.errors import NotConfigured
from gateway.domain.identity import TaskRef
from gateway.domain.provider import Verb
from gateway.domain.records import Provider
from tests.live.conftest import Follower, watching
from tests.upstream.conftest import FakeProvider, unavailable


async def test_any_number_of_followers_costs_the_calls_of_one() -> None:
    """They share the watch."""
    made = []
    for crowd in (1, 500):
        provider = FakeProvider()
        async with watching(provider) as watches:
            followers = [Follower(watches.video("a", "a")) for _ in range(crowd)]
            await asyncio.sleep(30)
            made.append(len(provider.calls))
            assert all(follower.states for follower in followers)
    assert made[0] == made[1]


async def test_the_end_is_told_and_nothing_is_called_after_it(provider: FakeProvider) -> None:
    """What has ended does not move."""
    async with watching(provider) as watches:
        follower = Follower(watches.video("a", "a"))
        await asyncio.sleep(3)
        assert [state.finished for state in follower.states] == [False]
        provider.finished.add("a")
        await asyncio.sleep(8)
        assert [state.finished for state in follower.states] == [False, True]
        provider.calls.clear()
        await asyncio.sleep(100)
        assert not provider.calls


async def test_a_provider_that_is_lost_is_trouble_and_its_return_is_told(provider: FakeProvider) -> None:
    """The last record stays beside it; the watch goes on."""
    async with watching(provider) as watches:
        follower = Follower(watches.video("a", "a"))
        await asyncio.sleep(3)
        provider.down = unavailable()
        await asyncio.sleep(60)
        last = follower.states[-1]
        assert last.trouble is not None
        assert last.observed_at == follower.states[0].observed_at
        provider.down = None
        await asyncio.sleep(40)
        assert follower.states[-1].trouble is None


async def test_what_a_query_learns_followers_hear_without_a_call_of_their_own(provider: FakeProvider) -> None:
    """Whoever asked, the watch hears of it."""
    async with watching(provider, quick=50.0, slow=100.0) as watches:
        follower = Follower(watches.video("a", "a"))
        await asyncio.sleep(8)
        provider.finished.add("a")
        upstream = watches._upstream
        await upstream.load(Provider.VOD, Verb.LATEST_BY_VIDEO, "a", max_age=0.0)
        assert follower.states[-1].finished


async def test_an_unknown_id_is_no_trouble_and_may_come_to_be(provider: FakeProvider) -> None:
    """A page may be open before its video is made."""
    provider.unknown.add("a")
    async with watching(provider) as watches:
        follower = Follower(watches.video("a", "a"))
        await asyncio.sleep(5)
        [state] = follower.states
        assert (state.finished, state.trouble) == (False, None)
        assert state.observed_at is not None
        provider.unknown.clear()
        await asyncio.sleep(20)
        assert len(follower.states) == 2


async def test_a_provider_that_is_not_configured_cannot_be_watched(provider: FakeProvider) -> None:
    """Which is told at once, and leaves nothing behind."""
    async with watching(provider) as watches:
        with pytest.raises(NotConfigured):
            watches.task("t", TaskRef(provider=Provider.IMS, provider_id="7"))
