"""Calls in a sliding second."""

from gateway.sandbox.quota import Quota, SlidingSecond

from .clients import Clock


def test_sliding_second() -> None:
    """An event counts for one second and not a moment longer."""
    second = SlidingSecond()
    for moment in (0.0, 0.5, 0.75):
        second.add(moment)
    assert [second.count(moment) for moment in (0.75, 0.999, 1.0, 1.5, 1.75)] == [3, 3, 2, 1, 0]
    assert second.peak == 3


def test_no_second_holds_more_than_the_quota() -> None:
    """Whenever a second begins, it holds no more than the quota: the edge of a fixed window is no gap."""
    clock = Clock(0)
    quota = Quota(15, {}, clock)
    accepted = []
    for tick in range(400):
        clock.moment = tick / 100
        if quota.accept("list_task", 1):
            accepted.append(clock.moment)
    assert max(sum(start <= moment < start + 1 for moment in accepted) for start in accepted) == 15
    assert len(accepted) == 60


def test_refused_calls_take_no_room() -> None:
    """A client that keeps calling gets through as soon as the accepted calls are a second old."""
    clock = Clock(0)
    quota = Quota(1, {}, clock)
    results = []
    for moment in (0, 0.4, 0.8, 1.0, 1.2):
        clock.moment = moment
        results.append(quota.accept("list_task", 1))
    assert results == [True, False, False, True, False]


def test_operations_are_counted_apart() -> None:
    """Each operation has its own limit and record."""
    quota = Quota(1, {"query_task": 2}, Clock(0))
    quota.offer("list_task")
    assert quota.accept("list_task", 0)
    assert [quota.accept("query_task", 3) for _ in range(3)] == [True, True, False]
    quota.fail("query_task")
    assert quota.report()["query_task"] == {
        "made": 0,
        "refused": 1,
        "failed": 1,
        "ids": 6,
        "peak": 2,
        "peak_offered": 0,
    }
    assert quota.report()["list_task"]["made"] == 1
    quota.reset()
    assert quota.report() == {}
