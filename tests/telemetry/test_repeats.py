"""Repeated trouble, told for a while."""

from __future__ import annotations

from gateway.telemetry.repeats import Repeats


def test_the_same_is_told_a_few_times_a_minute() -> None:
    """After that it is counted, and the next one told says how many there were."""
    now = 0.0
    repeats = Repeats(3, now=lambda: now)
    assert [repeats.told("a") for _ in range(5)] == [0, 0, 0, None, None]
    assert repeats.told("b") == 0
    now = 61.0
    assert repeats.told("a") == 2
    assert repeats.told("a") == 0


def test_kinds_of_trouble_are_bounded() -> None:
    """Trouble that is different every time does not fill memory."""
    repeats = Repeats()
    for kind in range(5000):
        repeats.told(kind)
    assert len(repeats._heard) == 1000
