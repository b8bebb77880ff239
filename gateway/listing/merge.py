"""Streams become one page: newest first, nothing twice, no page read that the answer does not need."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from gateway.domain.records import Task
from gateway.listing.order import END, START, Key
from gateway.listing.plan import Route
from gateway.listing.stream import Stream, page_size

MOST_PAGES = 5
"""Pages read of one listing for one page of the merged list. Where few tasks are what was asked for, the page
ends early and its cursor goes on from there: a client may come back, and may also have seen enough."""


def most_pages(route: Route, first: int) -> int:
    """Return how many of a listing's pages one page of the merged list may take.

    A video's history is taken to fit on a page, as nearly all do.
    """
    if route.video_id is not None:
        return 1
    return MOST_PAGES if route.sifted else -(-(first + 1) // page_size(route, first))


class Merged(Struct, frozen=True, kw_only=True):
    """A page of the merged list.

    Attributes:
        tasks: In order.
        keys: Their places.
        reached: Up to where the list is delivered; beyond the last task where the page ended early.
    """

    tasks: Sequence[Task]
    keys: Sequence[Key]
    reached: Key


async def merge(streams: Sequence[Stream], first: int) -> Merged:
    """Return the newest tasks of all streams, at most `first`."""
    tasks: list[Task] = []
    keys: list[Key] = []
    ended_at = START
    while len(tasks) < first:
        going = [stream for stream in streams if stream.error is None]
        head = min((stream.ready[0][0] for stream in going if stream.ready), default=None)
        # Whoever has nothing ready might still have something newer than everybody's next.
        unsure = [
            stream
            for stream in going
            if not (stream.ready or stream.done) and (head is None or stream.bound >= -head[0])
        ]
        if any(stream.pages >= MOST_PAGES and stream.moved for stream in unsure):
            ended_at = (-max(stream.bound for stream in unsure), "")
            break
        if unsure:
            await asyncio.gather(*(stream.advance() for stream in unsure))
            continue
        if head is None:
            break
        # More than one, where a task changed its state between two listings by state.
        same = [stream.ready.popleft() for stream in going if stream.ready and stream.ready[0][0] == head]
        tasks.append(same[0][1])
        keys.append(head)
    reached = max(ended_at, keys[-1] if keys else START)
    return Merged(tasks=tasks, keys=keys, reached=reached)


def finished(streams: Sequence[Stream], reached: Key) -> bool:
    """Whether nothing is left to come back for."""
    return all(stream.hopeless or stream.position(reached) == END for stream in streams)
