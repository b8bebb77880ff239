"""What happens in the world next, and how each provider words the notification of it."""

import heapq
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from gateway.sandbox.ims import JOB
from gateway.sandbox.ims_job import OLDER
from gateway.sandbox.messages import iso
from gateway.sandbox.timeline import LONGEST_WAIT, LONGEST_WORK, Series, Work
from gateway.sandbox.videos import LIVELY, QUIET, Task, Video
from gateway.sandbox.visionular_task import TaskPages
from gateway.sandbox.vod_task import TaskPages as VodPages
from gateway.sandbox.world import World

LOOK_AHEAD: Final = 5  # seconds; nothing ends sooner after its creation, so nothing is missed
LONGEST: Final = LONGEST_WAIT + LONGEST_WORK
AFTER: Final = 1e-6  # work is created at whole seconds, and the ends of a window count in

Body = dict[str, Any]


class Ending(NamedTuple):
    """A piece of work that ends, and the body of the notification."""

    at: float
    provider: str
    body: Callable[[], Body]


def _ended(provider: str, body: Callable[[], Body], at: float) -> Ending:
    return Ending(at, provider, body)


class Endings:
    """Everything that ends from a moment on, in the order of time.

    Args:
        world: Where it happens.
        providers: Whose work.
        since: The moment.
    """

    def __init__(self, world: World, providers: set[str], since: float) -> None:
        self._world, self._count = world, 0
        self._vod, self._visionular = VodPages(world), TaskPages(world)
        self._heap: list[tuple[float, int, Callable[[float], Ending | None]]] = []
        if "VOD" in providers:
            for number in range(LIVELY + QUIET):
                self._follow(world.videos.video(number), since)
        if "IMS" in providers:
            self._scan("IMS", world.conversions, self._ims_body, since - LONGEST, since)
        if "VISIONULAR" in providers:
            self._scan("VISIONULAR", world.encodings, self._visionular_body, since - LONGEST, since)

    def due(self, now: float) -> Iterator[Ending]:
        """Yield what has ended by now and was not yielded before."""
        while self._heap and self._heap[0][0] <= now:
            at, _, happen = heapq.heappop(self._heap)
            if (ending := happen(at)) is not None:
                yield ending

    def _at(self, moment: float, happen: Callable[[float], Ending | None]) -> None:
        self._count += 1  # entries of the same second need an order of their own
        heapq.heappush(self._heap, (moment, self._count, happen))

    def _follow(self, video: Video, moment: float) -> None:
        """Wait for the end of a video's newest task, or for its next task."""
        task = self._world.videos.latest(video, moment)
        if task is None:
            return
        if moment < task.finished:
            self._at(task.finished, partial(self._vod_ended, task))
        else:
            self._at(task.created + video.period, lambda at: self._follow(video, at))

    def _vod_ended(self, task: Task, at: float) -> Ending:
        self._follow(task.video, at)
        return Ending(at, "VOD", lambda: self._vod.event(task, at))

    def _scan(
        self, provider: str, series: Series, body: Callable[[Work], Body], since: float, now: float
    ) -> None:
        """Wait for the end of what was created between two moments, and for what is created next."""
        for number in series.numbers(now, since, now):
            work = series.work(number)
            if work.finished > now:
                self._at(work.finished, partial(_ended, provider, partial(body, work)))
        self._at(now + LOOK_AHEAD, lambda at: self._scan(provider, series, body, now + AFTER, at))

    def _ims_body(self, work: Work) -> Body:
        # The envelope is documented; of the message no sample was found, so it has the fewest of members.
        job_id = self._world.cipher.seal(JOB, work.number)
        message = {"JobId": job_id, "State": OLDER[work.outcome]}
        return {
            "EventType": "MediaConvertComplete",
            "UserId": 1000000000000000,
            "EventTime": iso(work.finished),
            "MessageBody": message,
        }

    def _visionular_body(self, work: Work) -> Body:
        return {
            "code": 0,
            "msg": work.outcome,
            "callback_url": "http://notify.example.com/",
            "data": [self._visionular.result(work.number)],
        }
