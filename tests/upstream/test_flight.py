"""Desks, flights, waiters."""

from __future__ import annotations

from collections.abc import Hashable

from gateway.domain.errors import NotFound
from gateway.upstream.flight import Flight, Stage, Waiter, waiting_for
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
    assert Flight(one, "k", Stage.WAITING, set()).alone
    one.trust("k")
    assert "k" not in one.suspects


async def test_a_waiter_wakes_after_its_last_answer() -> None:
    """A request for two keys is done when both are answered, and notes each."""
    waiter, error = Waiter(desk(), "aba", caller=None, max_age=None), NotFound("No such id.")
    waiter.answer({"a": error, "not asked for": error})
    assert waiter.pending == {"b"}
    assert not waiter.done.done()
    waiter.answer({"b": error})
    assert waiter.done.done()
    assert waiter.answers.items() >= {"a": error, "b": error}.items()


async def test_those_who_wait_for_several_flights_are_told_of_once() -> None:
    """A call is shared by requests, however many of its keys each of them asks for."""
    one = desk()
    both, second = (Waiter(one, keys, caller=None, max_age=None) for keys in ("ab", "b"))
    flights = [Flight(one, "a", Stage.AIRBORNE, {both}), Flight(one, "b", Stage.AIRBORNE, {both, second})]
    assert waiting_for(flights) == {both, second}
    assert not waiting_for([])


async def test_a_waiter_without_a_caller_is_its_own() -> None:
    """Requests that do not say who asks take turns one by one."""

    def caller(name: str | None) -> Hashable:
        return Waiter(desk(), "a", caller=name, max_age=None).caller

    assert caller(None) != caller(None)
    assert caller("alice") == caller("alice")
