"""Settling."""

from __future__ import annotations

import asyncio

from gateway.domain.errors import NotFound
from gateway.upstream.cache import Memory
from gateway.upstream.flight import Desk, Flight, Stage
from gateway.upstream.ledger import Ledger
from gateway.upstream.line import Line
from gateway.upstream.own_quota import OwnQuota
from gateway.upstream.pace import Pace
from gateway.upstream.policy import Policy, QuotaPolicy
from gateway.upstream.status import Meter
from tests.upstream.conftest import unavailable, video
from tests.upstream.test_line import desk, queue


def books() -> tuple[Ledger, Line, Desk]:
    """Return an empty ledger with its line and its one desk."""
    one, line, policy = desk(), Line(), Policy()
    quota = OwnQuota(Pace(15, QuotaPolicy()))
    ledger = Ledger(
        desks=[one], memory=Memory(policy.memory), line=line, quota=quota, meter=Meter(), policy=policy
    )
    return ledger, line, one


async def test_windows_stretch_with_the_number_of_hot_keys() -> None:
    """The more keys there are to refresh, the longer a record counts as fresh."""
    ledger, _, one = books()
    entry = ledger.remember(one, "k", video("k"))
    assert entry.fresh_until == 1.0
    for number in range(700):
        ledger.remember(one, f"k{number}", video(f"k{number}"))
    entry = ledger.remember(one, "k", video("k"))
    assert 4.9 < entry.fresh_until < 5.1


async def test_a_failed_flight_brings_the_last_known_answer() -> None:
    """Waiters of a failed call get the old record while it is kept, and the error afterwards."""
    ledger, line, one = books()
    old = ledger.remember(one, "k", video("k")).answer
    for wait, expected in ((100.0, old), (1000.0, None)):
        await asyncio.sleep(wait)
        waiter, error = queue(line, one, None, "k"), unavailable()
        ledger.fail(one.flights["k"], error)
        assert waiter.answers == {"k": expected or error}


async def test_news_answer_those_to_whom_they_are_young_enough() -> None:
    """Of two waiters for one key, the one that wants younger data goes on waiting."""
    ledger, line, one = books()
    easy = queue(line, one, None, "k", max_age=5.0)
    picky = queue(line, one, None, "k", max_age=1.0)
    flight = one.flights["k"]
    ledger.offer(flight, ledger.remember(one, "k", video("k"), age=3.0))
    assert (easy.done.done(), picky.done.done(), flight.stage) == (True, False, Stage.WAITING)
    ledger.offer(flight, ledger.remember(one, "k", video("k"), age=0.5))
    assert picky.done.done()
    assert flight.stage is Stage.OVER


async def test_a_suspect_is_not_refreshed_unasked() -> None:
    """A key that spoils calls rides on none that somebody else makes."""
    ledger, _, one = books()
    entry = ledger.remember(one, "k", NotFound("No such id."))
    one.suspect("k")
    ledger.want(one, entry)
    assert one.rotation.due_at(0.0) == float("inf")


async def test_what_is_under_way_is_not_wanted_again() -> None:
    """A stale answer given while its refresh is in flight queues nothing."""
    ledger, _, one = books()
    entry = ledger.remember(one, "k", NotFound("No such id."))
    one.flights["k"] = Flight(one, "k", Stage.AIRBORNE, set())
    ledger.want(one, entry)
    assert one.rotation.due_at(0.0) == float("inf")
