"""What is refreshed although nobody waits."""

from __future__ import annotations

from gateway.upstream.cache import Entry, Memory, Shelf
from gateway.upstream.freshness import Kind, Term
from gateway.upstream.policy import MemoryPolicy, RefreshPolicy, Windows
from gateway.upstream.rotation import Rotation
from tests.upstream.conftest import video


def entry(key: str, at: float, *, kind: Kind = Kind.MOVING, fresh: float = 1.0) -> Entry:
    """Return an entry that was observed, and asked for, at an instant."""
    windows = Windows(fresh=fresh, stale=10.0, kept=100.0)
    memory = Memory(MemoryPolicy())
    (entry,) = memory.put(Shelf(), {key: video(key)}, lambda _: Term.of(kind, windows, at), at)
    return entry


def keys(entries: list[Entry]) -> list[object]:
    """Return what entries are for."""
    return [entry.key for entry in entries]


def test_the_most_overdue_go_first() -> None:
    """Keys are taken in the order in which they were last looked up."""
    rotation = Rotation(RefreshPolicy())
    for number in range(5):
        rotation.seen([entry(f"k{number}", at=number / 10)], 0.5)
    assert keys(rotation.take(3, 1.0, besides=())) == ["k0", "k1", "k2"]
    assert len(rotation) == 2


def test_a_key_is_due_after_half_its_fresh_window() -> None:
    """Refreshing runs ahead of expiry, and not further than it is told to."""
    rotation = Rotation(RefreshPolicy(ahead=0.5))
    assert rotation.due_at(0.0) == float("inf")
    rotation.seen([entry("k", at=1.0, fresh=4.0)], 1.0)
    assert rotation.due_at(1.0) == 3.0


def test_a_wanted_key_is_due_now() -> None:
    """What was just served stale need not wait for any window."""
    rotation = Rotation(RefreshPolicy())
    rotation.want(entry("k", at=1.0, kind=Kind.RESTING), 2.0)
    assert rotation.due_at(2.0) == 2.0


def test_lateness_is_measured_in_fresh_windows() -> None:
    """A flood of barely stale videos does not push the moving ones back."""
    rotation = Rotation(RefreshPolicy(hot_for=100.0))
    rotation.seen([entry("moving", at=30.0)], 30.0)
    rotation.want(entry("resting", at=0.0, kind=Kind.RESTING, fresh=30.0), 31.0)
    assert keys(rotation.take(2, 31.5, besides=())) == ["moving", "resting"]


def test_what_nobody_asks_for_any_more_is_passed_over() -> None:
    """A key that has gone cold is forgotten when its turn comes."""
    rotation = Rotation(RefreshPolicy(hot_for=5.0))
    rotation.seen([entry("cold", at=0.0)], 0.0)
    hot = entry("hot", at=1.0)
    rotation.seen([hot], 1.0)
    hot.asked = 6.0
    assert keys(rotation.take(5, 6.0, besides=())) == ["hot"]


def test_only_moving_records_rotate() -> None:
    """A record that is over leaves the rotation with the call that says so."""
    rotation = Rotation(RefreshPolicy())
    rotation.seen([entry("k", at=0.0)], 0.0)
    rotation.seen([entry("k", at=1.0, kind=Kind.FINISHED)], 1.0)
    assert len(rotation) == 0


def test_a_key_tried_in_vain_is_not_due_at_once() -> None:
    """A hot key whose refresh fails is tried again a while later, however often it is polled meanwhile."""
    rotation, failing = Rotation(RefreshPolicy()), entry("k", at=0.0)
    rotation.seen([failing], 0.0)
    rotation.take(1, 1.0, besides=())
    rotation.tried(failing, 1.0)
    assert rotation.due_at(1.0) == 1.5
    rotation.take(1, 1.0, besides=())
    rotation.want(failing, 1.2)
    assert rotation.due_at(1.2) == float("inf")


def test_keys_under_way_are_left_out() -> None:
    """No key is fetched twice at a time."""
    rotation = Rotation(RefreshPolicy())
    for key in "ab":
        rotation.seen([entry(key, at=0.0)], 0.0)
    assert keys(rotation.take(2, 1.0, besides={"a"})) == ["b"]


def test_what_is_called_up_goes_before_all_others() -> None:
    """A notification is a better reason than any age, if somebody asked for the key within a minute."""
    rotation = Rotation(RefreshPolicy(called_up=60.0, hot_for=5.0))
    rotation.want(entry("late", at=0.0), 3.0)
    rotation.seen([entry("hot", at=1.0)], 3.0)
    called, forgotten = entry("called", at=-50.0), entry("forgotten", at=-60.0)
    called.fresh_until = called.observed
    rotation.call_up(called, 3.0)
    rotation.call_up(forgotten, 3.0)
    assert keys(rotation.take(9, 3.0, besides=())) == ["called", "late", "hot"]


def test_what_is_doubted_has_its_turn_again() -> None:
    """Also what is over is looked at again, if somebody asks for it, but not at once."""
    rotation = Rotation(RefreshPolicy(ahead=0.5))
    doubted = entry("k", at=1.0, kind=Kind.FINISHED)
    rotation.doubt(doubted, 2.0)
    assert rotation.due_at(2.0) == 2.5
    rotation.doubt(entry("cold", at=-9.0, kind=Kind.FINISHED), 2.0)
    assert len(rotation) == 1
