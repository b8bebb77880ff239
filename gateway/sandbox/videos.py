"""The videos of the VOD account and the tasks made of them.

Three kinds of video, told apart by their number. **Lively** ones are transcoded again a few seconds after
each task has ended, for ever, so that thousands are moving at any moment. **Quiet** ones rest for days to a
year between two tasks. **Untouched** ones were uploaded and never transcoded. Each video keeps a fixed
rhythm: its generation ``g`` is created at ``phase + g * period``, so its newest task is one division away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from gateway.sandbox.catalog import GROUPS, LARGE_GROUPS, Template
from gateway.sandbox.dice import Dice
from gateway.sandbox.ids import Cipher
from gateway.sandbox.timeline import LONGEST_WORK, PERCENT, SHORTEST_WORK, YEAR, Outcome, Work

LIVELY: Final = 3200
QUIET: Final = 800
UNTOUCHED: Final = 300
TOTAL: Final = LIVELY + QUIET + UNTOUCHED

VIDEO, TASK, JOB = 1, 2, 3  # kinds of id
LEAD: Final = 2  # seconds between a task and the start of its first job
FEWEST_KEPT, MOST_KEPT = 12, 40

TaskState = Literal["processing", "partly done", "succeeded", "failed", "partial"]


@dataclass(frozen=True, slots=True, eq=False)
class Video:
    """A media file; ``kept`` is the most tasks that can be seen, ``duration`` its playing time in seconds."""

    number: int
    id: str
    group: int
    portrait: bool
    duration: int
    period: int
    phase: int
    kept: int

    @property
    def templates(self) -> tuple[Template, ...]:
        """The outputs its template group asks for."""
        return GROUPS[self.group]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One transcoding of a video, with its jobs. A task without jobs has failed on a broken source file."""

    video: Video
    generation: int
    created: int
    jobs: tuple[Work, ...]

    @property
    def finished(self) -> int:
        """When the last job ends."""
        return self.jobs[-1].finished if self.jobs else self.created + LEAD

    def state(self, now: float) -> TaskState:
        """Say what became of the jobs so far."""
        if now < self.finished:
            return "partly done" if self.jobs and now >= self.jobs[0].finished else "processing"
        good = sum(job.outcome == "succeeded" for job in self.jobs)
        if good == len(self.jobs) and self.jobs:
            return "succeeded"
        return "partial" if good else "failed"


class Videos:
    """Every video of the account, found by number or id."""

    def __init__(self, dice: Dice, cipher: Cipher) -> None:
        self._dice, self._cipher = dice, cipher
        self._video = lru_cache(maxsize=TOTAL)(self._make_video)
        self._find = lru_cache(maxsize=TOTAL)(self._read_video)
        self._task = lru_cache(maxsize=2 * TOTAL)(self._make_task)

    def video(self, number: int) -> Video:
        """Return a video by its number, 0 to TOTAL - 1."""
        return self._video(number)

    def find(self, video_id: str) -> Video | None:
        """Return a video by its id; None if there is none."""
        return self._find(video_id)

    def latest(self, video: Video, now: float) -> Task | None:
        """Return its newest task; None if it was never transcoded."""
        if video.number >= LIVELY + QUIET:
            return None
        return self._task(video.number, self._newest(video, now))

    def tasks(self, video: Video, now: float) -> Iterator[Task]:
        """Walk through its visible tasks, newest first."""
        if video.number >= LIVELY + QUIET:
            return
        newest = self._newest(video, now)
        for generation in range(newest, newest - video.kept, -1):
            task = self._task(video.number, generation)
            if task.created < now - YEAR:
                return
            yield task

    def task_id(self, task: Task) -> str:
        """Make a task's id."""
        return self._cipher.seal(TASK, task.video.number, task.generation)

    def job_id(self, task: Task, job: Work) -> str:
        """Make a job's id."""
        return self._cipher.seal(JOB, task.video.number, task.generation, job.number)

    def find_task(self, task_id: str, now: float) -> Task | None:
        """Return a task by its id; None if it does not exist, not yet or not any more."""
        numbers = self._cipher.open(TASK, task_id)
        return self._visible(numbers[0], numbers[1], now) if numbers else None

    def find_job(self, job_id: str, now: float) -> tuple[Task, Work] | None:
        """Return a job by its id, with its task; None if it cannot be seen."""
        numbers = self._cipher.open(JOB, job_id)
        task = self._visible(numbers[0], numbers[1], now) if numbers else None
        return (task, task.jobs[numbers[2]]) if task and numbers and numbers[2] < len(task.jobs) else None

    def _newest(self, video: Video, now: float) -> int:
        return int((now - video.phase) // video.period)

    def _visible(self, number: int, generation: int, now: float) -> Task | None:
        if number >= LIVELY + QUIET:
            return None
        video = self.video(number)
        newest = self._newest(video, now)
        if not newest - video.kept < generation <= newest:
            return None
        task = self._task(number, generation)
        return task if task.created >= now - YEAR else None

    def _read_video(self, video_id: str) -> Video | None:
        numbers = self._cipher.open(VIDEO, video_id)
        return self.video(numbers[0]) if numbers and numbers[0] < TOTAL else None

    def _make_video(self, number: int) -> Video:
        dice = self._dice
        # Most lively videos have many outputs, so that a task is under way for ten minutes and more.
        large = number < LIVELY and dice.chance(70, "large", number)
        group = dice.roll("group", number) % (LARGE_GROUPS if large else len(GROUPS))
        if number < LIVELY:
            full = sum(self._length(number, place) for place in range(len(GROUPS[group])))
            period = LEAD + full + dice.between(3, 12, "rest", number)
            kept = dice.between(FEWEST_KEPT, MOST_KEPT, "kept", number)
        else:
            period = YEAR // dice.between(1, MOST_KEPT, "rhythm", number)
            kept = MOST_KEPT
        # Most clips last minutes; one in eight is a feature film, so that files beyond 2^31 bytes occur.
        longest = 4 * 3600 if dice.chance(12, "film", number) else 600
        return Video(
            number=number,
            id=self._cipher.seal(VIDEO, number),
            group=group,
            portrait=dice.chance(30, "portrait", number),
            duration=dice.between(longest // 4, longest, "duration", number),
            period=period,
            phase=dice.roll("phase", number) % period,
            kept=kept,
        )

    def _length(self, number: int, place: int) -> int:
        return self._dice.between(SHORTEST_WORK, LONGEST_WORK, "length", number, place)

    def _make_task(self, number: int, generation: int) -> Task:
        dice, video = self._dice, self.video(number)
        created = video.phase + generation * video.period
        lively = number < LIVELY
        # A lively video must move nearly always, so only the quiet ones have hopeless days.
        if not lively and dice.chance(3, "broken source", number, generation):
            return Task(video, generation, created, ())
        percent_failing = PERCENT if not lively and dice.chance(6, "all fail", number, generation) else 3
        jobs = []
        # One after the other: then a task under way always has one job whose progress moves.
        started = created + LEAD
        for place in range(len(video.templates)):
            fails = dice.chance(percent_failing, "fails", number, generation, place)
            stops_at = dice.between(5, 95, "stop", number, generation, place) if fails else PERCENT
            outcome: Outcome = "failed" if fails else "succeeded"
            finished = started + max(1, self._length(number, place) * stops_at // PERCENT)
            jobs.append(Work(place, created, started, finished, outcome, stops_at))
            started = finished
        return Task(video, generation, created, tuple(jobs))
