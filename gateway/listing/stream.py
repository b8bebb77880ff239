"""One listing, read as far as the merge needs it.

Listings grow at the front while they are read, so that an offset, or a page number, means something else from
one page to the next. Time does not: after a page, what is asked for next is what was created up to and
including the second the page ended in, and what was read twice is dropped. Only within a second that fills
more than a page is the provider's own paging followed, and by then that second is long over.

A second counts as read when the listing has gone past it: only then can its tasks be put in order.

IMS leaves the time of creation out of some listed jobs. Such a job takes its place with the one listed before
it, which is newer by less than a page and is the same one whenever the list is read. Where what is listed
before it lies outside what was asked for, it has had its turn.

VOD documents no order for a video's history. It is read whole, and the newest tasks are kept. So is a window
whose tasks turn out not to come newest first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import pairwise

from gateway.domain.errors import GatewayError, NotOffered, ProviderError
from gateway.domain.provider import VideoPage, WindowPage
from gateway.domain.records import Task, TaskPage
from gateway.domain.sources import Whom
from gateway.listing.criteria import Window
from gateway.listing.offers import OFFERS
from gateway.listing.order import END, START, Key, key_of
from gateway.listing.plan import Route

Read = Callable[[Whom, VideoPage | WindowPage], Awaitable[TaskPage]]

MOST_UNORDERED = 20
"""Pages of a listing without order, which may be a thousand tasks of one video, or of one second."""

# Whether a provider counts the ends of a window in is not documented. The end is excluded here, which fits
# both; the start is asked for a second early.
_EARLY = 1
_SIZES = (25, 50, 100)  # few different ones, so that requests share pages


def page_size(route: Route, first: int) -> int:
    """Return how many tasks to ask for at once: enough for a page and one more, if that can be had."""
    largest = OFFERS[route.provider].largest_page
    if route.sifted or route.video_id is not None:
        return largest
    return min(largest, next((size for size in _SIZES if size > first), _SIZES[-1]))


class Stream:
    """A route under way.

    Args:
        route: Which listing.
        window: Seconds of creation asked for.
        after: Up to where earlier pages have delivered it; `START` for nothing yet.
        fits: Whether a task was asked for.
        first: Tasks that the merged page holds.
        now: The time of day, unix seconds.
        read: Fetches a page.

    Attributes:
        ready: Tasks in order, behind which nothing newer will turn up.
        bound: The newest second that may hold tasks which are neither delivered nor ready.
        done: Whether nothing follows what is ready.
        error: Why it cannot be read further; None while it can.
        pages: Read so far.
        unplaced: Records left out because they could not be read, or do not say when they were created.
        observed: When the oldest of its tasks was last seen at the provider; None without any.
        total: How many tasks the provider says there are; None where it does not.
    """

    def __init__(
        self,
        route: Route,
        *,
        window: Window,
        after: Key,
        fits: Callable[[Task], bool],
        first: int,
        now: int,
        read: Read,
    ) -> None:
        self.route = route
        self.after = after
        self.ready: deque[tuple[Key, Task]] = deque()
        self.bound = min(window.end, -after[0])
        self.done = after >= END
        self.error: GatewayError | None = None
        self.pages = 0
        self.unplaced = 0
        self.observed: datetime | None = None
        self.total: int | None = None
        self._start = window.start
        self._end = min(window.end, -after[0] + 1)
        self._top = window.end
        self._fits = fits
        self._read = read
        self._keep = first + 1
        self._page: str | None = None
        self._held: dict[Key, Task] = {}
        self._last = START
        self._ordered = route.video_id is None
        self._began_at = self.bound
        # The newest there is was created by now at the latest.
        self._above = min(window.end - 1, now) if self._end == window.end else None
        self._size = page_size(route, first)

    async def advance(self) -> None:
        """Read on; trouble with the provider becomes `error`."""
        try:
            await (self._advance() if self._ordered else self._drain())
        except GatewayError as error:
            self.error = error

    @property
    def moved(self) -> bool:
        """Whether reading has got anywhere yet."""
        return self.bound < self._began_at

    @property
    def hopeless(self) -> bool:
        """Whether coming back will not help: it was not the provider that failed."""
        error = self.error
        return error is not None and not (error.retryable or isinstance(error, ProviderError))

    def position(self, reached: Key) -> Key:
        """Return up to where this listing is delivered when the merged list is delivered up to a place.

        A listing that failed stays behind at what it had told by then; one at its end needs no more reading.
        """
        if self.done and self._last <= reached:
            return END
        if self.error is not None:
            reached = min(reached, (-self.bound, ""))
        return max(self.after, reached)

    async def _advance(self) -> None:
        if self.pages >= MOST_UNORDERED:
            raise self._too_many()
        page = await self._fetch(self._key())
        if _disordered(page):
            self._ordered = False
            self._held.clear()
            await self._drain()
            return
        if page.next_page is not None and page.tasks and not any(map(key_of, page.tasks)):
            raise NotOffered(
                f"{self.route.provider} does not tell when these tasks were created, so they cannot be put "
                "in order: page through its own listing instead.",
                provider=self.route.provider,
            )
        placed = self._placed(page)
        for key, task in placed:
            if self._wanted(key, task):
                self._held[key] = task
        if page.next_page is None:
            self._release(lambda _: True)
            self.done = True
            return
        if placed:
            self.bound = min(self.bound, -placed[-1][0][0])
        self._release(lambda key: -key[0] > self.bound)
        if self.bound + 1 < self._end:
            self._end, self._page, self._above = self.bound + 1, None, None
        else:
            self._page = page.next_page
            self._above = self.bound if placed else self._above

    async def _drain(self) -> None:
        kept: dict[Key, Task] = {}
        truncated, self._page = False, None
        for _ in range(MOST_UNORDERED):
            page = await self._fetch(self._key())
            self._above = None
            kept |= {key: task for key, task in self._placed(page) if self._wanted(key, task)}
            self.unplaced += sum(key_of(task) is None for task in page.tasks)
            for key in sorted(kept)[self._keep :]:
                truncated = True
                del kept[key]
            self._page = page.next_page
            if page.next_page is None:
                self._held = kept
                self._release(lambda _: True)
                self.done = not truncated
                return
        raise self._too_many()

    def _too_many(self) -> NotOffered:
        return NotOffered(
            f"{self.route.provider} lists these tasks in no order it documents, and there are more than "
            f"{MOST_UNORDERED} pages of them: narrow createdAfter and createdBefore.",
            provider=self.route.provider,
        )

    def _key(self) -> VideoPage | WindowPage:
        created_to = datetime.fromtimestamp(self._end, UTC)
        created_from = None
        if self._start is not None:
            created_from = datetime.fromtimestamp(max(0, min(self._start, self._end) - _EARLY), UTC)
        route = self.route
        if route.video_id is not None or created_from is None:
            return VideoPage(
                video_id=route.video_id or "",
                created_from=created_from,
                created_to=created_to,
                page=self._page,
                size=self._size,
            )
        return WindowPage(
            created_from=created_from,
            created_to=created_to,
            status=route.status,
            page=self._page,
            size=self._size,
        )

    async def _fetch(self, key: VideoPage | WindowPage) -> TaskPage:
        page = await self._read(self.route.source, key)
        self.pages += 1
        self.unplaced += page.garbled
        if self.pages == 1:
            self.total = page.total_count
        for task in page.tasks:
            seen = task.observation.at
            self.observed = seen if self.observed is None else min(seen, self.observed)
        return page

    def _placed(self, page: TaskPage) -> list[tuple[Key, Task]]:
        placed: list[tuple[Key, Task]] = []
        above = self._above
        for task in page.tasks:
            key = key_of(task)
            if key is not None:
                above = -key[0] if self._ordered else None
            elif above is not None:
                key = (-above, task.id)
            if key is not None:
                placed.append((key, task))
        return placed

    def _wanted(self, key: Key, task: Task) -> bool:
        second = -key[0]
        return (
            key > max(self.after, self._last)
            and second < self._top
            and (self._start is None or second >= self._start)
            and self._fits(task)
        )

    def _release(self, complete: Callable[[Key], bool]) -> None:
        """Put the tasks of seconds that are read completely in order."""
        for key in sorted(filter(complete, self._held)):
            self.ready.append((key, self._held.pop(key)))
            self._last = key


def _disordered(page: TaskPage) -> bool:
    keys = [key for task in page.tasks if (key := key_of(task)) is not None]
    return any(earlier[0] > later[0] for earlier, later in pairwise(keys))
