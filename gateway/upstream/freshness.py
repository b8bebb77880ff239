"""The freshness policy: what kind of record is this, and how long does it serve.

This is the only place that looks inside records. Whether a window is over is a comparison of numbers and is
done where the entry lies.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from gateway.domain.errors import GatewayError, NotFound
from gateway.domain.records import Job, Task, TaskPage, Video
from gateway.upstream.policy import FreshnessPolicy, Windows

Fetched = Video | Task | Job | TaskPage
Answer = Fetched | NotFound  # what a provider said, and what may be remembered
ANSWERS = (Video, Task, Job, TaskPage, NotFound)
Outcome = Fetched | GatewayError  # what a caller gets per key


class Kind(StrEnum):
    """What a record says about how soon it will change."""

    MOVING = "moving"
    FINISHED = "finished"
    RESTING = "resting"
    LISTING = "listing"
    ABSENT = "absent"


class Term(NamedTuple):
    """How long answers of one kind serve that were given together, in instants of the event loop's clock.

    Attributes:
        kind: What they say about how soon they will change.
        observed: When the provider said so.
        fresh_until, stale_until, kept_until: Ends of the windows of the freshness policy.
    """

    kind: Kind
    observed: float
    fresh_until: float
    stale_until: float
    kept_until: float

    @classmethod
    def of(cls, kind: Kind, windows: Windows, observed: float) -> Term:
        """Return the term whose windows begin with an instant."""
        fresh = observed + windows.fresh
        stale = fresh + windows.stale
        return cls(kind, observed, fresh, stale, stale + windows.kept)


# Python before 3.12 takes longer to look up a member of an enumeration than to do all else here.
_MOVING, _RESTING = Kind.MOVING, Kind.RESTING


def classify(answer: Answer) -> Kind:
    """Return what an answer says about how soon it will change."""
    if type(answer) is Video:
        task = answer.latest_task
        return _MOVING if type(task) is Task and not task.status.finished else _RESTING
    match answer:
        case Task() | Job():
            return Kind.FINISHED if answer.status.finished else Kind.MOVING
        case Video():
            return Kind.RESTING
        case TaskPage():
            return Kind.LISTING
        case NotFound():
            return Kind.ABSENT


def takes_back(answer: Answer, known: Answer) -> bool:
    """Whether an answer has a task or job move that is known to have ended."""
    before, after = _work(known), _work(answer)
    if before is None or after is None or before.id != after.id:
        return False
    return before.status.finished and not after.status.finished


def _work(answer: Answer) -> Task | Job | None:
    match answer:
        case Task() | Job():
            return answer
        case Video(latest_task=Task() as task):
            return task
    return None


class Freshness:
    """The windows of each kind, stretched to the pace of a lane where needed."""

    def __init__(self, policy: FreshnessPolicy) -> None:
        self._windows = {
            Kind.MOVING: policy.moving,
            Kind.FINISHED: policy.finished,
            Kind.RESTING: policy.resting,
            Kind.LISTING: policy.listing,
            Kind.ABSENT: policy.absent,
        }

    def windows(self, kind: Kind, *, pace: float = 0.0) -> Windows:
        """Return how long records of a kind serve.

        Args:
            kind: From `classify`.
            pace: Seconds in which the quota can refresh every hot key once. Calling moving records stale any
                sooner would only queue refreshes that cannot be had.
        """
        windows = self._windows[kind]
        if kind is Kind.MOVING and pace > windows.fresh:
            return Windows(fresh=pace, stale=windows.stale + pace, kept=windows.kept)
        return windows
