"""Who fetches a key."""

from __future__ import annotations

import asyncio

from gateway.upstream.lease import Leases
from gateway.upstream.server import Server

REAL_TIME = True


async def test_a_key_is_claimed_by_one(link: Server) -> None:
    """Of two replicas that want a key, the first gets it, and gets it again."""
    one, two = Leases(link, seconds=10), Leases(link, seconds=10)
    assert await one.claim(["a", "b"]) == {"a", "b"}
    assert await two.claim(["b", "c"]) == {"c"}
    assert await one.claim(["a", "c"]) == {"a"}


async def test_a_released_key_is_free_and_a_strangers_is_not_released(link: Server) -> None:
    """A replica takes off its own marks only."""
    one, two = Leases(link, seconds=10), Leases(link, seconds=10)
    await one.claim(["a"])
    await two.release(["a"])
    assert await two.claim(["a"]) == set()
    await one.release(["a"])
    assert await two.claim(["a"]) == {"a"}


async def test_a_claim_runs_out(link: Server) -> None:
    """A replica that died while fetching keeps a key from the others for a moment only."""
    one, two = Leases(link, seconds=0.05), Leases(link, seconds=0.05)
    await one.claim(["a"])
    await asyncio.sleep(0.1)
    assert await two.claim(["a"]) == {"a"}
