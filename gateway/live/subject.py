"""Subjects: a video or a task that somebody watches, as they asked for it.

Several subjects may be seen at one place: a video by two spellings of its id, a video and its latest task.
There is one watch for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import UTC, datetime
from typing import Protocol

from gateway.domain.errors import GatewayError, NotFound, NotOffered
from gateway.domain.identity import TaskRef
from gateway.domain.provider import Verb
from gateway.domain.records import Provider, Task, Video
from gateway.domain.sources import Whom, whom
from gateway.live.places import Place, pick, places, superseded
from gateway.live.policy import WatchPolicy, moving
from gateway.live.post import Post
from gateway.live.state import State, TaskState, VideoState
from gateway.live.watch import Heard, Watch

PostAt = Callable[[Whom, Verb], Post]
"""Returns the watches of a verb; raises `NotOffered` and `NotConfigured`."""

Find = Callable[[TaskRef], Awaitable[Task | None]]
"""Finds a task that its video's summary shows no more; raises `GatewayError`."""


class Subject(Protocol):
    """What is watched under one id."""

    @property
    def state(self) -> State | None:
        """What is to be told; None while there is nothing to tell."""

    def follow(self, heard: Heard) -> None:
        """Let somebody hear of every new state."""

    def leave(self, heard: Heard) -> None:
        """Let somebody go."""


class Following:
    """Who hears of a subject; when nobody does any more, it watches nothing.

    Args:
        stop: Called then.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._followers: dict[Heard, None] = {}

    def follow(self, heard: Heard) -> None:
        """Let somebody hear of every new state."""
        self._followers[heard] = None

    def leave(self, heard: Heard) -> None:
        """Let somebody go."""
        if heard in self._followers:
            del self._followers[heard]
            if not self._followers:
                self._stop()

    def _tell(self) -> None:
        for heard in list(self._followers):
            heard()


class VideoSubject(Following):
    """A video, seen in the summary.

    Args:
        id: As it was asked for.
        video_id: VOD's.
        source: Which of VOD's accounts.
        post_at: Finds the watches of a verb.
        gone: Called when nobody follows any more.
    """

    def __init__(
        self,
        id: str,  # noqa: A002
        video_id: str,
        *,
        source: str,
        post_at: PostAt,
        gone: Callable[[], None],
    ) -> None:
        super().__init__(self._end)
        self.state: VideoState | None = None
        self._id = id
        self._gone = gone
        self._post = post_at(whom(Provider.VOD, source), Verb.LATEST_BY_VIDEO)
        self._watch = self._post.follow(video_id, self._heard)
        self._heard()

    def _end(self) -> None:
        self._post.leave(self._watch, self._heard)
        self._gone()

    def _heard(self) -> None:
        watch = self._watch
        if watch.known:
            answer = watch.answer
            self.state = VideoState(
                id=self._id,
                video=answer if isinstance(answer, Video) else None,
                observed_at=watch.observed_at,
                trouble=watch.trouble,
                finished=answer is not None and moving(answer) is None,
            )
            self._tell()


class TaskSubject(Following):
    """A task, seen where its provider shows it; a VOD task elsewhere once its video has got another one.

    Args:
        id: As it was asked for.
        ref: What it names.
        post_at: Finds the watches of a verb.
        find: Finds it when it is not its video's latest.
        policy: When to try that again.
        gone: Called when nobody follows any more.

    Raises:
        NotOffered: This deployment cannot look it up.
        NotConfigured: This deployment does not know its provider.
    """

    def __init__(
        self,
        id: str,  # noqa: A002
        ref: TaskRef,
        *,
        post_at: PostAt,
        find: Find,
        policy: WatchPolicy,
        gone: Callable[[], None],
    ) -> None:
        super().__init__(self._end)
        self.state: TaskState | None = None
        self._id = id
        self._ref = ref
        self._post_at = post_at
        self._find = find
        self._policy = policy
        self._gone = gone
        self._search: asyncio.Task[None] | None = None
        self._post, self._watch = self._best()
        self._heard()

    def _best(self) -> tuple[Post, Watch]:
        *better, last = places(self._ref)
        for place in better:
            try:
                return self._at(place)
            except NotOffered:
                continue
        return self._at(last)

    def _at(self, place: Place) -> tuple[Post, Watch]:
        post = self._post_at(place.source, place.verb)
        return post, post.follow(place.key, self._heard)

    def _end(self) -> None:
        self._post.leave(self._watch, self._heard)
        if self._search is not None:
            self._search.cancel()
        self._gone()

    def _heard(self) -> None:
        watch = self._watch
        if not watch.known:
            return
        if superseded(self._ref, watch.answer):
            if self._search is None:
                self._search = asyncio.create_task(self._move(), context=Context())
            return
        task = pick(self._ref, watch.answer)
        self._show(
            TaskState(
                id=self._id,
                task=task,
                observed_at=watch.observed_at,
                trouble=watch.trouble,
                finished=task is not None and task.status.finished,
            )
        )

    def _show(self, state: TaskState) -> None:
        before, self.state = self.state, state
        if before is None or not before.tells_the_same(state):
            self._tell()

    async def _move(self) -> None:
        """Find the task and watch it by its own id."""
        task, failures = None, 0
        while True:
            try:
                task = await self._find(self._ref)
                break
            except NotFound:
                break
            except GatewayError as error:
                failures += 1
                last = self.state or TaskState(id=self._id)
                self._show(last.troubled(error))
                await asyncio.sleep(self._policy.backed_off(failures))
        self._search = None
        if task is None:
            # Its provider lists it no more, so nothing more will be heard of it.
            self._show(TaskState(id=self._id, observed_at=datetime.now(UTC), finished=True))
        elif isinstance(task.provider_id, str):
            self._post.leave(self._watch, self._heard)
            self._post, self._watch = self._at(Place(self._ref.whom, Verb.TASK_BY_ID, task.provider_id))
            self._heard()
