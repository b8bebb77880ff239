"""The order of the layers, by effect."""

from __future__ import annotations

import asyncio

from gateway.domain.provider import Operation, Verb
from gateway.upstream.policy import Policy, RefreshPolicy
from tests.upstream.conftest import FakeProvider, busiest_second, rejected, running, throttled, videos


async def test_verbs_that_disagree_are_held_to_the_stricter_quota() -> None:
    """Where two verbs tell different quotas of one operation, the lower one holds."""
    provider = FakeProvider(
        {
            Verb.TASK_BY_ID: Operation(name="Get", max_keys=1, per_second=15, documented=True),
            Verb.JOBS_BY_ID: Operation(name="Get", max_keys=1, per_second=5, documented=False),
        }
    )
    async with running(provider) as upstream:
        (status,) = upstream.status()
    assert status.limit == 4
    assert status.verbs == (Verb.TASK_BY_ID, Verb.JOBS_BY_ID)


async def test_hit_retry_and_blame_stand_in_this_order(provider: FakeProvider) -> None:
    """A hit spends no slot, equal misses one, a throttled call one more, a bad id those of its halving."""
    provider.faults.extend([None, throttled()])
    provider.poisonous = {"bad": rejected()}
    async with running(provider, policy=Policy(refresh=RefreshPolicy(share=0))) as upstream:
        await asyncio.gather(*(videos(upstream, "a") for _ in range(10)))
        await videos(upstream, "a")
        assert len(provider.calls) == 1
        await videos(upstream, "b")
        assert len(provider.calls) == 3
        await asyncio.sleep(60)
        await videos(upstream, "c", "bad")
        assert len(provider.calls) == 6
    assert busiest_second(provider.times) <= 15
