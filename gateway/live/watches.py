"""Everything that is being watched in this process.

```text
subscribers                 any number, each at its own speed
    │ follow
subject                     a video or task by the id that was asked for
    │ follow
watch                       one key of one verb; hears all that is learned of it, whoever asked
    │ due
post                        one verb: which keys are looked at next, within a share of the quota
    │ look
lane                        refreshes what nobody waits for, after whoever does
```
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from functools import partial

from gateway.domain.identity import TaskRef
from gateway.domain.provider import Verb
from gateway.domain.records import DEFAULT, Task
from gateway.domain.sources import Whom
from gateway.live.policy import WatchPolicy
from gateway.live.post import Post
from gateway.live.subject import Subject, TaskSubject, VideoSubject
from gateway.loaders import Loaders
from gateway.upstream.freshness import Outcome
from gateway.upstream.stack import Upstream

_CALLER = "watches"
"""All first looks take turns as one caller: a crowd that arrives delays a single query by one round."""


class Watches:
    """All watches.

    Args:
        upstream: The lanes.
        policy: How often to look.
    """

    def __init__(self, upstream: Upstream, policy: WatchPolicy = WatchPolicy()) -> None:  # noqa: B008  frozen
        self._upstream = upstream
        self._policy = policy
        self._posts: dict[tuple[Whom, Verb], Post] = {}
        self._subjects: dict[tuple[str, str], Subject] = {}

    def __len__(self) -> int:
        return sum(map(len, self._posts.values()))

    def video(self, id: str, video_id: str, source: str = DEFAULT) -> Subject:  # noqa: A002
        """Return a video to be followed.

        Args:
            id: As it was asked for.
            video_id: VOD's.
            source: Which of VOD's accounts.

        Raises:
            NotConfigured: This deployment does not know VOD.
        """
        return self._subject(
            "video", id, partial(VideoSubject, id, video_id, source=source, post_at=self._post)
        )

    def task(self, id: str, ref: TaskRef) -> Subject:  # noqa: A002
        """Return a task to be followed.

        Args:
            id: As it was asked for.
            ref: What it names.

        Raises:
            NotConfigured: This deployment does not know its provider.
            NotOffered: This deployment cannot look it up.
        """
        make = partial(TaskSubject, id, ref, post_at=self._post, find=self._find, policy=self._policy)
        return self._subject("task", id, make)

    def close(self) -> None:
        """End all watches."""
        for post in self._posts.values():
            post.close()

    def _subject(self, kind: str, id: str, make: Callable[..., Subject]) -> Subject:  # noqa: A002
        subject = self._subjects.get((kind, id))
        if subject is None:
            subject = make(gone=partial(self._subjects.pop, (kind, id), None))
            self._subjects[kind, id] = subject
        return subject

    def _post(self, source: Whom, verb: Verb) -> Post:
        post = self._posts.get((source, verb))
        if post is None:
            lookout = self._upstream.lookout(source, verb)
            post = Post(lookout, partial(self._load, source, verb), self._policy)
            self._posts[source, verb] = post
        return post

    async def _load(self, source: Whom, verb: Verb, keys: Sequence[Hashable]) -> list[Outcome]:
        return await self._upstream.load_many(
            source, verb, keys, max_age=0.0, deadline=self._deadline(), caller=_CALLER
        )

    async def _find(self, ref: TaskRef) -> Task | None:
        return await Loaders(self._upstream, deadline=self._deadline()).task_by_ref(ref)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._policy.patience
