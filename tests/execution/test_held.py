"""Objects that are remembered: known again, and no longer there than they are counted for."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from msgspec import Struct

from gateway.execution import held


class Loose(Struct, frozen=True, weakref=True):
    """What the collector sees."""

    title: str


class Fixed(Struct, frozen=True, gc=False):
    """What it does not see."""

    title: str
    at: datetime
    parts: Sequence[Fixed] = ()


def test_what_can_be_referred_to_weakly_lives_no_longer() -> None:
    """And weighs nothing."""
    one = Loose("a")
    tell, weight = held(one)
    assert (tell() is one, weight) == (True, 0)
    del one
    gc.collect()
    assert tell() is None


def test_what_cannot_is_kept_alive() -> None:
    """So that its number is not given to another object."""
    one = Fixed("a", datetime(2026, 11, 22, tzinfo=UTC))
    tell, weight = held(one)
    assert tell() is one
    assert weight


@pytest.mark.parametrize("parts", [0, 5, 40])
def test_what_is_kept_alive_is_weighed(parts: int) -> None:
    """About what it takes, whatever it is made of."""

    def made(number: int, *more: Fixed) -> Fixed:
        return Fixed(f"{number:032}", datetime(2026, 11, 22, 8, number % 60, tzinfo=UTC), more)

    tracemalloc.start()
    try:
        several = [made(number, *map(made, range(parts))) for number in range(50)]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    weight = sum(held(one)[1] for one in several)
    assert taken / 3 < weight < taken * 3


def test_what_can_be_neither_is_refused() -> None:
    """Nobody knows what it takes."""
    with pytest.raises(TypeError):
        held((object(),))
