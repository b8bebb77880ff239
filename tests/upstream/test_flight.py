"""Desks, flights, waiters."""

from __future__ import annotations

from gateway.domain.errors import NotFound
from gateway.upstream.flight import Flight, Stage, Waiter
from tests.upstream.test_line import desk


def test_suspicion_is_bounded() -> None:
    """However many keys misbehave, only so many are remembered, the latest."""
    one = desk()
    for number in range(1500):
        one.suspect(number)
    assert [number in one.suspects for number in (0, 499, 500, 1499)] == [False, False, True, True]


def test_a_trusted_key_is_no_suspect() -> None:
    """One call that goes well ends the suspicion."""
    one = desk()
    one.suspect("k")
    assert Flight(one, "k", Stage.WAITING).alone
    one.trust("k")
    assert "k" not in one.suspects


async def test_a_waiter_wakes_after_its_last_answer() -> None:
    """A request for two keys is done when both are answered, and notes each."""
    one, waiter = desk(), Waiter(None, None)
    flights = [Flight(one, key, Stage.WAITING) for key in "ab"]
    for flight in flights:
        waiter.pending.add(flight)
        flight.waiters.add(waiter)
    error = NotFound("No such id.")
    waiter.answer(flights[0], error)
    assert not waiter.done.done()
    waiter.answer(flights[1], error)
    assert waiter.done.done()
    assert waiter.answers == {"a": error, "b": error}
    assert not any(flight.waiters for flight in flights)


async def test_a_waiter_without_a_caller_is_its_own() -> None:
    """Requests that do not say who asks take turns one by one."""
    assert Waiter(None, None).caller != Waiter(None, None).caller
    assert Waiter("alice", None).caller == Waiter("alice", None).caller
