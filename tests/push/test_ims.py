"""IMS's notifications: a documented envelope around a message that is read with care."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.domain.provider import Verb
from gateway.domain.records import Provider, Status, Task
from gateway.push.ims import notices
from gateway.push.notice import Unreadable
from tests.push.records import BEFORE, job, task


def body(event: str = "MediaConvertComplete", **message: Any) -> bytes:
    """Return a body in the documented envelope."""
    whole = {
        "EventType": event,
        "UserId": 183322097756,
        "EventTime": "2026-11-22T04:10:00Z",
        "MessageBody": message,
    }
    return msgspec.json.encode(whole)


def test_a_known_end_ends_the_task() -> None:
    """The outputs, of which nothing is told, keep their state with the time it was seen."""
    [notice] = notices(body(JobId="j1", State="Success"))
    changed = notice.change(task(Provider.IMS, job(0, Provider.IMS)))
    assert (notice.verb, notice.key) == (Verb.TASK_BY_ID, "j1")
    assert isinstance(changed, Task)
    assert (changed.status, changed.provider_status, changed.progress) == (Status.SUCCEEDED, "Success", 100)
    assert str(changed.completed_at) == "2026-11-22 04:10:00+00:00"
    assert isinstance(changed.jobs, tuple)
    assert changed.jobs[0].observation is BEFORE


def test_a_failure_keeps_its_reason() -> None:
    """Code and message as they come; how far it got is not told."""
    [notice] = notices(body(JobId="j1", Status="Failed", Code="X", Message="broken"))
    changed = notice.change(task(Provider.IMS))
    assert isinstance(changed, Task)
    assert changed.error is not None
    assert (changed.status, changed.error.code, changed.progress) == (Status.FAILED, "X", None)


@pytest.mark.parametrize(
    "notice",
    [
        body(JobId="j1"),
        body(JobId="j1", State="Running"),
        body(JobId="j1", State="NewWord"),
        body("MediaConvertOutputComplete", JobId="j1", State="Success"),
    ],
)
def test_anything_less_only_has_the_record_looked_at(notice: bytes) -> None:
    """Without an end that is known as one, a call has to tell."""
    [found] = notices(notice)
    assert found.change(task(Provider.IMS)) is None


def test_other_events_concern_no_record() -> None:
    """IMS notifies of much else."""
    assert notices(body("FileUploadComplete", MediaId="m")) == []


@pytest.mark.parametrize("notice", [b"", b"[]", body(), body(JobId=" ")])
def test_what_is_no_notification(notice: bytes) -> None:
    """A message without an id says nothing about anything."""
    with pytest.raises(Unreadable):
        notices(notice)
