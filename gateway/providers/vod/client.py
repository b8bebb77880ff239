"""ApsaraVideo VOD's verbs over HTTP: one call, one page, at most ten ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import httpx

from gateway.domain.errors import BadUserInput
from gateway.domain.provider import Operation, Outcomes, Verb, VideoPage, WindowPage
from gateway.domain.records import DEFAULT, Job, Provider, Task, TaskPage, Video
from gateway.providers.alibaba import RpcEndpoint, window
from gateway.providers.signing import Signature, canonical_query, utc_now
from gateway.providers.transfer import Limits, not_offered, offered, page_number, sendable
from gateway.providers.vod import translate, wire

# "You can call this operation up to 15 times per second per account."
_PER_SECOND = 15.0

OPERATIONS: Mapping[Verb, Operation] = {
    Verb.LATEST_BY_VIDEO: Operation(
        name="GetTranscodeSummary", max_keys=wire.MAX_IDS, per_second=_PER_SECOND, documented=True
    ),
    Verb.TASK_BY_ID: Operation(name="GetTranscodeTask", max_keys=1, per_second=_PER_SECOND, documented=True),
    Verb.JOBS_BY_ID: Operation(
        name="GetTranscodeTask", max_keys=wire.MAX_IDS, per_second=_PER_SECOND, documented=True
    ),
    Verb.TASKS_OF_VIDEO: Operation(
        name="ListTranscodeTask", max_keys=1, per_second=_PER_SECOND, documented=True
    ),
}


class VodClient:
    """ApsaraVideo VOD, as `gateway.domain.provider.ProviderClient` describes a provider.

    Args:
        http: Shared client; must not follow redirects.
        auth: How requests are signed.
        endpoint: Scheme and host, e.g. ``https://vod.cn-shanghai.aliyuncs.com``; videos are only visible at
            the endpoint of their own region.
        total_timeout: Seconds for one call, its body included.
        max_body_bytes: Largest answer that is read, after decompression.
        operations: The verbs on offer, for accounts whose figures differ from the documents.
        source: The account's name, where there are several.
        now: Clock for the time of observation.
    """

    provider = Provider.VOD

    def __init__(
        self,
        http: httpx.AsyncClient,
        auth: Signature,
        endpoint: str,
        *,
        total_timeout: float,
        max_body_bytes: int,
        operations: Mapping[Verb, Operation] = OPERATIONS,
        source: str = DEFAULT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.operations = operations
        self.source = source
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

    async def latest_by_video(self, video_ids: Sequence[str], /) -> Outcomes[str, Video]:
        """Return each video with its newest task, by GetTranscodeSummary."""
        operation = offered(self.provider, self.operations, Verb.LATEST_BY_VIDEO, len(video_ids))
        return await self._rpc.by_ids(operation.name, "VideoIds", video_ids, translate.latest_by_video)

    async def task_by_id(self, task_ids: Sequence[str], /) -> Outcomes[str, Task]:
        """Return a task by its TranscodeTaskId, by GetTranscodeTask."""
        operation = offered(self.provider, self.operations, Verb.TASK_BY_ID, len(task_ids))
        return await self._rpc.by_ids(operation.name, "TranscodeTaskId", task_ids, translate.task_by_id)

    async def jobs_by_id(self, job_ids: Sequence[str], /) -> Outcomes[str, Job]:
        """Return each job by its TranscodeJobId, by GetTranscodeTask."""
        operation = offered(self.provider, self.operations, Verb.JOBS_BY_ID, len(job_ids))
        return await self._rpc.by_ids(operation.name, "JobIds", job_ids, translate.jobs_by_id)

    async def tasks_of_video(self, pages: Sequence[VideoPage], /) -> Outcomes[VideoPage, TaskPage]:
        """Return a page of a video's history, by ListTranscodeTask."""
        operation = offered(self.provider, self.operations, Verb.TASKS_OF_VIDEO, len(pages))
        [page] = pages
        try:
            parameters = {
                "VideoId": sendable(self.provider, page.video_id),
                "PageNo": str(page_number(self.provider, page.page, first=1)),
                "PageSize": str(min(page.size, wire.MAX_PAGE_SIZE)),
                **window(page.created_from, page.created_to, names=("StartTime", "EndTime")),
            }
        except BadUserInput as error:
            return {page: error}
        query = canonical_query(parameters.items())
        return await self._rpc.look_up(operation.name, query, pages, translate.tasks_of_video)

    async def tasks_in_window(self, _pages: Sequence[WindowPage], /) -> Outcomes[WindowPage, TaskPage]:
        """Not offered: VOD lists the tasks of one video only."""
        raise not_offered(self.provider)
