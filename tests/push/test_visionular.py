"""Visionular's webhook, worded as its documents' sample."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.domain.records import Provider, Status, Task
from gateway.push.notice import Unreadable
from gateway.push.visionular import notices
from tests.push.records import job, task


def body(*items: dict[str, Any]) -> bytes:
    """Return a body as the sample has it."""
    whole = {"code": 0, "msg": "succeeded", "callback_url": "http://x/notify", "data": list(items)}
    return msgspec.json.encode(whole)


def test_each_result_ends_its_task() -> None:
    """Task and job share their state; when they ended is not told, and so is not said."""
    good, bad = notices(
        body(
            {"task_id": "t1", "input": "https://x/a.mp4", "status": "succeeded", "duration": 30.0},
            {"task_id": "t2", "status": "failed", "error_code": 1003, "error_msg": "Invalid input file"},
        )
    )
    assert (good.key, bad.key) == ("t1", "t2")
    known = task(Provider.VISIONULAR, job(0, Provider.VISIONULAR), progress=None)
    done, failed = good.change(known), bad.change(known)
    assert isinstance(done, Task)
    assert isinstance(failed, Task)
    assert (done.status, done.progress, done.completed_at) == (Status.SUCCEEDED, None, None)
    assert isinstance(done.jobs, tuple)
    assert (done.jobs[0].status, done.jobs[0].progress) == (Status.SUCCEEDED, 100)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (Status.FAILED, "1003")


def test_what_does_not_end_is_only_looked_at() -> None:
    """A word that is no end, or none, or a task that is over already."""
    moving, silent, over = notices(
        body({"task_id": "t", "status": "running"}, {"task_id": "t"}, {"task_id": "t", "status": "failed"})
    )
    assert moving.change(task(Provider.VISIONULAR)) is None
    assert silent.change(task(Provider.VISIONULAR)) is None
    assert over.change(task(Provider.VISIONULAR, status=Status.SUCCEEDED)) is None


@pytest.mark.parametrize("notice", [b"", b"{}", b'{"data": {}}', body({"status": "succeeded"})])
def test_what_is_no_notification(notice: bytes) -> None:
    """Without results, or with one that belongs to no task."""
    with pytest.raises(Unreadable):
        notices(notice)
