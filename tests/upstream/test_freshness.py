"""The freshness policy."""

from __future__ import annotations

import pytest

from gateway.domain.errors import NotFound
from gateway.domain.records import Status, TaskPage, Video
from gateway.upstream.freshness import Answer, Freshness, Kind, classify, takes_back
from gateway.upstream.policy import FreshnessPolicy
from tests.upstream.conftest import task, video


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (task("a", Status.RUNNING), Kind.MOVING),
        (task("a", Status.QUEUED), Kind.MOVING),
        (task("a", Status.UNKNOWN), Kind.MOVING),
        (task("a", Status.FAILED), Kind.FINISHED),
        (video("a", Status.RUNNING), Kind.MOVING),
        (video("a", Status.SUCCEEDED), Kind.RESTING),
        (Video(id="g", video_id="a", latest_task=None), Kind.RESTING),
        (Video(id="g", video_id="a"), Kind.RESTING),
        (TaskPage(tasks=()), Kind.LISTING),
        (NotFound("No such id."), Kind.ABSENT),
    ],
)
def test_every_answer_has_a_kind(answer: Answer, kind: Kind) -> None:
    """What a record says decides how soon it is expected to change."""
    assert classify(answer) is kind


def test_windows_of_moving_records_stretch_to_the_pace_of_the_quota() -> None:
    """Records that the quota cannot refresh within a second are fresh for as long as a round takes."""
    freshness = Freshness(FreshnessPolicy())
    assert freshness.windows(Kind.MOVING, pace=0.3).fresh == 1.0
    assert freshness.windows(Kind.MOVING, pace=7.0).fresh == 7.0
    assert freshness.windows(Kind.MOVING, pace=7.0).stale == 17.0


def test_windows_of_other_records_do_not_stretch() -> None:
    """A finished task is not polled at a pace, so the pace says nothing about it."""
    freshness = Freshness(FreshnessPolicy())
    assert freshness.windows(Kind.FINISHED, pace=7000.0) == FreshnessPolicy().finished


def test_only_an_answer_about_the_same_work_can_take_its_end_back() -> None:
    """A video whose next task has begun moves again, and rightly so."""
    over, moving = video("a", Status.SUCCEEDED), video("a", Status.RUNNING)
    assert takes_back(moving, over)
    assert takes_back(task("a", Status.UNKNOWN), task("a", Status.FAILED))
    assert not takes_back(over, moving)
    assert not takes_back(over, over)
    assert not takes_back(video("b", Status.RUNNING), over)
    assert not takes_back(NotFound("gone"), over)
    assert not takes_back(Video(id="g", video_id="a"), over)
