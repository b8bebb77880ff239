"""Streams: one listing, read as far as needed."""

from __future__ import annotations

import msgspec
import pytest

from gateway.domain.errors import NotConfigured, NotOffered, Unavailable
from gateway.domain.provider import VideoPage, WindowPage
from gateway.domain.records import Provider, TaskPage
from gateway.domain.sources import Whom
from gateway.listing.criteria import Window
from gateway.listing.merge import finished, merge
from gateway.listing.order import END, START
from gateway.listing.stream import MOST_UNORDERED, page_size
from tests.listing.samples import IMS, VIDEO, VISIONULAR, Listing, ids, task


def _listing(count: int, *, most: int = 100) -> Listing:
    return Listing([task(f"t{second:03}", second) for second in range(count, 0, -1)], most)


async def test_a_page_is_read_on_where_time_left_off() -> None:
    """The next page is what was created up to the last second seen, not an offset."""
    listing = _listing(30, most=10)
    stream = listing.stream()
    await stream.advance()
    assert ids(stream) == [f"t{second:03}" for second in range(30, 21, -1)]
    assert stream.bound == 21
    await stream.advance()
    assert [page.page for page in listing.asked] == [None, None]
    assert listing.asked[1].created_to is not None
    assert listing.asked[1].created_to.timestamp() == 22
    assert ids(stream) == [f"t{second:03}" for second in range(30, 13, -1)]


async def test_what_appears_in_front_shifts_nothing() -> None:
    """A listing that grows between two pages gives nothing twice and leaves nothing out."""
    listing = _listing(20, most=8)
    stream = listing.stream()
    await stream.advance()
    listing.tasks[:0] = [task(f"new{number}", 100) for number in range(5)]
    while not stream.done:
        await stream.advance()
    assert ids(stream) == [f"t{second:03}" for second in range(20, 0, -1)]


async def test_a_second_is_in_order_when_it_is_read_completely() -> None:
    """However a provider lists a second, and however many pages it fills, it goes by id."""
    listing = Listing(
        [task(f"t{number:03}", 50) for number in (3, 1, 4, 0, 2, 6, 5)] + [task("z", 40)], most=2
    )
    stream = listing.stream()
    await stream.advance()
    assert ids(stream) == []
    assert not stream.moved or stream.bound == 50
    while not stream.done:
        await stream.advance()
    assert ids(stream) == ["t000", "t001", "t002", "t003", "t004", "t005", "t006", "z"]


async def test_going_on_after_a_place_leaves_out_what_was_delivered() -> None:
    """Within the second of the cursor, what comes after its id is still owed."""
    stream = Listing([task("c", 5), task("a", 5), task("b", 5), task("d", 4)]).stream(after=(-5, "b"))
    await stream.advance()
    assert ids(stream) == ["c", "d"]


async def test_the_window_is_kept_whatever_the_provider_makes_of_its_ends() -> None:
    """The end is excluded, the start included, and asking is a second generous at the start."""
    listing = Listing([task("e", 20), task("d", 19), task("c", 10), task("b", 9)])
    stream = listing.stream(window=Window(10, 20))
    await stream.advance()
    assert ids(stream) == ["d", "c"]
    [page] = listing.asked
    assert page.created_from is not None
    assert page.created_from.timestamp() == 9


async def test_a_task_without_a_time_goes_with_its_newer_neighbour() -> None:
    """It has one place however often and from wherever the list is read."""
    tasks = [
        task("n1", None),
        task("c", 30),
        task("n2", None),
        task("b", 20),
        task("n3", None),
        task("a", 10),
    ]
    whole = Listing(tasks).stream(window=Window(0, 100))
    await whole.advance()
    assert ids(whole) == ["n1", "c", "n2", "b", "n3", "a"]
    rest = Listing(tasks[2:]).stream(window=Window(0, 100), after=(-30, "n2"))
    await rest.advance()
    assert ids(rest) == ["b", "n3", "a"]


async def test_a_listing_without_times_is_refused() -> None:
    """Where no task of a page says when it was made there is no order to put it in."""
    listing = Listing([task(f"n{number}", None) for number in range(20)], most=10)
    stream = listing.stream()
    await stream.advance()
    assert isinstance(stream.error, NotOffered)


@pytest.mark.parametrize("route", [VIDEO, IMS])
async def test_a_listing_in_no_order_is_read_whole(route: type) -> None:
    """The newest are kept, no more of them than a page needs."""
    tasks = [task(f"t{second:03}", second) for second in (3, 9, 1, 7, 5, 8, 2, 6, 4)]
    stream = Listing(tasks, most=2).stream(route, first=3)  # type: ignore[arg-type]
    await stream.advance()
    assert ids(stream) == ["t009", "t008", "t007", "t006"]
    assert not stream.done
    whole = Listing(tasks, most=2).stream(route, first=20)  # type: ignore[arg-type]
    await whole.advance()
    assert len(whole.ready) == 9
    assert whole.done


async def test_too_much_without_order_is_refused() -> None:
    """Reading ends after a thousand tasks, with a word on what to do."""
    listing = Listing([task(f"t{second}", second) for second in range(1, MOST_UNORDERED + 2)], most=1)
    stream = listing.stream(VIDEO)
    await stream.advance()
    assert isinstance(stream.error, NotOffered)
    assert "createdAfter" in stream.error.message
    assert stream.pages == MOST_UNORDERED


async def test_a_failed_listing_stays_where_it_was() -> None:
    """What it had told by then is delivered; the rest is owed from there."""
    listing = _listing(30, most=10)
    stream = listing.stream()
    listing.error = Unavailable("down", provider=Provider.IMS, operation="X")
    await stream.advance()
    assert stream.position((-5, "x")) == (-1_000_000, "")
    stream.error = listing.error = None
    await stream.advance()
    listing.error = Unavailable("down", provider=Provider.IMS, operation="X")
    await stream.advance()
    assert stream.position((-5, "x")) == (-21, "")
    assert stream.position((-25, "x")) == (-25, "x")


async def test_what_can_never_be_read_is_not_waited_for() -> None:
    """A provider that is not configured fails on every page, and nobody need come back for it alone."""
    listing = _listing(3)
    listing.error = NotConfigured("no", provider=Provider.IMS)
    stream = listing.stream()
    await stream.advance()
    assert stream.hopeless
    assert stream.position((-5, "x")) != END
    assert finished([stream], START)


async def test_a_listing_that_goes_in_circles_is_left() -> None:
    """A provider that names the same next page for ever is not asked for ever."""

    async def read(_provider: Whom, _page: VideoPage | WindowPage) -> TaskPage:
        return TaskPage(tasks=(), next_page="again")

    stream = Listing([]).stream()
    stream._read = read
    assert (await merge([stream], 5)).tasks == []
    assert stream.hopeless


async def test_a_listing_at_its_end_needs_no_more_calls() -> None:
    """Once its last task is delivered it is done with, and a stream after that asks for nothing."""
    stream = _listing(3).stream()
    await stream.advance()
    assert stream.position((-2, "t002")) == (-2, "t002")
    assert stream.position((-1, "t001")) == END
    assert _listing(3).stream(after=END).done


async def test_what_is_left_out_is_counted() -> None:
    """Records that nobody could read, and tasks without a time in a list without order."""
    listing = Listing([task("a", 5), task("n", None)])
    stream = listing.stream(VIDEO)
    await stream.advance()
    assert (ids(stream), stream.unplaced) == (["a"], 1)
    assert stream.observed is not None


@pytest.mark.parametrize(
    ("first", "sizes"), [(1, (25, 25)), (24, (25, 25)), (25, (50, 50)), (100, (100, 50))]
)
def test_pages_hold_one_more_than_is_shown(first: int, sizes: tuple[int, int]) -> None:
    """So one call tells whether there is a next page; few sizes, so that requests share pages."""
    assert (page_size(IMS, first), page_size(VISIONULAR, first)) == sizes
    assert page_size(msgspec.structs.replace(IMS, sifted=True), first) == 100


async def test_states_are_pushed_down() -> None:
    """The provider is asked to filter."""
    listing = _listing(3)
    await listing.stream(msgspec.structs.replace(IMS, status="FAILED")).advance()
    [page] = listing.asked
    assert isinstance(page, WindowPage)
    assert page.status == "FAILED"
