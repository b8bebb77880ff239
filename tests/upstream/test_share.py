"""A replica's part of the quota."""

from __future__ import annotations

import asyncio
import math
from itertools import pairwise

import pytest

from gateway.upstream.pace import Pace
from gateway.upstream.policy import QuotaPolicy
from gateway.upstream.share import Share, part_of
from tests.upstream.conftest import now


def share(replicas: int) -> Share:
    """Return the share of one of some replicas."""
    return Share(Pace(15, QuotaPolicy()), replicas)


@pytest.mark.parametrize("replicas", range(1, 16))
def test_shares_add_up_to_the_limit(replicas: int) -> None:
    """Shares that are out of step fill no second beyond the limit, late slots included."""
    spacing = 1 / (14 * part_of(Pace(15, QuotaPolicy()), replicas))
    in_any_second = math.ceil((1 + 1 / 14) / spacing - 1e-9)
    assert replicas * in_any_second <= 15


async def test_slots_keep_their_distance_however_late_one_is() -> None:
    """What was late is not made up for."""
    times: list[float] = []
    one = share(3)
    for late in (0.0, 0.15, 0.0, 0.4, 0.0, 0.0):
        await one.slot()
        times.append(now())
        await asyncio.sleep(late)
    assert all(later - sooner >= 1 / one.rate(now()) - 1e-9 for sooner, later in pairwise(times))


async def test_a_refunded_slot_is_granted_again() -> None:
    """A slot nobody wanted does not delay the next."""
    one = share(3)
    await one.slot()
    one.refund()
    await one.slot()
    assert now() == 0.0


async def test_a_held_share_waits() -> None:
    """Nothing is granted before the instant that was named."""
    one = share(3)
    one.hold(2.0)
    assert one.free_at == 2.0
    await one.slot()
    assert now() == 2.0
