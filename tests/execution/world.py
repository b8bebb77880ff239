"""A made-up upstream: for every key a record, or an error, that depends on nothing but a seed and the key.

Asking twice, in whatever grouping, gives equal records, so that two executors can be compared. Identities are
as the providers' are: what a summary leaves out is found again in the listing and in full.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from random import Random
from typing import Annotated, Any, TypeVar

from msgspec import UNSET, Meta, Struct
from msgspec.structs import fields, replace

from gateway.access.scopes import Scope
from gateway.domain import identity
from gateway.domain.errors import CircuitOpen, Garbled, GatewayError, NotFound, Throttled, Unavailable
from gateway.domain.identity import JobRef, TaskRef, VideoRef
from gateway.domain.provider import Verb, VideoPage, WindowPage
from gateway.domain.records import (
    AudioStream,
    Input,
    Job,
    JobGroup,
    Location,
    Misfit,
    Observation,
    Output,
    Problem,
    Provider,
    Record,
    Status,
    SubtitleStream,
    Task,
    TaskPage,
    Template,
    Trigger,
    Video,
    VideoStream,
)
from gateway.domain.sources import Whom, provider_of
from gateway.execution import Native, Traits
from gateway.graph.attribute import attribute
from gateway.upstream.status import LaneStatus

R = TypeVar("R", bound=Struct)
T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=UTC)
_NEVER_MARRED = {"misfits", "id", "job_id", "provider", "video_id"}
"""What lookups go by."""

VIDEO_IDS = [f"v{number}" for number in range(6)]
GLOBAL_IDS = [
    *(identity.encode(VideoRef(video_id=video_id)) for video_id in VIDEO_IDS[:3]),
    *(
        identity.encode(ref)
        for number in range(3)
        for ref in (
            TaskRef(provider=Provider.IMS, provider_id=f"i{number}"),
            TaskRef(provider=Provider.VOD, video_id=f"v{number}", created_at=START),
            JobRef(
                provider=Provider.IMS,
                task=TaskRef(provider=Provider.IMS, provider_id=f"i{number}"),
                label="0",
            ),
            JobRef(provider=Provider.VOD, provider_id=f"j{number}"),
        )
    ),
]

# What the tests of this graph let the executor rely on; the graph's own say the same.
TRAITS = Traits(
    attribute=attribute,
    doubt=lambda kind: attrgetter("misfits") if issubclass(kind, Record) else None,
    natives={
        "DateTime": Native(annotation=datetime, fits=lambda times: {time.tzinfo for time in times} == {UTC}),
        "BigInt": Native(annotation=Annotated[int, Meta(gt=-(2**53), lt=2**53)]),
    },
    class_tells_type=True,
    lasting={"Video", "Task", "Job"},
    viewer=lambda context: context.principal.may(Scope.URLS),
)


class Upstream:
    """Answers any key, after a turn of the event loop, and counts what it was asked.

    Args:
        seed: Decides what every answer is.
        trouble: Percent of answers that are errors, and of records with values that do not fit.
        spoilt: Percent of records that lack what they never should.
        memory: Where answers are kept, so that the next one is the same object; None makes each anew.
    """

    sources: Sequence[Whom] = ()

    def __init__(
        self, seed: int, trouble: int = 10, spoilt: int = 0, memory: dict[Any, Any] | None = None
    ) -> None:
        self._seed = seed
        self._trouble = trouble
        self._spoilt = spoilt
        self._memory = memory
        self.asked: Counter[tuple[Any, ...]] = Counter()
        self.sound = True
        """Whether it never failed in a way that no upstream does."""

    async def load_many(
        self,
        provider: Whom,
        verb: Verb,
        keys: Sequence[Hashable],
        *,
        max_age: float | None = None,
        deadline: float | None = None,
    ) -> Sequence[Any]:
        """Return a record or an error for each key."""
        await asyncio.sleep(0)
        return self._told(provider, verb, keys, max_age)

    def peek_many(
        self, provider: Whom, verb: Verb, keys: Iterable[Hashable], *, max_age: float | None = None
    ) -> Sequence[Any] | None:
        """Return what is at hand, which half of all keys are."""
        keys = list(keys)
        if any(Random(f"{self._seed}/{provider}/{key}").randrange(2) for key in keys):
            return None
        return self._told(provider, verb, keys, max_age)

    def _told(
        self, provider: Whom, verb: Verb, keys: Sequence[Hashable], max_age: float | None
    ) -> Sequence[Any]:
        self.asked.update((provider, verb, key, max_age) for key in keys)
        self.sound = False
        answers = [self._answer(provider, verb, key) for key in keys]
        self.sound = True
        return answers

    def fresh_for(self, provider: Whom, verb: Verb, keys: Iterable[Hashable]) -> float:
        """Know nothing that is."""
        return 0.0

    def status(self) -> Sequence[LaneStatus]:
        """Return one lane, whatever it may be."""
        status: dict[str, Any] = {field.name: 1 for field in fields(LaneStatus)}
        status |= {"provider": Provider.VOD, "operation": "Operation", "verbs": (), "quota": "own"}
        status |= {"circuit": "closed", "last_error": "E", "last_error_at": START, "latency": 0.5}
        return [LaneStatus(**status)]

    def _answer(self, provider: Whom, verb: Verb, key: Any) -> Any:
        if self._memory is None:
            return self._made(provider, verb, key)
        if (provider, verb, key) not in self._memory:
            self._memory[provider, verb, key] = self._made(provider, verb, key)
        return self._memory[provider, verb, key]

    def _made(self, provider: Whom, verb: Verb, key: Any) -> Any:
        maker = _Maker(
            Random(f"{self._seed}/{provider}/{verb}/{key}"),
            provider_of(provider),
            self._trouble,
            self._spoilt,
        )
        if maker.chance(self._trouble):
            return maker.error()
        match verb:
            case Verb.LATEST_BY_VIDEO:
                return maker.video(key)
            case Verb.TASK_BY_ID:
                return maker.task(key, full=True)
            case Verb.JOBS_BY_ID:
                return maker.job(JobRef(provider=provider_of(provider), provider_id=key), full=True)
            case Verb.TASKS_OF_VIDEO:
                return maker.history(key)
            case Verb.TASKS_IN_WINDOW:
                return maker.window(key)


class _Maker:
    """Makes the records of one answer."""

    def __init__(self, random: Random, provider: Provider, trouble: int, spoilt: int) -> None:
        self._random = random
        self._provider = provider
        self._trouble = trouble
        self._spoilt = spoilt
        self._observation = Observation(
            at=START + timedelta(seconds=random.randrange(1000)),
            operation="Operation",
            request_id=self._or_none("request"),
        )

    def chance(self, percent: float) -> bool:
        return self._random.random() * 100 < percent

    def error(self) -> GatewayError:
        told = {"provider": self._provider, "operation": "Operation"}
        errors: list[GatewayError] = [
            NotFound("Not found."),
            Throttled("Throttled.", **told),  # type: ignore[arg-type]
            Unavailable("Unavailable.", **told),  # type: ignore[arg-type]
            Garbled("Garbled.", **told),  # type: ignore[arg-type]
            CircuitOpen("Left alone.", provider=self._provider),
        ]
        return self._random.choice(errors)

    def video(self, video_id: str) -> Video:
        task = self._random.choice([UNSET, None, *[self._task_of_video(video_id, full=False)] * 6])
        return Video(id=identity.encode(VideoRef(video_id=video_id)), video_id=video_id, latest_task=task)

    def task(self, provider_id: str, *, full: bool) -> Task:
        if self._provider is Provider.VOD:
            return self._task_of_video(provider_id.removeprefix("t-"), full=full)
        ref = TaskRef(provider=self._provider, provider_id=provider_id)
        return self._task(ref, provider_id, self._or_none(self._random.choice(VIDEO_IDS)), full=full)

    def job(self, ref: JobRef, *, full: bool) -> Job:
        job_id = identity.encode(ref)
        return self._marred(
            Job(
                id=job_id,
                provider=self._provider,
                provider_id=self._told(f"j-{ref.label}", full=full),
                name=self._or_none("job"),
                group=self._or_none(self._group()),
                status=self._random.choice(list(Status)),
                progress=self._or_none(self._random.randrange(101)),
                template=self._or_none(Template(id=self._or_none("template"))),
                priority=self._told(self._random.randrange(11), full=full),
                created_at=self._time(),
                error=self._or_none(Problem(code="E", message=self._or_none("because"))),
                input=self._told(self._input(), full=full),
                output=self._or_none(self._output(job_id, full=full)),
                observation=self._observation,
            )
        )

    def history(self, page: VideoPage) -> TaskPage:
        return self._page([self._task_of_video(page.video_id, full=False)], page.page)

    def window(self, page: WindowPage) -> TaskPage:
        numbers = self._random.sample(range(4), self._random.randrange(4))
        return self._page([self.task(f"i{number}", full=False) for number in numbers], page.page)

    def _page(self, tasks: list[Task], page: str | None) -> TaskPage:
        return TaskPage(
            tasks=tuple(tasks),
            garbled=self._random.randrange(2),
            next_page="more" if page is None and self.chance(30) else None,
            total_count=self._or_none(len(tasks)),
        )

    def _task_of_video(self, video_id: str, *, full: bool) -> Task:
        ref = TaskRef(provider=Provider.VOD, video_id=video_id, created_at=START)
        return self._task(ref, f"t-{video_id}", video_id, full=full)

    def _task(self, ref: TaskRef, provider_id: str, video_id: str | None, *, full: bool) -> Task:
        jobs = [
            self.job(JobRef(provider=ref.provider, task=ref, label=str(number)), full=full)
            for number in range(self._random.randrange(4))
        ]
        return self._marred(
            Task(
                id=identity.encode(ref),
                provider=ref.provider,
                provider_id=provider_id if self.chance(60) or full else UNSET,
                name=self._or_none("task"),
                status=self._random.choice(list(Status)),
                progress=self._told(self._random.randrange(101), full=full),
                trigger=self._told(self._random.choice(list(Trigger)), full=full),
                video_id=video_id,
                inputs=(self._input(),) * self._random.randrange(3) if full or self.chance(50) else UNSET,
                created_at=self._time(),
                error=self._or_none(Problem(message="because")),
                jobs=tuple(jobs) if full or self.chance(60) else UNSET,
                observation=self._observation,
            )
        )

    def _output(self, job_id: str, *, full: bool) -> Output:
        streams = self._random.randrange(3)
        return self._marred(
            Output(
                job_id=job_id,
                format=self._or_none("mp4"),
                url=self._told("https://example.test/a.mp4", full=full),
                location=self._or_none(Location(type="OSS", uri=self._or_none("oss://bucket/a"))),
                width=self._or_none(1920),
                # Beyond Int: an error that only the type finds.
                height=2**31 if self.chance(self._trouble / 4) else self._or_none(1080),
                bitrate=self._or_none(self._random.choice([2530.75, 12.0, float("nan")])),
                file_size=self._or_none(2**40),
                watermark_ids=("a", "b")[: self._random.randrange(3)],
                video_streams=self._told(
                    (self._marred(VideoStream(index=0, fps=25.0)),) * streams, full=full
                ),
                audio_streams=self._told((AudioStream(index=1),) * streams, full=full),
                subtitle_streams=self._told((SubtitleStream(language="en"),) * streams, full=full),
            )
        )

    def _group(self) -> JobGroup:
        return self._marred(
            JobGroup(name=self._or_none("group"), location=self._or_none(Location(bucket="bucket")))
        )

    def _input(self) -> Input:
        return self._marred(Input(name=self._or_none("input"), location=self._or_none(Location(uri="uri"))))

    def _time(self) -> Any:
        return self._or_none(START + timedelta(microseconds=self._random.choice([0, 1_500_000, 12])))

    def _or_none(self, value: T) -> T | Any:
        return None if self.chance(20) else value

    def _told(self, value: Any, *, full: bool) -> Any:
        """Return a value that a summary leaves out, and sometimes the full account too."""
        return self._or_none(value) if self.chance(90 if full else 50) else UNSET

    def _marred(self, record: R) -> R:
        """Return the record, sometimes with a value that does not fit, or without one it should have."""
        names = [field.name for field in fields(record) if field.name not in _NEVER_MARRED]
        if self.chance(self._trouble):
            name = self._random.choice([name for name in names if getattr(record, name) is None] or [""])
            misfit = Misfit(field=name, reason="an integer", provider=self._provider, operation="Operation")
            record = replace(record, misfits=(misfit,))
        if self.chance(self._spoilt):
            record = replace(record, **{self._random.choice(names): None})
        return record
