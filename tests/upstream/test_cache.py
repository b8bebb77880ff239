"""The first level."""

from __future__ import annotations

import gc
from collections.abc import Hashable

import msgspec
import pytest

from gateway.domain.errors import NotFound
from gateway.domain.records import Job, Provider, Video
from gateway.upstream.cache import Entry, Memory, Shelf
from gateway.upstream.freshness import Answer, Kind, Term
from gateway.upstream.policy import MemoryPolicy, Windows
from tests.upstream.conftest import task, video

WINDOWS = Windows(fresh=1.0, stale=10.0, kept=100.0)


def put(memory: Memory, shelf: Shelf, key: str, at: float, answer: Answer | None = None) -> Entry:
    """Remember something at an instant."""
    answer = answer or video(key)
    (entry,) = memory.put(shelf, {key: answer}, lambda kind: Term.of(kind, WINDOWS, at), at)
    return entry


def with_jobs(count: int) -> Video:
    """Return a video whose newest task has so many jobs."""
    work = task("a")
    job = Job(id="j", provider=Provider.VOD, observation=work.observation)
    return Video(id="gid:a", video_id="a", latest_task=msgspec.structs.replace(work, jobs=(job,) * count))


def test_windows_follow_each_other() -> None:
    """Fresh, stale and kept windows begin where the one before ends."""
    entry = put(Memory(MemoryPolicy()), {}, "a", at=5.0)
    assert (entry.fresh_until, entry.stale_until, entry.kept_until) == (6.0, 16.0, 116.0)


@pytest.mark.parametrize(
    ("now", "max_age", "serves"),
    [(15.9, None, True), (16.0, None, False), (5.5, 0.4, False), (5.5, 0.5, True), (60.0, 60.0, True)],
)
def test_a_callers_bound_replaces_the_policys(now: float, max_age: float | None, serves: bool) -> None:  # noqa: FBT001
    """Without a bound the stale window decides, with one the age does, in both directions."""
    assert put(Memory(MemoryPolicy()), {}, "a", at=5.0).serves(now, max_age) is serves


def test_the_garbage_collector_is_spared_entries() -> None:
    """Each is one more thing to look through, and none can be part of a circle."""
    assert not gc.is_tracked(put(Memory(MemoryPolicy()), {}, "a", at=5.0))


def test_answers_of_a_kind_that_come_together_share_a_term() -> None:
    """How long they serve is worked out once, and each kind's answers get their own."""
    memory, asked = Memory(MemoryPolicy()), []

    def term_of(kind: Kind) -> Term:
        asked.append(kind)
        return Term.of(kind, Windows(fresh=len(asked), stale=0.0, kept=0.0), 5.0)

    answers: dict[Hashable, Answer] = {"a": video("a"), "b": NotFound("No such id."), "c": video("c")}
    entries = memory.put(Shelf(), answers, term_of, 5.0)
    assert asked == [Kind.MOVING, Kind.ABSENT]
    assert [(entry.key, entry.kind, entry.fresh_until) for entry in entries] == [
        ("a", Kind.MOVING, 6.0),
        ("b", Kind.ABSENT, 7.0),
        ("c", Kind.MOVING, 6.0),
    ]


def test_an_older_answer_never_replaces_a_younger_one() -> None:
    """Answers may arrive out of order; what is remembered is the latest."""
    memory, shelf = Memory(MemoryPolicy()), Shelf()
    put(memory, shelf, "a", at=5.0)
    put(memory, shelf, "a", at=4.0, answer=NotFound("No such id."))
    assert shelf["a"].observed == 5.0
    assert shelf["a"].kind is Kind.MOVING


def test_the_number_of_entries_is_bounded_over_all_shelves() -> None:
    """However many keys are asked for, memory holds no more than it may, the latest ones."""
    memory, first, second = Memory(MemoryPolicy(entries=10)), Shelf(), Shelf()
    for number in range(50):
        put(memory, first if number % 2 else second, f"v{number}", at=number)
    assert len(memory) == len(first) + len(second) == 10
    assert "v49" in first
    assert memory.evictions == 40


def test_the_number_of_bytes_is_bounded() -> None:
    """Records count with an estimate of their size, and replacing one counts the difference."""
    memory, shelf = Memory(MemoryPolicy(bytes=50_000)), Shelf()
    for number in range(100):
        put(memory, shelf, f"v{number % 60}", at=number)
    assert 0 < memory.bytes <= 50_000
    assert memory.bytes == sum(entry.weight for entry in shelf.values())


def test_what_is_asked_for_outlives_what_is_not() -> None:
    """An entry asked for since it was last spared gets another round."""
    memory, shelf = Memory(MemoryPolicy(entries=3)), Shelf()
    for number in range(3):
        put(memory, shelf, f"v{number}", at=number)
    shelf["v0"].asked = 3.0
    put(memory, shelf, "v3", at=4.0)
    assert set(shelf) == {"v0", "v2", "v3"}


def test_videos_are_weighed_by_samples_of_those_with_as_many_jobs() -> None:
    """All together take what they are said to, though few of them are looked at."""
    memory, shelf = Memory(MemoryPolicy()), Shelf()
    heavy, light = with_jobs(40), with_jobs(1)
    for number in range(40):
        put(memory, shelf, f"h{number}", at=number, answer=heavy)
        put(memory, shelf, f"l{number}", at=number, answer=light)
    put(memory, shelf, "none", at=0.0, answer=NotFound("No such id."))
    assert shelf["h0"].weight == shelf["h39"].weight > 2 * shelf["l39"].weight
    assert shelf["l39"].weight > shelf["none"].weight
    assert memory.bytes == sum(entry.weight for entry in shelf.values())
