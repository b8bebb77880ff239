"""The protocol a provider room fulfils.

A *verb* is what the gateway wants; an *operation* is what the provider calls the thing that answers. Quota
is counted per operation: two verbs answered by one operation share its quota.

Every verb has one shape, which is what lets one mechanism serve them all: it takes up to
``Operation.max_keys`` distinct keys, makes **exactly one real request**, and returns one outcome per key, a
record or the error that concerns this key alone. It raises a `ProviderError` when the call failed as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from msgspec import Struct

from gateway.domain.errors import GatewayError
from gateway.domain.records import Job, Provider, Status, Task, TaskPage, Video

K = TypeVar("K")
T = TypeVar("T")

Outcomes = Mapping[K, T | GatewayError]


class Verb(StrEnum):
    """What can be asked of a provider."""

    LATEST_BY_VIDEO = "latest_by_video"
    TASK_BY_ID = "task_by_id"
    JOBS_BY_ID = "jobs_by_id"
    TASKS_OF_VIDEO = "tasks_of_video"
    TASKS_IN_WINDOW = "tasks_in_window"


class Operation(Struct, frozen=True, kw_only=True):
    """How a provider answers a verb.

    Attributes:
        name: The provider's name, e.g. ``GetTranscodeSummary``.
        max_keys: How many keys one request carries.
        per_second: Requests per second and account that the provider documents, or a cautious figure
            where it documents none.
        documented: Whether `per_second` is the provider's own figure.
    """

    name: str
    max_keys: int
    per_second: float
    documented: bool


class VideoPage(Struct, frozen=True, kw_only=True):
    """One page of one video's history.

    Attributes:
        video_id: The provider's id.
        created_from, created_to: Bounds of the creation time, inclusive; None leaves a side open.
        page: From `TaskPage.next_page`; None asks for the first.
        size: Records per page, 1 to 50.
    """

    video_id: str
    created_from: datetime | None = None
    created_to: datetime | None = None
    page: str | None = None
    size: int = 50


class WindowPage(Struct, frozen=True, kw_only=True):
    """One page of all tasks created in a time window, newest first.

    Attributes:
        created_from, created_to: Bounds of the creation time, inclusive.
        status: Only tasks in this state, where the provider can filter; None for all.
        page: From `TaskPage.next_page`; None asks for the first.
        size: Records per page, 1 to 100.
    """

    created_from: datetime
    created_to: datetime
    status: Status | None = None
    page: str | None = None
    size: int = 50


class ProviderClient(Protocol):
    """One provider: which verbs it has, and the verbs.

    A verb that the provider lacks is missing from `operations` and raises `NotOffered`.
    """

    @property
    def provider(self) -> Provider:
        """Who this is."""

    @property
    def source(self) -> str:
        """Which of the provider's accounts this is; see `gateway.domain.sources`."""

    @property
    def operations(self) -> Mapping[Verb, Operation]:
        """The verbs on offer and how they are answered."""

    async def latest_by_video(self, video_ids: Sequence[str], /) -> Outcomes[str, Video]:
        """Return each video with its newest task; `NotFound` for an id the provider does not know."""

    async def task_by_id(self, task_ids: Sequence[str], /) -> Outcomes[str, Task]:
        """Return each task by the provider's task id, in full; `NotFound` for an unknown id."""

    async def jobs_by_id(self, job_ids: Sequence[str], /) -> Outcomes[str, Job]:
        """Return each job by the provider's job id, in full; `NotFound` for an unknown id."""

    async def tasks_of_video(self, pages: Sequence[VideoPage], /) -> Outcomes[VideoPage, TaskPage]:
        """Return each page of a video's history; `NotFound` for a video the provider does not know."""

    async def tasks_in_window(self, pages: Sequence[WindowPage], /) -> Outcomes[WindowPage, TaskPage]:
        """Return each page of the tasks created in a window; empty where there are none."""
