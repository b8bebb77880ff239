"""Intelligent Media Services' verbs over HTTP: one call, one page, one id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import httpx

from gateway.domain.provider import Operation, Outcomes, Verb, VideoPage, WindowPage
from gateway.domain.records import DEFAULT, Job, Provider, Status, Task, TaskPage, Video
from gateway.providers.alibaba import RpcEndpoint, window
from gateway.providers.ims import translate, wire
from gateway.providers.scalars import reading
from gateway.providers.signing import Signature, canonical_query, utc_now
from gateway.providers.transfer import Limits, not_offered, offered

# No figure is published for these operations; the sister product's queries have 100.
_PER_SECOND = 10.0

OPERATIONS: Mapping[Verb, Operation] = {
    Verb.TASK_BY_ID: Operation(
        name="GetMediaConvertJob", max_keys=1, per_second=_PER_SECOND, documented=False
    ),
    Verb.TASKS_IN_WINDOW: Operation(
        name="ListMediaConvertJobs", max_keys=1, per_second=_PER_SECOND, documented=False
    ),
}

# How a listing is filtered by status. The current table names Complete and Error; the example on the same
# page says Success, as did the job's own states until 2025.
FILTERS: Mapping[Status, str] = {
    Status.QUEUED: "Inited",
    Status.RUNNING: "Running",
    Status.SUCCEEDED: "Complete",
    Status.FAILED: "Error",
}
OLDER_FILTERS: Mapping[Status, str] = {**FILTERS, Status.SUCCEEDED: "Success", Status.FAILED: "Failed"}


class ImsClient:
    """Intelligent Media Services, as `gateway.domain.provider.ProviderClient` describes a provider.

    Args:
        http: Shared client; must not follow redirects.
        auth: How requests are signed.
        endpoint: Scheme and host, e.g. ``https://ice.cn-shanghai.aliyuncs.com``.
        total_timeout: Seconds for one call, its body included.
        max_body_bytes: Largest answer that is read, after decompression.
        video_id_path: Where a task's user data holds the id of its video, with dots between the names.
        filters: The words a listing is filtered with; a status without one is not filtered by.
        operations: The verbs on offer, for accounts whose figures differ from ours.
        source: The account's name, where there are several.
        now: Clock for the time of observation.
    """

    provider = Provider.IMS

    def __init__(
        self,
        http: httpx.AsyncClient,
        auth: Signature,
        endpoint: str,
        *,
        total_timeout: float,
        max_body_bytes: int,
        video_id_path: str = "videoId",
        filters: Mapping[Status, str] = FILTERS,
        operations: Mapping[Verb, Operation] = OPERATIONS,
        source: str = DEFAULT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.operations = operations
        self.source = source
        self._filters = filters
        self._read_task = partial(translate.task_by_id, video_id_path=video_id_path)
        self._read_page = partial(translate.tasks_in_window, video_id_path=video_id_path)
        self._rpc = RpcEndpoint(
            http,
            auth,
            endpoint,
            provider=self.provider,
            version=wire.VERSION,
            source=source,
            limits=Limits(total_timeout=total_timeout, max_body_bytes=max_body_bytes),
            now=now,
        )

    async def latest_by_video(self, _video_ids: Sequence[str], /) -> Outcomes[str, Video]:
        """Not offered: IMS knows no videos."""
        raise not_offered(self.provider)

    async def task_by_id(self, task_ids: Sequence[str], /) -> Outcomes[str, Task]:
        """Return a task by its JobId, by GetMediaConvertJob."""
        operation = offered(self.provider, self.operations, Verb.TASK_BY_ID, len(task_ids))
        return await self._rpc.by_ids(operation.name, "JobId", task_ids, self._read_task)

    async def jobs_by_id(self, _job_ids: Sequence[str], /) -> Outcomes[str, Job]:
        """Not offered: what is a job here is looked up with its task."""
        raise not_offered(self.provider)

    async def tasks_of_video(self, _pages: Sequence[VideoPage], /) -> Outcomes[VideoPage, TaskPage]:
        """Not offered: IMS knows no videos."""
        raise not_offered(self.provider)

    async def tasks_in_window(self, pages: Sequence[WindowPage], /) -> Outcomes[WindowPage, TaskPage]:
        """Return a page of the tasks created in a window, newest first, by ListMediaConvertJobs."""
        operation = offered(self.provider, self.operations, Verb.TASKS_IN_WINDOW, len(pages))
        [page] = pages
        parameters = {
            **window(page.created_from, page.created_to, names=("StartOfCreateTime", "EndOfCreateTime")),
            "OrderBy": "CreateTimeDesc",
            "PageSize": str(min(page.size, wire.MAX_PAGE_SIZE)),
        }
        if page.status is not None and page.status in self._filters:
            parameters["Status"] = self._filters[page.status]
        if page.page is not None:
            parameters["NextPageToken"] = page.page
        reply = await self._rpc.call(operation.name, canonical_query(parameters.items()))
        with reading(self.provider, reply.observation):
            return self._read_page(pages, reply.body, reply.observation)
