"""Tasks and listings made up for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gateway.domain.errors import GatewayError
from gateway.domain.provider import VideoPage, WindowPage
from gateway.domain.records import Observation, Provider, Status, Task, TaskPage
from gateway.domain.sources import Whom
from gateway.listing.criteria import Window
from gateway.listing.order import START, Key
from gateway.listing.plan import Route
from gateway.listing.stream import Stream

IMS = Route(name="IMS", source=Provider.IMS)
VISIONULAR = Route(name="VISIONULAR", source=Provider.VISIONULAR)
VIDEO = Route(name="VOD0", source=Provider.VOD, video_id="v")
WINDOW = Window(0, 1_000_000)


def task(task_id: str, second: int | None, **fields: Any) -> Task:
    """Return a task."""
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    created = None if second is None else datetime.fromtimestamp(second, UTC)
    fields = {"provider": Provider.IMS, "status": Status.SUCCEEDED, "created_at": created} | fields
    return Task(id=task_id, observation=Observation(at=at, operation="X"), **fields)


class Listing:
    """A provider's listing as it is at this moment, by offsets; grows when `tasks` does.

    Attributes:
        tasks: In the order in which it lists them.
        most: Tasks on a page at most, whatever is asked for.
        error: Raised instead of answering.
        asked: The pages asked for.
    """

    def __init__(self, tasks: list[Task], most: int = 100) -> None:
        self.tasks = tasks
        self.most = most
        self.error: GatewayError | None = None
        self.asked: list[VideoPage | WindowPage] = []

    async def read(self, _provider: Whom, page: VideoPage | WindowPage) -> TaskPage:
        """Return a page."""
        self.asked.append(page)
        if self.error:
            raise self.error
        listed = [one for one in self.tasks if _within(one, page)]
        start, size = int(page.page or 0), min(page.size, self.most)
        more = start + size < len(listed)
        return TaskPage(
            tasks=tuple(listed[start : start + size]),
            next_page=str(start + size) if more else None,
            total_count=len(listed),
        )

    def stream(
        self,
        route: Route = IMS,
        *,
        after: Key = START,
        first: int = 10,
        fits: Callable[[Task], bool] = lambda _: True,
        window: Window = WINDOW,
    ) -> Stream:
        """Return it as a stream."""
        return Stream(
            route, window=window, after=after, fits=fits, first=first, now=window.end, read=self.read
        )


def _within(one: Task, page: VideoPage | WindowPage) -> bool:
    created = one.created_at
    return created is None or (
        (page.created_from is None or created >= page.created_from)
        and (page.created_to is None or created <= page.created_to)
    )


def ids(stream: Stream) -> list[str]:
    """Return what is ready."""
    return [one.id for _, one in stream.ready]
