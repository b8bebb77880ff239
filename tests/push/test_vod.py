"""VOD's notifications, worded as its documents' samples."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.domain.errors import NotFound
from gateway.domain.provider import Verb
from gateway.domain.records import Status, Task, Video
from gateway.push.notice import Notice, Unreadable
from gateway.push.vod import notices
from tests.push.records import BEFORE, job, video


def stream(definition: str, status: str = "success", **more: Any) -> dict[str, Any]:
    """Return a stream as the sample has it."""
    sample = {
        "Status": status,
        "Bitrate": "925",
        "Definition": definition,
        "Duration": 15,
        "Encrypt": False,
        "FileUrl": "http://vod.example.com/62cb.mp4",
        "Format": "mp4",
        "Fps": "30",
        "Height": 960,
        "Size": 1815321,
        "Width": 540,
        "JobId": f"id-of-{definition}",
    }
    return sample | more


def body(*streams: dict[str, Any], **more: Any) -> bytes:
    """Return a body as the sample has it."""
    whole = {
        "EventTime": "2026-11-22T04:10:00Z",
        "EventType": "TranscodeComplete",
        "VideoId": "v1",
        "Status": "success",
        "Extend": "test data",
        "StreamInfos": list(streams),
    }
    return msgspec.json.encode(whole | more)


def ended(known: Video, notice: bytes) -> Task | None:
    """Return the newest task after a notification; None where it changes nothing."""
    changed = read(notice).change(known)
    assert changed is None or isinstance(changed, Video)
    return changed.latest_task if changed and isinstance(changed.latest_task, Task) else None


def read(notice: bytes) -> Notice:
    """Return the part about the video."""
    found = notices(notice)
    assert (found[0].verb, found[0].key) == (Verb.LATEST_BY_VIDEO, "v1")
    return found[0]


def test_the_end_of_all_streams_ends_the_task() -> None:
    """State, times and files are the event's; identity and template stay; nothing is dated wrongly."""
    task = ended(
        video(job(0), job(1)),
        body(stream("LD-MP4"), stream("SD-MP4", FinishTime="2026-11-22T04:09:58Z")),
    )
    assert task is not None
    assert (task.status, task.progress, task.provider_status) == (Status.SUCCEEDED, 100, "TranscodeComplete")
    assert str(task.completed_at) == "2026-11-22 04:09:58+00:00"
    assert task.observation.operation == "TranscodeComplete"
    assert task.observation.at > BEFORE.at
    assert isinstance(task.jobs, tuple)
    first = task.jobs[0]
    assert first.output is not None
    assert (first.status, first.progress, first.provider_status) == (Status.SUCCEEDED, 100, "success")
    assert (first.output.width, first.output.bitrate, first.output.file_size) == (540, 925.0, 1815321)
    assert all(one.observation is task.observation for one in task.jobs)


def test_a_stream_that_failed_makes_it_partial() -> None:
    """The event says success where one stream is; the task says what became of all."""
    failed = stream("SD", "fail", ErrorCode="InternalError", ErrorMessage="broken")
    task = ended(video(job(0), job(1)), body(stream("LD"), failed))
    assert task is not None
    assert task.status is Status.PARTIAL
    assert isinstance(task.jobs, tuple)
    assert task.jobs[1].error is not None
    assert (task.jobs[1].status, task.jobs[1].error.code) == (Status.FAILED, "InternalError")
    # How far it got is not told, and what was seen before is no longer of that date.
    assert task.jobs[1].progress is None


def test_all_failed() -> None:
    """No good stream is a failure."""
    task = ended(video(job(0)), body(stream("LD", "fail"), Status="fail"))
    assert task is not None
    assert task.status is Status.FAILED


@pytest.mark.parametrize(
    "notice",
    [
        body(stream("LD")),
        body(stream("LD"), stream("HD")),
        body(stream("LD"), stream("SD"), stream("HD")),
        body(stream("LD"), stream("SD", "half")),
        body(stream("LD"), stream("SD"), EventTime="2026-11-22T03:59:00Z"),
        body(),
        body(EventType="StreamTranscodeComplete", Definition="LD", Format="mp4", JobId="j"),
    ],
    ids=["fewer", "others", "more", "unknown word", "of an older task", "no streams", "one stream"],
)
def test_what_is_not_certain_changes_nothing(notice: bytes) -> None:
    """Another task's streams, an older event, or less than all: the record is looked at, not guessed."""
    assert ended(video(job(0), job(1)), notice) is None


def test_what_is_over_or_unknown_stays() -> None:
    """A notification that comes late, or twice, finds nothing to change."""
    change = read(body(stream("LD"))).change
    assert change(video(job(0), status=Status.SUCCEEDED)) is None
    assert change(NotFound("gone")) is None


def test_streams_that_look_alike_share_what_all_of_them_tell() -> None:
    """Two files of one definition and format cannot be told apart: their state can, their sizes cannot."""
    alike = video(job(0), job(0))
    task = ended(alike, body(stream("LD", Size=1), stream("LD", Size=2)))
    assert task is not None
    assert isinstance(task.jobs, tuple)
    assert [one.output and one.output.file_size for one in task.jobs] == [None, None]
    assert ended(alike, body(stream("LD"), stream("LD", "fail"))) is None


def test_jobs_are_looked_at_by_their_ids() -> None:
    """Whoever follows a job by its own id is served too."""
    keys = {notice.key for notice in notices(body(stream("LD"))) if notice.verb is Verb.JOBS_BY_ID}
    assert keys == {"id-of-LD"}


def test_other_events_concern_no_record() -> None:
    """VOD notifies of uploads and snapshots too."""
    assert notices(body(EventType="SnapshotComplete")) == []


@pytest.mark.parametrize(
    "notice", [b"", b"[]", b"{", b"\xff", b'{"EventType": 1}', body(VideoId=None), b"[" * 100_000]
)
def test_what_is_no_notification(notice: bytes) -> None:
    """Anything else is refused, however it is broken."""
    with pytest.raises(Unreadable):
        notices(notice)
