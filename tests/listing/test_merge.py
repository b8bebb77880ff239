"""Merging: order, and calls that are not made."""

from __future__ import annotations

import asyncio

import msgspec

from gateway.domain.errors import Unavailable
from gateway.domain.provider import VideoPage, WindowPage
from gateway.domain.records import Provider, TaskPage
from gateway.domain.sources import Whom
from gateway.listing.merge import MOST_PAGES, finished, merge, most_pages
from gateway.listing.order import END, START
from tests.listing.samples import IMS, VIDEO, VISIONULAR, Listing, task

SIFTED = msgspec.structs.replace(IMS, sifted=True)


def _every(step: int, count: int, name: str, most: int = 100) -> Listing:
    return Listing([task(f"{name}{n * step:04}", n * step) for n in range(count, 0, -1)], most)


async def test_two_lists_become_one() -> None:
    """Newest first, whoever has it; the page says up to where it goes."""
    merged = await merge([_every(2, 4, "a").stream(), _every(3, 2, "b").stream(VISIONULAR)], 10)
    assert [one.id for one in merged.tasks] == ["a0008", "a0006", "b0006", "a0004", "b0003", "a0002"]
    assert merged.reached == merged.keys[-1] == (-2, "a0002")


async def test_a_page_is_read_only_when_the_answer_needs_it() -> None:
    """A list whose next task is older than everything shown is left alone."""
    dense, old = _every(1, 100, "a"), Listing([task(f"o{n}", n) for n in (5, 4, 3, 2, 1)], most=2)
    merged = await merge([dense.stream(), old.stream(VISIONULAR)], 10)
    assert len(merged.tasks) == 10
    assert (len(dense.asked), len(old.asked)) == (1, 1)


async def test_pages_are_fetched_side_by_side() -> None:
    """Nobody waits for another provider's answer before asking."""
    waiting: set[Whom] = set()
    all_asked = asyncio.Event()

    async def read(provider: Whom, _page: VideoPage | WindowPage) -> TaskPage:
        waiting.add(provider)
        if len(waiting) == 2:
            all_asked.set()
        await asyncio.wait_for(all_asked.wait(), 1)
        return TaskPage(tasks=())

    streams = [Listing([]).stream(), Listing([]).stream(VISIONULAR)]
    for stream in streams:
        stream._read = read
    assert (await merge(streams, 5)).reached == START
    assert finished(streams, START)


async def test_a_task_in_two_lists_is_shown_once() -> None:
    """A task that changed its state between two listings by state is in both."""
    one, two = Listing([task("a", 9), task("b", 8)]), Listing([task("b", 8), task("c", 7)])
    merged = await merge([one.stream(), two.stream()], 10)
    assert [one.id for one in merged.tasks] == ["a", "b", "c"]


async def test_who_fails_does_not_hold_up_the_others() -> None:
    """The rest is delivered, and the list is not finished."""
    down = Listing([])
    down.error = Unavailable("down", provider=Provider.IMS, operation="X")
    streams = [down.stream(), _every(1, 3, "b").stream(VISIONULAR)]
    merged = await merge(streams, 10)
    assert len(merged.tasks) == 3
    assert not finished(streams, merged.reached)
    assert streams[1].position(merged.reached) == END


async def test_sifting_ends_after_a_few_pages() -> None:
    """Where nothing fits, the page ends early and says how far it was read; others wait for it."""
    many = _every(1, 900, "a")
    sifting = many.stream(SIFTED, fits=lambda one: one.id == "a0001")
    other = Listing([task("x", 850), task("y", 100)]).stream(VISIONULAR)
    merged = await merge([sifting, other], 10)
    assert len(many.asked) == MOST_PAGES
    assert [one.id for one in merged.tasks] == ["x"]
    assert merged.reached == (-sifting.bound, "")
    assert 100 < sifting.bound < 420
    again = await merge(
        [
            many.stream(SIFTED, fits=lambda one: one.id == "a0001", after=sifting.position(merged.reached)),
            Listing([task("x", 850), task("y", 100)]).stream(
                VISIONULAR, after=other.position(merged.reached)
            ),
        ],
        10,
    )
    assert [one.id for one in again.tasks] == ["y", "a0001"]


def test_what_a_page_may_take_is_foretold() -> None:
    """A call each for what fits on a provider's page, and a bounded number where it is sifted."""
    assert [most_pages(IMS, first) for first in (1, 20, 99, 100)] == [1, 1, 1, 2]
    assert [most_pages(VISIONULAR, first) for first in (20, 49, 50, 100)] == [1, 1, 2, 3]
    assert most_pages(SIFTED, 1) == MOST_PAGES
    assert most_pages(VIDEO, 100) == 1
