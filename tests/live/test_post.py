"""When which watch is looked at."""

from __future__ import annotations

import asyncio

from tests.live.conftest import Follower, watching
from tests.upstream.conftest import FakeProvider, busiest_second, now


async def test_watches_keep_to_their_share_of_the_quota(provider: FakeProvider) -> None:
    """Three hundred watches cost no more than the share, and each gets its turn."""
    async with watching(provider, share=0.5, slow=100.0, settle=0.0) as watches:
        followers = [Follower(watches.video(str(n), str(n))) for n in range(300)]
        await asyncio.sleep(10)
        provider.calls.clear()
        await asyncio.sleep(30)
        looked_at = [key for batch in provider.batches for key in batch]
        assert len(provider.calls) <= 0.5 * 14 * 30 + 1
        assert busiest_second(provider.times) <= 8
        assert all(looked_at.count(str(n)) >= 6 for n in range(300))
        assert len(followers) == 300


async def test_watches_of_one_pace_share_their_calls(provider: FakeProvider) -> None:
    """A hundred watches cost ten calls a round, however they came."""
    async with watching(provider, settle=0.0) as watches:
        for n in range(100):
            Follower(watches.video(str(n), str(n)))
            await asyncio.sleep(0.013)
        await asyncio.sleep(10)
        provider.calls.clear()
        started = now()
        await asyncio.sleep(20)
        assert len(provider.calls) <= 10 * (now() - started) * 1.15


async def test_what_does_not_change_is_looked_at_ever_less(provider: FakeProvider) -> None:
    """The pause grows with the time that nothing has changed."""
    async with watching(provider) as watches:
        Follower(watches.video("a", "a"))
        await asyncio.sleep(400)
        provider.calls.clear()
        await asyncio.sleep(150)
        assert 9 <= len(provider.calls) <= 11


async def test_a_key_that_nobody_follows_any_more_is_left_alone(provider: FakeProvider) -> None:
    """With the last follower the calls end."""
    async with watching(provider) as watches:
        one, other = Follower(watches.video("a", "a")), Follower(watches.video("gid", "a"))
        await asyncio.sleep(3)
        one.leave()
        await asyncio.sleep(10)
        assert other.states
        provider.calls.clear()
        await asyncio.sleep(10)
        assert provider.calls
        other.leave()
        assert len(watches) == 0
        provider.calls.clear()
        await asyncio.sleep(60)
        assert not provider.calls


async def test_what_spoils_calls_is_looked_at_alone(provider: FakeProvider) -> None:
    """Its neighbours go on; it has trouble of its own."""
    from tests.upstream.conftest import rejected  # noqa: PLC0415

    provider.poisonous["bad"] = rejected()
    async with watching(provider) as watches:
        followers = {key: Follower(watches.video(key, key)) for key in ("a", "b", "bad")}
        await asyncio.sleep(30)
        assert followers["a"].states[-1].trouble is None
        trouble = followers["bad"].states[-1].trouble
        assert trouble is not None
        assert trouble.code == "UPSTREAM_REJECTED"
        provider.poisonous.clear()
        await asyncio.sleep(60)
        assert followers["bad"].states[-1].trouble is None
