"""Whether two answers say the same."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from gateway.domain.errors import NotFound
from gateway.domain.records import Job, Observation, Provider, Status, TaskPage, Video
from gateway.live.change import same
from tests.upstream.conftest import START, task, video

LATER = Observation(at=START + timedelta(seconds=9), operation="Summary", request_id="another")


def test_a_later_look_at_the_same_is_no_change() -> None:
    """Times and request ids differ with every look."""
    job = Job(id="j", provider=Provider.VOD, observation=LATER)
    one = replace(task("a"), jobs=(replace(job, observation=task("a").observation),))
    assert same(one, replace(one, observation=LATER, jobs=(job,)))
    assert same(video("a"), replace(video("a"), latest_task=replace(task("a"), observation=LATER)))
    assert same(TaskPage(tasks=(task("a"),)), TaskPage(tasks=(replace(task("a"), observation=LATER),)))
    assert same(job, replace(job, observation=task("a").observation))
    assert same(NotFound("No such id."), NotFound("Nothing."))


def test_progress_of_a_job_is_a_change() -> None:
    """Whatever moves is."""
    job = Job(id="j", provider=Provider.VOD, observation=LATER, progress=1)
    one = replace(task("a"), jobs=(job,))
    assert not same(one, replace(one, jobs=(replace(job, progress=2),)))
    assert not same(video("a"), video("a", Status.SUCCEEDED))
    assert not same(None, video("a"))
    assert not same(Video(id="v", video_id="v", latest_task=None), NotFound("No such id."))
