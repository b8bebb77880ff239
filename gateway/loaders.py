"""How one request gets its records: loaders that live as long as the request, over the lanes that outlive it.

Two things group keys, and they are not the same. A *loader* collects what the resolvers of one request ask
for in one turn of the event loop: when the first of them asks, Strawberry's DataLoader schedules a dispatch,
and every load made before the loop gets to it rides along. So thirty videos of one query arrive at the lane
as one list. The *lane* below groups across requests, at the moment the provider's quota grants a call, and
cuts that list into calls of ten.

A loader also remembers: whatever one request reads twice is the same record both times, errors included.
That is right within an operation and wrong beyond it, which is why a loader is never shared: a subscription,
whose connection outlives many events, makes new ones for every event.

House rule: a batch function never raises. The lane returns a record or an error for every key, in order, and
DataLoader gives each waiter its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec
from msgspec import UNSET
from strawberry.dataloader import DataLoader

from gateway.access.principal import INSIDE, Principal
from gateway.access.scopes import PROVIDERS, Scope
from gateway.domain import identity
from gateway.domain.errors import Garbled, GatewayError, NotFound, NotOffered, ProviderError
from gateway.domain.identity import JobRef, TaskRef
from gateway.domain.provider import Verb, VideoPage, WindowPage
from gateway.domain.records import Job, Observation, Provider, Task, TaskPage, Video
from gateway.upstream.status import LaneStatus

# A task is found again in a listing by its second of creation. Whether providers count the ends of a window
# in is not documented, so the window is a second wider on both sides.
_MARGIN = timedelta(seconds=1)


T = TypeVar("T")


class Upstream(Protocol):
    """What the loaders need of the lanes; see `gateway.upstream.stack`."""

    async def load_many(
        self,
        provider: Provider,
        verb: Verb,
        keys: Sequence[Hashable],
        *,
        max_age: float | None = None,
        deadline: float | None = None,
    ) -> Sequence[Any]:
        """Return a record or a `GatewayError` for each key, in the order of the keys."""

    def status(self) -> Sequence[LaneStatus]:
        """Return every lane at this moment."""


class Ages:
    """How old the records are that one request was given.

    Attributes:
        oldest: When the least fresh of them had been observed; None before any.
    """

    def __init__(self) -> None:
        self.oldest: datetime | None = None

    def note(self, observed: datetime) -> None:
        """Take a record into account."""
        self.oldest = observed if self.oldest is None else min(observed, self.oldest)


class Spent:
    """The provider calls that one request waited for.

    Every record names the call it was read from, so that a call shared with others, or by ten records, is one
    call, and a record from memory tells by its time that nothing was called for it. What is not there names
    none: an unknown id or an empty page that was waited for is taken for a call unless records came with it.
    """

    def __init__(self) -> None:
        self._fetched: list[tuple[Provider, Sequence[Any]]] = []

    def note(self, provider: Provider, outcomes: Sequence[Any]) -> None:
        """Take into account what the lanes gave after a while."""
        self._fetched.append((provider, outcomes))

    def calls(self, since: datetime) -> int:
        """Return how many calls were made since a time, as far as records can tell."""
        made: set[tuple[Provider, Observation]] = set()
        silent = 0
        for provider, outcomes in self._fetched:
            seen = {observation for outcome in outcomes if (observation := _observation(outcome))}
            made |= {(provider, observation) for observation in seen if observation.at >= since}
            silent += not seen and any(
                isinstance(outcome, (NotFound, ProviderError, TaskPage, Video)) for outcome in outcomes
            )
        return len(made) + silent


def _observation(outcome: Any) -> Observation | None:
    match outcome:
        case Task() | Job():
            return outcome.observation
        case Video(latest_task=Task() as task):
            return task.observation
        case TaskPage(tasks=[task, *_]):
            return task.observation
    return None


class Loaders:
    """The records of one request.

    Args:
        upstream: The lanes.
        deadline: When the request must be answered, by the event loop's clock; None for no limit.
        max_age: How old records may be, in seconds; None leaves it to the freshness policy.
        ages: Where the ages of records are noted.
        spent: Where the calls behind records are noted.
        principal: Who asks. Lanes and caches do not know: what they hold is everybody's, and whether this
            one may see it is asked here, before it is looked up.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        deadline: float | None = None,
        max_age: float | None = None,
        ages: Ages | None = None,
        spent: Spent | None = None,
        principal: Principal = INSIDE,
    ) -> None:
        self._upstream = upstream
        self._deadline = deadline
        self._max_age = max_age
        self._principal = principal
        self._loaders: dict[tuple[Provider, Verb], DataLoader[Any, Any]] = {}
        self._siblings: dict[float, Loaders] = {}
        self.ages = ages or Ages()
        self.spent = spent or Spent()

    def within(self, max_age: float | None) -> Loaders:
        """Return loaders of the same request whose records are no older than this many seconds.

        Raises:
            Forbidden: The principal takes records as old as they are.
        """
        if max_age is None:
            return self
        self._principal.need(Scope.FRESH)
        if max_age not in self._siblings:
            self._siblings[max_age] = Loaders(
                self._upstream,
                deadline=self._deadline,
                max_age=max_age,
                ages=self.ages,
                spent=self.spent,
                principal=self._principal,
            )
        return self._siblings[max_age]

    def patient(self, part: float) -> Loaders:
        """Return loaders of the same request that wait no longer than a part of the time it has left.

        They remember for themselves: each use of them is one reading.
        """
        deadline = self._deadline
        if deadline is not None:
            now = asyncio.get_running_loop().time()
            deadline = now + (deadline - now) * part
        return Loaders(
            self._upstream,
            deadline=deadline,
            max_age=self._max_age,
            ages=self.ages,
            spent=self.spent,
            principal=self._principal,
        )

    def status(self) -> Sequence[LaneStatus]:
        """Return how the gateway gets on with the providers that the principal may see; asks none of them."""
        return [lane for lane in self._upstream.status() if self._principal.may(PROVIDERS[lane.provider])]

    async def video(self, video_id: str) -> Video | None:
        """Return a video with its latest task, by `latest_by_video`; None for an unknown id."""
        try:
            video: Video = await self._load(Provider.VOD, Verb.LATEST_BY_VIDEO, video_id)
        except NotFound:
            return None
        self._seen(video.latest_task)
        return video

    async def videos(self, video_ids: Sequence[str]) -> list[Video | GatewayError | None]:
        """Return videos with their latest tasks; None for an unknown id, an error for one that failed."""
        return await each(map(self.video, video_ids))

    async def task(self, provider: Provider, provider_id: str) -> Task | None:
        """Return a task in full, by `task_by_id`; None for an unknown id."""
        try:
            return await self._task(provider, provider_id)
        except NotFound:
            return None

    async def job(self, provider: Provider, provider_id: str) -> Job | None:
        """Return a job in full, by `jobs_by_id`; None for an unknown id."""
        try:
            job: Job = await self._load(provider, Verb.JOBS_BY_ID, provider_id)
        except NotFound:
            return None
        self._seen(job)
        return job

    async def page(self, provider: Provider, page: VideoPage | WindowPage) -> TaskPage:
        """Return one page of a provider's own listing; an unknown video has an empty one."""
        verb = Verb.TASKS_OF_VIDEO if isinstance(page, VideoPage) else Verb.TASKS_IN_WINDOW
        try:
            found: TaskPage = await self._load(provider, verb, page)
        except NotFound:
            return TaskPage(tasks=())
        for task in found.tasks:
            self._seen(task)
        return found

    async def task_by_ref(self, ref: TaskRef) -> Task | None:
        """Return the task that an id names, in the fewest calls; None where the provider knows it no more.

        A task that its provider identifies is one look-up. A VOD task is its video's latest more often than
        not, and the summary that tells is shared by ten videos; only if it is not, its history is searched.
        """
        if ref.provider_id is not None:
            try:
                return await self.task(ref.provider, ref.provider_id)
            except NotOffered:
                return await self._listed(ref)
        video = await self.video(ref.video_id or "")
        if video is None:
            return None
        latest = video.latest_task
        if isinstance(latest, Task) and latest.id == identity.encode(ref):
            return latest
        return await self._listed(ref)

    async def job_by_ref(self, ref: JobRef) -> Job | None:
        """Return the job that an id names; None where the provider knows it no more."""
        if ref.task is None:
            return await self.job(ref.provider, ref.provider_id or "")
        task = await self.task_by_ref(ref.task)
        if task is not None and task.jobs is UNSET:
            task = await self.task_in_full(task)
        if task is None or task.jobs is UNSET:
            return None
        job_id = identity.encode(ref)
        return next((job for job in task.jobs if job.id == job_id), None)

    async def task_listed(self, task: Task) -> Task:
        """Return the task as its provider's listing tells it: with its own id and its trigger.

        Raises:
            NotFound: The listing does not hold it (any more).
        """
        ref = identity.decode(task.id)
        listed = await self._listed(ref) if isinstance(ref, TaskRef) else None
        if listed is None:
            raise NotFound("The provider does not list this task any more.", provider=task.provider)
        return listed

    async def task_in_full(self, task: Task) -> Task:
        """Return the task with everything its provider tells about it.

        Raises:
            NotFound: The provider does not know it (any more).
        """
        provider_id = task.provider_id
        if provider_id is UNSET:
            provider_id = (await self.task_listed(task)).provider_id
        if not isinstance(provider_id, str):
            raise NotFound("The provider tells no id of this task to ask by.", provider=task.provider)
        return await self._task(task.provider, provider_id)

    async def job_in_full(self, job_id: str) -> Job:
        """Return the job with everything its provider tells about it.

        Raises:
            NotFound: The provider does not know its task (any more).
            Garbled: The provider knows the task, and does not list the job among the task's.
        """
        ref = identity.decode(job_id)
        task_ref = ref.task if isinstance(ref, JobRef) else None
        task = None if task_ref is None else await self._by_own_id(task_ref)
        if task is None:
            raise NotFound("The provider does not know this job's task any more.")
        for job in () if task.jobs is UNSET else task.jobs:
            if job.id == job_id:
                return job
        raise Garbled(
            "The provider's two accounts of this task disagree about its jobs.",
            provider=task.provider,
            operation=task.observation.operation,
            request_id=task.observation.request_id,
        )

    async def _by_own_id(self, ref: TaskRef) -> Task | None:
        if ref.provider_id is not None:
            return await self.task(ref.provider, ref.provider_id)
        listed = await self._listed(ref)
        return None if listed is None else await self.task_in_full(listed)

    async def _listed(self, ref: TaskRef) -> Task | None:
        """Find a task in its provider's listing of the seconds around its creation."""
        created_from = ref.created_at and ref.created_at - _MARGIN
        created_to = ref.created_at and ref.created_at + _MARGIN
        task_id = identity.encode(ref)
        page: VideoPage | WindowPage
        if ref.video_id is not None:
            page = VideoPage(video_id=ref.video_id, created_from=created_from, created_to=created_to)
        elif created_from is not None and created_to is not None:
            page = WindowPage(created_from=created_from, created_to=created_to)
        else:
            return None
        while True:
            found = await self.page(ref.provider, page)
            for task in found.tasks:
                if task.id == task_id:
                    return task
            if found.next_page is None:
                return None
            page = msgspec.structs.replace(page, page=found.next_page)

    async def _task(self, provider: Provider, provider_id: str) -> Task:
        task: Task = await self._load(provider, Verb.TASK_BY_ID, provider_id)
        self._seen(task)
        return task

    async def _load(self, provider: Provider, verb: Verb, key: Hashable) -> Any:
        self._principal.need_provider(provider)
        loader = self._loaders.get((provider, verb))
        if loader is None:
            loader = DataLoader(load_fn=partial(self._fetch, provider, verb))
            self._loaders[provider, verb] = loader
        # Shielded, because graphql-core cancels the siblings of a field whose null takes their parent away,
        # and the future that one of them waits for is shared with fields all over the query.
        return await asyncio.shield(loader.load(key))

    async def _fetch(
        self, provider: Provider, verb: Verb, keys: list[Hashable]
    ) -> Sequence[Any | GatewayError]:
        waited: list[Verb] = []
        # Runs as soon as the loop does, which is not before an answer that memory has.
        turn = asyncio.get_running_loop().call_soon(waited.append, verb)
        outcomes = await self._upstream.load_many(
            provider, verb, keys, max_age=self._max_age, deadline=self._deadline
        )
        turn.cancel()
        if waited:
            self.spent.note(provider, outcomes)
        # An error may be remembered below and raised again for every request that asks for its key: without
        # this it would gather the traceback of each, and keep alive whatever their frames hold.
        return [one.with_traceback(None) if isinstance(one, GatewayError) else one for one in outcomes]

    def _seen(self, record: object) -> None:
        if isinstance(record, (Task, Job)):
            self.ages.note(record.observation.at)


async def each(lookups: Iterable[Awaitable[T]]) -> list[T | GatewayError]:
    """Wait for all; an error takes the place of its own element and leaves the neighbours alone."""
    found = await asyncio.gather(*lookups, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, GatewayError):
            raise one
    return found  # type: ignore[return-value]
