"""One watch."""

from __future__ import annotations

from gateway.domain.errors import Rejected
from gateway.domain.records import Status
from gateway.live.policy import WatchPolicy
from gateway.live.watch import Watch
from gateway.upstream.cache import Entry, Memory
from gateway.upstream.freshness import Answer, Term
from gateway.upstream.policy import MemoryPolicy, Windows
from tests.upstream.conftest import now, rejected, unavailable, video


def entry(answer: Answer) -> Entry:
    """Return what is learned at this moment."""
    windows = Windows(fresh=1, stale=1, kept=1)
    memory = Memory(MemoryPolicy())
    (known,) = memory.put({}, {"a": answer}, lambda kind: Term.of(kind, windows, now()), now())
    return known


def watched() -> tuple[Watch, list[str]]:
    """Return a watch and what its follower heard."""
    heard: list[str] = []
    watch = Watch("a", WatchPolicy(), lambda _: None)
    watch.followers[lambda: heard.append(watch.trouble.code if watch.trouble else "ok")] = None
    return watch, heard


async def test_followers_hear_of_changes_only() -> None:
    """A look that shows the same is no news."""
    watch, heard = watched()
    watch.told(entry(video("a")))
    watch.told(entry(video("a")))
    watch.told(entry(video("a", Status.SUCCEEDED)))
    assert heard == ["ok", "ok"]
    assert watch.due is None


async def test_one_lost_look_is_kept_quiet_and_two_are_trouble_until_the_next_good_one() -> None:
    """What the next look mends nobody need know."""
    watch, heard = watched()
    watch.told(entry(video("a")))
    watch.failed(unavailable())
    assert heard == ["ok"]
    watch.failed(unavailable())
    watch.failed(unavailable())
    assert heard == ["ok", "UPSTREAM_UNAVAILABLE"]
    assert watch.answer is not None
    watch.told(entry(video("a")))
    assert heard[2:] == ["ok"]


async def test_trouble_that_stays_is_told_at_once() -> None:
    """Nobody can wait for it to pass."""
    watch, heard = watched()
    watch.told(entry(video("a")))
    watch.failed(rejected())
    assert heard == ["ok", Rejected.code]


async def test_what_was_known_before_is_shown_beside_the_trouble() -> None:
    """An old record is better than none, and not taken for a new one."""
    watch, heard = watched()
    watch.failed(unavailable())
    watch.remember(entry(video("a")))
    assert heard == ["UPSTREAM_UNAVAILABLE"] * 2
    assert watch.known
