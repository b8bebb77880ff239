"""The videos of the VOD account."""

import pytest

from gateway.sandbox.ids import hexadecimal
from gateway.sandbox.timeline import YEAR
from gateway.sandbox.videos import LIVELY, QUIET, TOTAL, Task
from gateway.sandbox.world import World

from .clients import START


def latest(world: World, now: float) -> list[Task]:
    """List every video's newest task."""
    videos = world.videos
    return [task for number in range(TOTAL) if (task := videos.latest(videos.video(number), now))]


def test_video_ids(world: World) -> None:
    """Video ids are unique, look like ids, and find their video again."""
    videos = [world.videos.video(number) for number in range(TOTAL)]
    assert len({video.id for video in videos}) == TOTAL
    assert all(hexadecimal(video.id, 32) is not None for video in videos)
    assert all(world.videos.find(video.id) is video for video in videos)
    assert world.videos.find("hhhhhhh") is None


@pytest.mark.parametrize("later", [0, 1, 77, 4000, 86_400, 40_000_000])
def test_thousands_are_moving(world: World, later: int) -> None:
    """At any moment at least 2500 videos are being transcoded, whatever the year."""
    now = START + later
    assert sum(task.state(now) in {"processing", "partly done"} for task in latest(world, now)) >= 2500


def test_many_move_for_minutes(world: World) -> None:
    """Two thousand videos go on moving for three minutes at least."""
    remaining = sorted((task.finished - START for task in latest(world, START)), reverse=True)
    assert remaining[1999] > 180


def test_moving_tasks_show_it(world: World) -> None:
    """Within two seconds the progress of nearly every moving task changes."""
    moving = [task for task in latest(world, START) if task.created + 2 < START < task.finished - 2]
    changed = sum(
        [job.progress(START) for job in task.jobs] != [job.progress(START + 2) for job in task.jobs]
        for task in moving
    )
    assert changed / len(moving) > 0.99


def test_progress_within_a_task_only_rises(world: World) -> None:
    """A job's progress never falls and its state never goes back."""
    order = {"queued": 0, "running": 1, "succeeded": 2, "failed": 2}
    for task in latest(world, START)[:200]:
        for job in task.jobs:
            moments = range(task.created, task.finished + 5, 3)
            seen = [(order[job.state(moment)], job.progress(moment)) for moment in moments]
            assert seen == sorted(seen)


def test_finished_for_good(world: World) -> None:
    """Hundreds of videos rest: nothing about them changes within an hour."""
    resting = [
        task
        for task in latest(world, START)
        if task.finished < START and task.created + task.video.period > START + 3600
    ]
    assert len(resting) > 700
    assert {task.state(START) for task in resting} == {"succeeded", "failed", "partial"}


def test_history(world: World) -> None:
    """A video shows up to forty tasks of the past year, newest first, each found by id, none older."""
    lengths = set()
    for number in [*range(0, LIVELY, 40), *range(LIVELY, LIVELY + QUIET, 5)]:
        video = world.videos.video(number)
        tasks = list(world.videos.tasks(video, START))
        created = [task.created for task in tasks]
        assert created == sorted(created, reverse=True)
        assert created[-1] >= START - YEAR
        assert created[0] <= START
        assert tasks[0] is world.videos.latest(video, START)
        assert all(world.videos.find_task(world.videos.task_id(task), START) is task for task in tasks)
        lengths.add(len(tasks))
        older = Task(video, tasks[-1].generation - 1, 0, ())
        assert world.videos.find_task(world.videos.task_id(older), START) is None
    assert min(lengths) == 1
    assert max(lengths) == 40


def test_tasks_fit_their_rhythm(world: World) -> None:
    """A task has ended before the next one of its video begins."""
    assert all(task.finished < task.created + task.video.period for task in latest(world, START))


def test_untouched_videos(world: World) -> None:
    """Some videos exist and have no task."""
    video = world.videos.video(LIVELY + QUIET)
    assert world.videos.find(video.id) is video
    assert world.videos.latest(video, START) is None
    assert list(world.videos.tasks(video, START)) == []


def test_jobs_by_id(world: World) -> None:
    """A job's id finds the job and its task; an id of a job the task does not have finds nothing."""
    task = latest(world, START)[0]
    job = task.jobs[-1]
    assert world.videos.find_job(world.videos.job_id(task, job), START) == (task, job)
    beyond = world.cipher.seal(3, task.video.number, task.generation, len(task.jobs))
    assert world.videos.find_job(beyond, START) is None
    nobody = world.cipher.seal(3, TOTAL - 1, task.generation, 0)
    assert world.videos.find_job(nobody, START) is None


def test_a_broken_source_has_no_jobs(world: World) -> None:
    """Some tasks failed before any job began."""
    tasks = [
        task
        for number in range(LIVELY, LIVELY + QUIET)
        for task in world.videos.tasks(world.videos.video(number), START)
    ]
    broken = [task for task in tasks if not task.jobs]
    assert broken
    assert {task.state(START + 5) for task in broken} == {"failed"}
