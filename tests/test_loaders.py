"""The loaders of one request: what they promise, and what happens when one holds them wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from gateway.domain.errors import Garbled, NotFound, NotOffered, Unavailable
from gateway.domain.identity import JobRef, TaskRef, encode
from gateway.domain.provider import Verb, VideoPage, WindowPage
from gateway.domain.records import Job, Observation, Provider, Task, TaskPage, Video
from gateway.domain.sources import Whom, provider_of
from gateway.loaders import Loaders
from gateway.upstream.status import LaneStatus

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = {Verb.LATEST_BY_VIDEO: 10}
VOD_REF = TaskRef(provider=Provider.VOD, video_id="v", template_group_id="g", created_at=NOON)


class Scripted:
    """An upstream whose answers are written down by verb and key; whatever is not, does not exist."""

    sources: Sequence[Whom] = ()

    def __init__(self, answers: Mapping[tuple[Verb, Hashable], Any] | None = None) -> None:
        self.answers = dict(answers or {})
        self.asked: list[tuple[Verb, list[Hashable], float | None, float | None]] = []

    async def load_many(
        self,
        provider: Whom,
        verb: Verb,
        keys: Sequence[Hashable],
        *,
        max_age: float | None = None,
        deadline: float | None = None,
    ) -> Sequence[Any]:
        """Write down what was asked; answer as scripted."""
        self.asked.append((verb, list(keys), max_age, deadline))
        await asyncio.sleep(0)
        return [self.answers.get((verb, key), NotFound("no", provider=provider_of(provider))) for key in keys]

    def peek_many(
        self, provider: Whom, verb: Verb, keys: Iterable[Hashable], *, max_age: float | None = None
    ) -> None:
        """Have nothing at hand."""

    def fresh_for(self, provider: Whom, verb: Verb, keys: Iterable[Hashable]) -> float:
        """Know nothing that is."""
        return 0.0

    def status(self) -> Sequence[LaneStatus]:
        """There are no lanes."""
        return []

    @property
    def verbs(self) -> list[Verb]:
        """What was asked, in order."""
        return [verb for verb, *_ in self.asked]


def _task(ref: TaskRef = VOD_REF, at: datetime = NOON, **fields: Any) -> Task:
    observation = Observation(at=at, operation="X", request_id="R")
    return Task(id=encode(ref), provider=ref.provider, observation=observation, **fields)


def _job(ref: TaskRef = VOD_REF, label: str = "t/0", **fields: Any) -> Job:
    job_id = encode(JobRef(provider=ref.provider, task=ref, label=label))
    return Job(id=job_id, provider=ref.provider, observation=Observation(at=NOON, operation="X"), **fields)


def _page(ref: TaskRef = VOD_REF) -> VideoPage:
    second = timedelta(seconds=1)
    return VideoPage(video_id="v", created_from=NOON - second, created_to=NOON + second)


async def test_keys_asked_for_together_travel_together() -> None:
    """Loads made in one turn of the loop are one list of keys; equal ones are one key."""
    upstream = Scripted()
    loaders = Loaders(upstream, deadline=5.0)
    await asyncio.gather(*(loaders.video(video_id) for video_id in ["a", "b", "a", "c"]))
    assert upstream.asked == [(Verb.LATEST_BY_VIDEO, ["a", "b", "c"], None, 5.0)]


async def test_what_was_read_once_stays_as_it_was() -> None:
    """Within one request a record does not change under the query, nor does an error."""
    upstream = Scripted({(Verb.TASK_BY_ID, "p"): _task()})
    loaders = Loaders(upstream)
    first = await loaders.task(Provider.VOD, "p")
    upstream.answers.clear()
    assert await loaders.task(Provider.VOD, "p") is first
    assert await loaders.task(Provider.VOD, "q") is None
    assert await loaders.task(Provider.VOD, "q") is None
    assert len(upstream.asked) == 2


async def test_one_bad_key_is_its_own() -> None:
    """An error reaches the waiters of its key and nobody else."""
    down = Unavailable("down", provider=Provider.VOD, operation="X")
    video = Video(id="x", video_id="a", latest_task=None)
    loaders = Loaders(Scripted({(Verb.LATEST_BY_VIDEO, "a"): video, (Verb.LATEST_BY_VIDEO, "b"): down}))
    found = await asyncio.gather(
        loaders.video("a"), loaders.video("b"), loaders.video("c"), return_exceptions=True
    )
    assert tuple(found) == (video, down, None)


async def test_a_remembered_error_keeps_nothing_of_its_requests() -> None:
    """An error that is raised for many requests does not grow with them."""
    gone = NotFound("gone", provider=Provider.VOD)
    upstream = Scripted({(Verb.LATEST_BY_VIDEO, "a"): gone})

    def frames() -> int:
        traceback, count = gone.__traceback__, 0
        while traceback is not None:
            traceback, count = traceback.tb_next, count + 1
        return count

    await Loaders(upstream).video("a")
    once = frames()
    for _ in range(10):
        await Loaders(upstream).video("a")
    assert frames() == once


async def test_a_waiter_that_leaves_takes_nobody_along() -> None:
    """A field that is cancelled cancels no other field's record."""
    upstream = Scripted({(Verb.TASK_BY_ID, "p"): _task()})
    loaders = Loaders(upstream)
    leaving = asyncio.create_task(loaders.task(Provider.VOD, "p"))
    staying = asyncio.create_task(loaders.task(Provider.VOD, "p"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == _task()
    assert leaving.cancelled()


async def test_younger_data_is_asked_for_apart() -> None:
    """A bound on the age goes down with the keys it was given for, and with no others."""
    upstream = Scripted()
    loaders = Loaders(upstream)
    await asyncio.gather(
        loaders.video("a"),
        loaders.within(0.5).video("a"),
        loaders.within(0.5).video("b"),
        loaders.within(None).video("c"),
    )
    assert {(tuple(keys), max_age) for _, keys, max_age, _ in upstream.asked} == {
        (("a", "c"), None),
        (("a", "b"), 0.5),
    }


async def test_a_record_without_what_it_never_lacks_spoils_no_other() -> None:
    """It comes as it is; whoever asks for what it lacks will notice."""
    nothing: Any = None
    odd = msgspec.structs.replace(_task(), observation=nothing)
    videos = [
        Video(id=name, video_id=name, latest_task=task) for name, task in (("good", _task()), ("odd", odd))
    ]
    upstream = Scripted({(Verb.LATEST_BY_VIDEO, video.video_id): video for video in videos})
    loaders = Loaders(upstream)
    assert await loaders.videos(["good", "odd"]) == videos
    assert loaders.ages.oldest == NOON


async def test_the_oldest_record_is_known() -> None:
    """The age of an answer is that of its least fresh record, whichever loader read it."""
    older = NOON - timedelta(seconds=7)
    upstream = Scripted({(Verb.TASK_BY_ID, "new"): _task(), (Verb.TASK_BY_ID, "old"): _task(at=older)})
    loaders = Loaders(upstream)
    assert loaders.ages.oldest is None
    await loaders.task(Provider.VOD, "new")
    await loaders.within(1).task(Provider.VOD, "old")
    assert loaders.ages.oldest == older


async def test_the_latest_task_is_found_in_the_summary() -> None:
    """The id of a video's newest task costs one summary."""
    task = _task()
    upstream = Scripted({(Verb.LATEST_BY_VIDEO, "v"): Video(id="x", video_id="v", latest_task=task)})
    assert await Loaders(upstream).task_by_ref(VOD_REF) is task
    assert upstream.verbs == [Verb.LATEST_BY_VIDEO]


async def test_an_older_task_is_found_in_the_listing_of_its_seconds() -> None:
    """The id of an older task costs a narrow listing besides, all its pages if need be."""
    newer = TaskRef(
        provider=Provider.VOD, video_id="v", template_group_id="g", created_at=NOON + timedelta(1)
    )
    task, page = _task(), _page()
    upstream = Scripted(
        {
            (Verb.LATEST_BY_VIDEO, "v"): Video(id="x", video_id="v", latest_task=_task(newer)),
            (Verb.TASKS_OF_VIDEO, page): TaskPage(tasks=(_task(newer),), next_page="2"),
            (Verb.TASKS_OF_VIDEO, msgspec.structs.replace(page, page="2")): TaskPage(tasks=(task,)),
        }
    )
    assert await Loaders(upstream).task_by_ref(VOD_REF) is task
    assert upstream.verbs == [Verb.LATEST_BY_VIDEO, Verb.TASKS_OF_VIDEO, Verb.TASKS_OF_VIDEO]


async def test_a_deployment_without_lookup_is_searched_by_time() -> None:
    """Where a provider cannot look a task up, the seconds in which it was made are listed."""
    ref = TaskRef(provider=Provider.VISIONULAR, provider_id="p", created_at=NOON)
    second = timedelta(seconds=1)
    page = WindowPage(created_from=NOON - second, created_to=NOON + second)
    task = _task(ref)
    upstream = Scripted(
        {
            (Verb.TASK_BY_ID, "p"): NotOffered("no", provider=Provider.VISIONULAR),
            (Verb.TASKS_IN_WINDOW, page): TaskPage(tasks=(task,)),
        }
    )
    assert await Loaders(upstream).task_by_ref(ref) is task


async def test_a_task_in_full_takes_the_listing_only_for_want_of_its_id() -> None:
    """A task whose own id is known is asked for directly."""
    full = _task(provider_id="p", jobs=())
    upstream = Scripted(
        {
            (Verb.TASK_BY_ID, "p"): full,
            (Verb.TASKS_OF_VIDEO, _page()): TaskPage(tasks=(_task(provider_id="p"),)),
        }
    )
    assert await Loaders(upstream).task_in_full(_task(provider_id="p")) is full
    assert upstream.verbs == [Verb.TASK_BY_ID]
    assert await Loaders(upstream).task_in_full(_task()) is full
    assert upstream.verbs[1:] == [Verb.TASKS_OF_VIDEO, Verb.TASK_BY_ID]


async def test_jobs_are_found_through_their_task() -> None:
    """A job's id leads to its task and within it to the job, in full where the task was listed without."""
    job = _job()
    listed, full = _task(provider_id="p"), _task(provider_id="p", jobs=(job,))
    upstream = Scripted(
        {(Verb.TASKS_OF_VIDEO, _page()): TaskPage(tasks=(listed,)), (Verb.TASK_BY_ID, "p"): full}
    )
    loaders = Loaders(upstream)
    assert await loaders.job_in_full(job.id) is job
    upstream.answers[Verb.LATEST_BY_VIDEO, "v"] = Video(id="x", video_id="v", latest_task=None)
    found = await Loaders(upstream).job_by_ref(JobRef(provider=Provider.VOD, task=VOD_REF, label="t/0"))
    assert found is job
    other = await Loaders(upstream).job_by_ref(JobRef(provider=Provider.VOD, task=VOD_REF, label="t/1"))
    assert other is None


async def test_accounts_that_disagree_are_an_error() -> None:
    """A job that the summary knows and the task in full does not is reported, not guessed."""
    upstream = Scripted(
        {
            (Verb.TASKS_OF_VIDEO, _page()): TaskPage(tasks=(_task(provider_id="p"),)),
            (Verb.TASK_BY_ID, "p"): _task(provider_id="p", jobs=(_job(),)),
        }
    )
    with pytest.raises(Garbled) as caught:
        await Loaders(upstream).job_in_full(_job(label="t/1").id)
    assert caught.value.request_id == "R"


async def test_what_is_gone_is_null_by_id_and_an_error_within() -> None:
    """A look-up of something gone is null; a field of something just seen, now gone, is an error."""
    loaders = Loaders(Scripted())
    assert await loaders.task_by_ref(VOD_REF) is None
    assert await loaders.job_by_ref(JobRef(provider=Provider.VOD, provider_id="j")) is None
    assert await loaders.page(Provider.VOD, _page()) == TaskPage(tasks=())
    with pytest.raises(NotFound):
        await loaders.task_listed(_task())
    with pytest.raises(NotFound):
        await loaders.task_in_full(_task(provider_id=None))
    with pytest.raises(NotFound):
        await loaders.job_in_full(_job().id)


async def test_a_job_without_a_task_is_looked_up_by_itself() -> None:
    """A VOD job asked for by its own id comes from the operation that takes job ids."""
    ref = JobRef(provider=Provider.VOD, provider_id="j")
    job = Job(id=encode(ref), provider=Provider.VOD, observation=Observation(at=NOON, operation="X"))
    upstream = Scripted({(Verb.JOBS_BY_ID, "j"): job})
    assert await Loaders(upstream).job_by_ref(ref) is job


async def test_a_task_known_in_full_is_not_a_listing() -> None:
    """Where nothing is known of the time, there is no listing to search."""
    ref = TaskRef(provider=Provider.VISIONULAR, provider_id="p")
    upstream = Scripted({(Verb.TASK_BY_ID, "p"): NotOffered("no", provider=Provider.VISIONULAR)})
    assert await Loaders(upstream).task_by_ref(ref) is None
    assert _task().jobs is UNSET


async def test_a_call_is_counted_once_whoever_shares_it() -> None:
    """Records of one call name it, and those from before the request were not called for."""
    old, new = _task(at=NOON - timedelta(seconds=5), provider_id="o"), _task(provider_id="n")
    page = TaskPage(tasks=(new,))
    upstream = Scripted(
        {
            (Verb.LATEST_BY_VIDEO, "a"): Video(id="a", video_id="a", latest_task=new),
            (Verb.LATEST_BY_VIDEO, "b"): Video(id="b", video_id="b", latest_task=new),
            (Verb.TASK_BY_ID, "o"): old,
            (Verb.TASKS_OF_VIDEO, _page()): page,
        }
    )
    loaders = Loaders(upstream)
    await asyncio.gather(loaders.video("a"), loaders.video("b"), loaders.video("unknown"))
    assert loaders.spent.calls(NOON, KEYS) == 1
    await loaders.task(Provider.VOD, "o")
    await loaders.patient(0.5).page(Provider.VOD, _page())
    assert loaders.spent.calls(NOON, KEYS) == 1


async def test_what_memory_says_is_not_there_keeps_no_request_alive() -> None:
    """An error that was raised holds the frames it went through; memory's is never raised."""
    gone = NotFound("no", provider=Provider.IMS)
    page = _page()
    loaders = Loaders(
        Scripted(
            {(Verb.TASK_BY_ID, "g"): gone, (Verb.JOBS_BY_ID, "g"): gone, (Verb.TASKS_OF_VIDEO, page): gone}
        )
    )
    assert await loaders.task(Provider.IMS, "g") is None
    assert await loaders.job(Provider.VOD, "g") is None
    assert (await loaders.page(Provider.VOD, page)).tasks == ()
    assert gone.__traceback__ is None


async def test_what_is_not_there_is_taken_for_a_call() -> None:
    """An unknown id, an empty page and a failure tell no call, so each of them counts."""
    failed = Unavailable("no", provider=Provider.IMS, operation="X")
    upstream = Scripted({(Verb.TASKS_OF_VIDEO, _page()): TaskPage(tasks=()), (Verb.TASK_BY_ID, "f"): failed})
    loaders = Loaders(upstream)
    assert await loaders.task(Provider.IMS, "unknown") is None
    await loaders.page(Provider.VOD, _page())
    with pytest.raises(Unavailable):
        await loaders.task(Provider.IMS, "f")
    assert loaders.spent.calls(NOON, KEYS) == 3


async def test_what_is_not_there_takes_as_many_calls_as_it_has_room_in() -> None:
    """Unknown ids ride along with what is there; what has no room there has calls of its own."""
    unknown = [f"u{number}" for number in range(29)]
    task = _task()
    old = _task(at=NOON - timedelta(seconds=5))
    upstream = Scripted(
        {
            (Verb.LATEST_BY_VIDEO, "a"): Video(id="a", video_id="a", latest_task=task),
            (Verb.LATEST_BY_VIDEO, "o"): Video(id="o", video_id="o", latest_task=old),
        }
    )
    for ids, calls in (
        (unknown, 3),
        (["a", *unknown], 3),
        (["o", *unknown], 3),
        (["a", "o", *unknown[:9]], 1),
    ):
        loaders = Loaders(upstream)
        await loaders.videos(ids)
        assert loaders.spent.calls(NOON, KEYS) == calls


async def test_what_memory_has_is_no_call() -> None:
    """An answer that is there at once cost nothing, even one that names no call."""

    class Remembering(Scripted):
        async def load_many(self, provider: Whom, verb: Verb, keys: Sequence[Hashable], **_: Any) -> Any:
            return [NotFound("no", provider=provider_of(provider))] * len(keys)

    loaders = Loaders(Remembering())
    assert await loaders.video("unknown") is None
    assert loaders.spent.calls(NOON, KEYS) == 0


async def test_the_patient_wait_for_a_part_of_the_time() -> None:
    """A list leaves time for what is selected of its tasks; without a deadline there is nothing to part."""
    upstream = Scripted()
    now = asyncio.get_running_loop().time()
    await Loaders(upstream, deadline=now + 10).patient(0.5).page(Provider.VOD, _page())
    await Loaders(upstream).patient(0.5).page(Provider.VOD, _page())
    (*_, first), (*_, second) = upstream.asked
    assert first is not None
    assert now + 4.9 < first < now + 5.1
    assert second is None
