"""The order of tasks."""

from __future__ import annotations

from gateway.listing.order import END, LAST_SECOND, START, key_of
from tests.listing.samples import task


def test_newest_comes_first_and_equal_seconds_go_by_id() -> None:
    """The order is total, and begins and ends beyond every task."""
    tasks = [task("b", 5), task("a", 5), task("c", 9), task("d", 1)]
    keys = [key for one in tasks if (key := key_of(one))]
    assert [task_id for _, task_id in sorted(keys)] == ["c", "a", "b", "d"]
    assert START < (-LAST_SECOND, "") < min(keys) < max(keys) < END


def test_between_two_seconds_there_is_a_place() -> None:
    """A place can say that a second has been read, and the one before it has not."""
    assert (-6, "zzz") < (-5, "") < (-5, "a") < (-4, "")


def test_a_task_without_a_time_has_no_place_of_its_own() -> None:
    """Its place follows from its neighbours in the listing, which is not this room's to know."""
    assert key_of(task("a", None)) is None
