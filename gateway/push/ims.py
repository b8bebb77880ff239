"""Intelligent Media Services' event notifications about transcoding.

The envelope, the signature and the event MediaConvertComplete are documented; of its MessageBody no sample
was found. So it is read by the names that GetMediaConvertJob uses: a job id is needed, a state that is known
to be an end is believed, and without one the record is only looked at.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from gateway.domain.provider import Verb
from gateway.domain.records import Observation, Problem, Provider, Status, Task
from gateway.providers.ims.translate import TASK_STATUSES
from gateway.providers.scalars import Reader, reading
from gateway.push.notice import Notice, Unreadable, event, full, moving_task, told, unchanged
from gateway.upstream.freshness import Answer

COMPLETE = "MediaConvertComplete"
PARTS = frozenset({"MediaConvertOutputComplete", "MediaConvertOutputGroupComplete"})


class Message(Struct, frozen=True, rename="pascal"):
    """What the event is about."""

    job_id: object = None
    parent_job_id: object = None
    state: object = None
    status: object = None
    code: object = None
    message: object = None
    finish_time: object = None


class Event(Struct, frozen=True, rename="pascal"):
    """The body."""

    event_type: str = ""
    event_time: object = None
    message_body: Message = Message()


class End(Struct, frozen=True, kw_only=True):
    """How and when a task ended."""

    status: Status
    word: str | None
    error: Problem | None
    at: datetime | None


_decoder = msgspec.json.Decoder(Event)


def notices(body: bytes) -> list[Notice]:
    """Read a notification; one about anything but transcoding concerns no record.

    Raises:
        Unreadable: It does not fit what IMS documents.
    """
    sent = told(body, _decoder)
    if sent.event_type not in {COMPLETE, *PARTS}:
        return []
    message = sent.message_body
    seen = event(sent.event_type)
    with reading(Provider.IMS, seen):
        read = Reader()
        ids = [read.text("id", message.job_id), read.text("id", message.parent_job_id)]
        end = _end(message, sent.event_time)
    keys = {job_id for job_id in ids if job_id}
    if not keys:
        raise Unreadable

    def ended(answer: Answer) -> Answer | None:
        return _ended(answer, end, seen)

    change = ended if sent.event_type == COMPLETE and end.status.finished else unchanged
    return [Notice(verb=Verb.TASK_BY_ID, key=key, change=change) for key in keys]


def _end(message: Message, event_time: object) -> End:
    read = Reader()
    word = read.text("status", message.state) or read.text("status", message.status)
    error = Problem(code=read.text("code", message.code), message=read.text("message", message.message))
    return End(
        status=TASK_STATUSES.get(word or "", Status.UNKNOWN),
        word=word,
        error=error if error.code or error.message else None,
        at=read.time("at", message.finish_time) or read.time("at", event_time),
    )


def _ended(answer: Answer, end: End, seen: Observation) -> Task | None:
    """Return the task as it ended; its outputs keep their own state and the time that was seen."""
    task = moving_task(answer, None)
    if task is None:
        return None
    return msgspec.structs.replace(
        task,
        status=end.status,
        provider_status=end.word,
        progress=full(task) if end.status is Status.SUCCEEDED else None,
        completed_at=end.at,
        error=end.error,
        observation=seen,
    )
