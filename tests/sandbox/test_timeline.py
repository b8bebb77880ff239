"""Work that moves with the clock, and series of it."""

from collections import Counter
from itertools import pairwise

import pytest

from gateway.sandbox.dice import Dice
from gateway.sandbox.timeline import DAY, LONGEST_WAIT, LONGEST_WORK, Series, State, Work

NOW = 1_795_000_000.5
STATES: tuple[State, ...] = ("queued", "running", "succeeded", "failed", "cancelled")


@pytest.fixture(scope="module")
def series() -> Series:
    """A new piece of work every twenty seconds for two days."""
    return Series(
        Dice(7), "test", pace=20, history=2 * DAY, hand={"succeeded": 80, "failed": 15, "cancelled": 5}
    )


def test_work_moves_through_its_states() -> None:
    """Work waits at zero, runs upwards, and ends where it ends."""
    work = Work(0, created=100, started=110, finished=210, outcome="succeeded", stops_at=100)
    assert [work.state(now) for now in (100, 110, 209.9, 210)] == [
        "queued",
        "running",
        "running",
        "succeeded",
    ]
    assert [work.progress(now) for now in (100, 111, 160, 209.99, 210)] == [0, 1, 50, 99, 100]


def test_failed_work_stops_short() -> None:
    """The progress of failed work stays where it stopped."""
    work = Work(0, created=0, started=0, finished=20, outcome="failed", stops_at=20)
    assert [work.progress(now) for now in (10, 20, 1000)] == [10, 20, 20]


def test_progress_moves_every_two_seconds(series: Series) -> None:
    """Running work shows a new figure every two seconds or faster, and never a smaller one."""
    for number in series.numbers(NOW)[-300:]:
        work = series.work(number)
        figures = [
            work.progress(work.started + 2 * step) for step in range((work.finished - work.started) // 2)
        ]
        assert all(later > earlier for earlier, later in pairwise(figures))


def test_numbers_of_a_window(series: Series) -> None:
    """A window holds exactly what was created in it, both ends included, and nothing future or forgotten."""
    numbers = series.numbers(NOW)
    created = [series.work(number).created for number in numbers]
    assert created == sorted(set(created))
    assert created[0] >= NOW - 2 * DAY
    assert created[-1] <= NOW
    assert series.work(numbers[0] - 1).created < NOW - 2 * DAY
    assert series.work(numbers[-1] + 1).created > NOW
    assert series.numbers(NOW, created[10], created[20]) == numbers[10:21]
    assert series.numbers(NOW, created[10] + 1, created[20] - 1) == numbers[11:20]


def test_empty_windows(series: Series) -> None:
    """A window before history, after now, or between two creations is empty."""
    assert len(series.numbers(NOW, 0, 1000)) == 0
    assert len(series.numbers(NOW, NOW + 100, NOW + 200)) == 0
    assert len(series.numbers(NOW, NOW, NOW - 5000)) == 0


@pytest.mark.parametrize("states", [(state,) for state in STATES] + [STATES, ("failed", "running"), ()])
def test_matches_agree_with_a_scan(series: Series, states: tuple[State, ...]) -> None:
    """What arithmetic selects is what looking at every piece of work would."""
    for since in (None, NOW - 7000, NOW - 123, NOW - 10):
        numbers = series.numbers(NOW, since)
        scanned = [number for number in numbers if series.work(number).state(NOW) in states]
        matches = series.matching(numbers, states, NOW)
        assert list(matches) == scanned
        assert len(matches) == len(scanned)
        assert matches[:-8:-1] == scanned[:-8:-1]
        assert matches[3:9] == scanned[3:9]
        with pytest.raises(IndexError):
            matches[len(scanned)]


def test_hand_is_dealt_exactly(series: Series) -> None:
    """Any hundred in a row end as the hand says."""
    numbers = series.numbers(NOW)[200:300]
    outcomes = Counter(series.work(number).outcome for number in numbers)
    assert outcomes == {"succeeded": 80, "failed": 15, "cancelled": 5}


def test_nothing_lasts_longer_than_promised(series: Series) -> None:
    """All work has ended within the longest wait and the longest run, on which the arithmetic relies."""
    for number in series.numbers(NOW)[-500:]:
        work = series.work(number)
        assert work.created < work.started < work.finished <= work.created + LONGEST_WAIT + LONGEST_WORK
