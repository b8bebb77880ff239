"""Turns."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import NotFound
from gateway.domain.provider import Verb
from gateway.upstream.flight import Desk, Flight, Stage, Waiter
from gateway.upstream.line import Line
from gateway.upstream.policy import RefreshPolicy
from gateway.upstream.rotation import Rotation
from tests.upstream.conftest import VirtualLoop


async def _unused(_: Sequence[Any]) -> Mapping[Any, Any]:
    raise AssertionError


def desk(seats: int = 10) -> Desk:
    """Return a desk that is never served."""
    rotation = Rotation(RefreshPolicy())
    return Desk("desk", Verb.LATEST_BY_VIDEO, seats=seats, fetch=_unused, rotation=rotation)


def queue(line: Line, at: Desk, caller: Hashable, *keys: str, max_age: float | None = None) -> Waiter:
    """Let a caller line up for some keys."""
    waiter = Waiter(at, keys, caller=caller, max_age=max_age)
    for key in keys:
        if flight := at.flights.get(key):
            line.join(waiter, flight)
        else:
            flight = at.flights[key] = Flight(at, key, Stage.LOOKING, {waiter})
            line.admit(flight)
    return waiter


def keys_of(flights: list[Flight]) -> list[Any]:
    """Return what flights are for."""
    return [flight.key for flight in flights]


async def test_callers_take_turns_key_by_key() -> None:
    """A batch takes one key of each caller before it takes a second of any."""
    line, one = Line(), desk(seats=4)
    queue(line, one, "a", "a1", "a2", "a3")
    queue(line, one, "b", "b1")
    queue(line, one, "c", "c1", "c2")
    assert keys_of(line.take()) == ["a1", "b1", "c1", "a2"]
    assert keys_of(line.take()) == ["c2", "a3"]


async def test_a_callers_keys_stay_together_where_that_delays_nobody() -> None:
    """A turn then lasts until its caller has no key left, and goes on in the next batch."""
    line, one = Line(), desk(seats=4)
    queue(line, one, "a", "a1", "a2", "a3", "a4", "a5", "a6")
    queue(line, one, "b", "b1", "b2", "b3")
    queue(line, one, "c", "c1", "c2")
    assert keys_of(line.take(together=True)) == ["a1", "a2", "a3", "a4"]
    assert keys_of(line.take(together=True)) == ["a5", "a6", "b1", "b2"]
    assert keys_of(line.take()) == ["b3", "c1", "c2"]


async def test_a_batch_is_of_one_desk_and_the_other_goes_next() -> None:
    """Keys of another verb wait for their own call, and are the first to get one."""
    line, one, two = Line(), desk(), desk()
    queue(line, one, "a", "a1", "a2")
    queue(line, two, "b", "b1")
    assert keys_of(line.take()) == ["a1", "a2"]
    assert keys_of(line.take()) == ["b1"]
    assert len(line) == 0


async def test_free_seats_of_a_call_go_to_its_own_desk_and_to_no_suspect() -> None:
    """A call that has keys already takes more of the same verb, as many as asked for."""
    line, one, two = Line(), desk(), desk()
    one.suspect("bad")
    queue(line, two, "x", "x1")
    queue(line, one, "a", "bad")
    queue(line, one, "b", "b1", "b2", "b3")
    assert keys_of(line.take(one, 2)) == ["b1", "b2"]
    assert len(line) == 3


async def test_a_suspect_flies_alone() -> None:
    """A key that spoils calls gets one to itself, in its turn."""
    line, one = Line(), desk()
    one.suspect("bad")
    queue(line, one, "a", "a1", "bad", "a2")
    assert [keys_of(line.take()) for _ in range(2)] == [["a1", "a2"], ["bad"]]


async def test_returned_flights_go_first() -> None:
    """What failed for a passing reason has waited longest."""
    line, one = Line(), desk(seats=2)
    queue(line, one, "a", "a1", "a2")
    failed = line.take()
    queue(line, one, "b", "b1", "b2")
    line.rejoin(failed)
    assert keys_of(line.take()) == ["a1", "a2"]


async def test_a_pack_leaves_as_it_was_put_together() -> None:
    """Halves of a batch are not mixed with anything, and lose those nobody waits for any more."""
    line, one = Line(), desk()
    gone = queue(line, one, "a", "a1")
    queue(line, one, "b", "b1")
    line.rejoin_together(line.take())
    queue(line, one, "b", "b2")
    line.leave(gone)
    assert keys_of(line.take_pack()) == ["b1"]
    assert line.take_pack() == []


async def test_keys_ahead_are_counted_with_turns_in_mind() -> None:
    """A newcomer waits for one key of each caller, a caller with many keys for its own as well."""
    line, one = Line(), desk()
    queue(line, one, "a", *(f"a{number}" for number in range(100)))
    queue(line, one, "b", "b1")
    assert line.ahead("new", one) == 2
    assert line.ahead("b", one) == 3
    assert line.ahead("a", one) == 101


async def test_landing_twice_changes_nothing() -> None:
    """A flight that is over is not taken out of the books again, nor a new one for the same key."""
    line, one = Line(), desk()
    queue(line, one, "a", "k")
    first = one.flights["k"]
    line.land(first)
    queue(line, one, "b", "k")
    line.land(first)
    assert len(line) == 1
    assert one.flights["k"] is not first


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["join", "leave", "take", "rejoin", "land"]), st.integers(0, 5)),
        max_size=60,
    )
)
def test_the_count_is_always_right(steps: list[tuple[str, int]]) -> None:
    """After any history, the line counts exactly those flights that wait and are waited for."""

    async def play() -> None:
        line, one = Line(), desk(seats=3)
        waiters: deque[Waiter] = deque()
        flying: list[Flight] = []
        for step, number in steps:
            if step == "join":
                waiters.append(queue(line, one, number % 3, *{f"k{number % 4}", f"k{number}"}))
            elif step == "leave" and waiters:
                waiters.rotate(number)
                line.leave(waiters.pop())
            elif step == "take":
                flying += line.take_pack() or line.take()
            elif flying and step == "rejoin":
                flight = flying.pop()
                (line.rejoin if number % 2 else line.rejoin_together)([flight])
            elif flying:
                landed = flying.pop()
                line.land(landed)
                for waiter in landed.waiters:
                    waiter.answer({landed.key: NotFound("No such id.")})
            waiting = [flight for flight in one.flights.values() if flight.stage is Stage.WAITING]
            assert len(line) == len(waiting)
            assert set(line.waiting()) == set(waiting)
        while taken := line.take_pack() or line.take():
            assert all(flight.stage is Stage.AIRBORNE for flight in taken)
        assert len(line) == 0

    loop = VirtualLoop()
    try:
        loop.run_until_complete(play())
    finally:
        loop.close()


@pytest.mark.parametrize("callers", [1, 7, 40])
async def test_everybody_is_served_once(callers: int) -> None:
    """Every key leaves exactly once, whoever else asks for it."""
    line, one = Line(), desk()
    for caller in range(callers):
        queue(line, one, caller, *(f"k{number}" for number in range(caller, caller + 30)))
    left: list[Any] = []
    while batch := line.take():
        left += keys_of(batch)
    assert sorted(left) == sorted(f"k{number}" for number in range(callers + 29))
