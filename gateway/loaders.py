"""How one request gets its records: what is needed for an object, over what the lanes offer.

A global id may take several look-ups to follow, and a field may need another operation than the one its
object was read from. That is here; how look-ups are grouped and remembered is in `gateway.lookups`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Hashable, Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from gateway.access.principal import INSIDE, Principal
from gateway.access.scopes import Scope
from gateway.domain import identity
from gateway.domain.errors import Forbidden, Garbled, GatewayError, NotFound, NotOffered
from gateway.domain.identity import JobRef, TaskRef, VideoRef
from gateway.domain.provider import Verb, VideoPage, WindowPage
from gateway.domain.records import DEFAULT, Job, Observation, Provider, Task, TaskPage, Video
from gateway.domain.sources import Whom, whom
from gateway.lookups import Ages, Lookups, Reads, Spent, Upstream
from gateway.upstream.status import LaneStatus

# A task is found again in a listing by its second of creation. Whether providers count the ends of a window
# in is not documented, so the window is a second wider on both sides.
_MARGIN = timedelta(seconds=1)


T = TypeVar("T")


class Loaders:
    """The records of one request.

    Args:
        upstream: The lanes.
        deadline: When the request must be answered, by the event loop's clock; None for no limit.
        max_age: How old records may be, in seconds; None leaves it to the freshness policy.
        ages: Where the ages of records are noted.
        spent: Where the calls behind records are noted.
        reads: Where it is noted what was read.
        principal: Who asks. Lanes and caches do not know: what they hold is everybody's, and whether this
            one may see it is asked here, before it is looked up.
        task: See `gateway.lookups.Lookups`.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        deadline: float | None = None,
        max_age: float | None = None,
        ages: Ages | None = None,
        spent: Spent | None = None,
        reads: Reads | None = None,
        principal: Principal = INSIDE,
        task: asyncio.Task[Any] | None = None,
    ) -> None:
        self._upstream = upstream
        self._deadline = deadline
        self._max_age = max_age
        self._principal = principal
        self._own_task = task
        self._siblings: dict[float, Loaders] = {}
        self.ages = ages or Ages()
        self.spent = spent or Spent()
        self.reads = reads or Reads()
        self._lookups = Lookups(
            upstream, deadline=deadline, max_age=max_age, spent=self.spent, reads=self.reads, task=task
        )

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
                reads=self.reads,
                principal=self._principal,
                task=self._own_task,
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
            reads=self.reads,
            principal=self._principal,
            task=self._own_task,
        )

    def status(self) -> Sequence[LaneStatus]:
        """Return how the gateway gets on with the providers that the principal may see; asks none of them."""
        self.reads.fleeting = True
        return [lane for lane in self._upstream.status() if self._principal.may_see(lane.whom)]

    @property
    def sources(self) -> Sequence[Whom]:
        """All that can be asked, whether or not the principal may."""
        return self._upstream.sources

    async def video(self, video_id: str, source: str = DEFAULT) -> Video | None:
        """Return a video with its latest task, by `latest_by_video`; None for an unknown id."""
        [video] = await self.videos([video_id], source)
        if isinstance(video, GatewayError):
            raise video
        return video

    async def videos(
        self, video_ids: Sequence[str], source: str = DEFAULT
    ) -> list[Video | GatewayError | None]:
        """Return videos with their latest tasks; None for an unknown id, an error for one that failed."""
        vod = whom(Provider.VOD, source)
        try:
            self._principal.need_source(vod)
        except Forbidden as forbidden:
            return [forbidden] * len(video_ids)
        found = await self._lookups.many(vod, Verb.LATEST_BY_VIDEO, video_ids)
        observed: Observation | None = None
        for number, video in enumerate(found):
            if type(video) is Video:
                task = video.latest_task
                if type(task) is Task and task.observation is not observed:  # those of one call share it
                    observed = task.observation
                    # One that lacks what it never should is for whoever asks for that, and spoils no other.
                    if observed is not None:
                        self.ages.note(observed.at)
            elif type(video) is NotFound:
                found[number] = None
        return found

    async def videos_of(self, refs: Sequence[VideoRef]) -> list[Video | GatewayError | None]:
        """Return videos of any accounts, in the order of the refs; see `videos`."""
        if len({ref.source for ref in refs}) == 1:
            return await self.videos([ref.video_id for ref in refs], refs[0].source)
        by_source: dict[str, list[str]] = {}
        for ref in refs:
            by_source.setdefault(ref.source, []).append(ref.video_id)
        found = await asyncio.gather(*(self.videos(ids, source) for source, ids in by_source.items()))
        in_order = {source: iter(videos) for source, videos in zip(by_source, found, strict=True)}
        return [next(in_order[ref.source]) for ref in refs]

    async def task(self, source: Whom, provider_id: str) -> Task | None:
        """Return a task in full, by `task_by_id`; None for an unknown id."""
        try:
            return await self._task(source, provider_id)
        except NotFound:
            return None

    async def job(self, source: Whom, provider_id: str) -> Job | None:
        """Return a job in full, by `jobs_by_id`; None for an unknown id."""
        try:
            job: Job = await self._load(source, Verb.JOBS_BY_ID, provider_id)
        except NotFound:
            return None
        self._seen(job)
        return job

    async def page(self, source: Whom, page: VideoPage | WindowPage) -> TaskPage:
        """Return one page of a provider's own listing; an unknown video has an empty one."""
        verb = Verb.TASKS_OF_VIDEO if isinstance(page, VideoPage) else Verb.TASKS_IN_WINDOW
        try:
            found: TaskPage = await self._load(source, verb, page)
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
                return await self.task(ref.whom, ref.provider_id)
            except NotOffered:
                return await self._listed(ref)
        video = await self.video(ref.video_id or "", ref.source)
        if video is None:
            return None
        latest = video.latest_task
        if isinstance(latest, Task) and latest.id == identity.encode(ref):
            return latest
        return await self._listed(ref)

    async def job_by_ref(self, ref: JobRef) -> Job | None:
        """Return the job that an id names; None where the provider knows it no more."""
        if ref.task is None:
            return await self.job(ref.whom, ref.provider_id or "")
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
        return await self._task(whom(task.provider, task.source), provider_id)

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
            return await self.task(ref.whom, ref.provider_id)
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
            found = await self.page(ref.whom, page)
            for task in found.tasks:
                if task.id == task_id:
                    return task
            if found.next_page is None:
                return None
            page = msgspec.structs.replace(page, page=found.next_page)

    async def _task(self, source: Whom, provider_id: str) -> Task:
        task: Task = await self._load(source, Verb.TASK_BY_ID, provider_id)
        self._seen(task)
        return task

    async def _load(self, source: Whom, verb: Verb, key: Hashable) -> Any:
        self._principal.need_source(source)
        [outcome] = await self._lookups.many(source, verb, [key])
        if isinstance(outcome, NotFound):
            # Memory holds this one; once raised, it would hold the request's frames, and all that is in them.
            raise NotFound(outcome.message, provider=outcome.provider)
        if isinstance(outcome, GatewayError):
            raise outcome.with_traceback(None)
        return outcome

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
