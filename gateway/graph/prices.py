"""What it takes to answer a field, as data: resolvers know nothing of it, a test compares it with them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from gateway.domain.provider import Verb

KEYS_PER_CALL: Mapping[Verb, int] = {Verb.LATEST_BY_VIDEO: 10, Verb.JOBS_BY_ID: 10}
"""Ids that one call carries; one where nothing is said."""


class Origin(Enum):
    """How a task was come by, which decides what it does not tell yet.

    Attributes:
        SUMMARY: A video's latest: without its own id, and its jobs without theirs.
        FOUND: By its id; the call that may have been needed to find it is already counted.
        LISTED: VOD's and IMS's listings leave the jobs out.
        WHOLE: Everything is there.
    """

    SUMMARY = "summary"
    FOUND = "found"
    LISTED = "listed"
    WHOLE = "whole"


_OF_THE_LISTING = ("Task.providerId", "Task.trigger")
_OF_THE_WHOLE_TASK = (
    "Task.inputs",
    "Job.providerId",
    "Job.priority",
    "Job.input",
    "Output.url",
    "Output.videoStreams",
    "Output.audioStreams",
    "Output.subtitleStreams",
)

CALLS_PER_TASK: Mapping[Origin, Mapping[str, int]] = {
    Origin.SUMMARY: dict.fromkeys(_OF_THE_LISTING, 1) | dict.fromkeys(_OF_THE_WHOLE_TASK, 2),
    Origin.FOUND: dict.fromkeys(("Task.jobs", "Task.progress", *_OF_THE_WHOLE_TASK), 1),
    Origin.LISTED: dict.fromkeys(("Task.jobs", "Task.progress", "Task.inputs"), 1),
    Origin.WHOLE: {},
}
"""Calls that a field costs for each task. Several fields of one task share them: the dearest counts."""
