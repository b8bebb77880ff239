"""What a notification may be taken for."""

from __future__ import annotations

from datetime import timedelta

from gateway.domain.errors import NotFound
from gateway.domain.records import Provider, Status, Video
from gateway.push.notice import event, full, moving_task, unchanged
from tests.push.records import CREATED, job, task, video


def test_only_what_moves_can_have_ended() -> None:
    """Not what is over, not what is unknown, and not what was made after the event."""
    moving = video(job(0))
    assert moving_task(moving, CREATED) is moving.latest_task
    assert moving_task(moving, None) is moving.latest_task
    assert moving_task(moving, CREATED - timedelta(seconds=1)) is None
    assert moving_task(video(status=Status.FAILED), None) is None
    assert moving_task(Video(id="v", video_id="v", latest_task=None), None) is None
    assert moving_task(NotFound("gone"), None) is None


def test_progress_is_full_only_where_progress_is_told() -> None:
    """A provider that tells no progress has not begun to because the work is done."""
    assert full(task(Provider.IMS)) == 100
    assert full(task(Provider.VISIONULAR, progress=None)) is None


def test_an_observation_names_the_notification() -> None:
    """Whoever sees the record sees what it was read from, and that something may change nothing."""
    assert event("TranscodeComplete").operation == "TranscodeComplete"
    assert unchanged(video()) is None
