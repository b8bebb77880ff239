"""Visionular's verbs over HTTP: one call, one page, one id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import httpx
from msgspec import Raw

from gateway.domain.errors import (
    BadUserInput,
    Garbled,
    ProviderError,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from gateway.domain.provider import Operation, Outcomes, Verb, VideoPage, WindowPage
from gateway.domain.records import DEFAULT, Job, Observation, Provider, Status, Task, TaskPage, Video
from gateway.providers.outcomes import not_found
from gateway.providers.scalars import member, members, reading
from gateway.providers.signing import Signature, canonical_query, utc_now
from gateway.providers.transfer import (
    Call,
    Limits,
    error_of_status,
    exchange,
    not_offered,
    offered,
    page_number,
    retry_after,
    sendable,
)
from gateway.providers.visionular import translate
from gateway.transport.request import Endpoint

# No figure is published.
_PER_SECOND = 10.0

OPERATIONS: Mapping[Verb, Operation] = {
    Verb.TASK_BY_ID: Operation(name="query_task", max_keys=1, per_second=_PER_SECOND, documented=False),
    Verb.TASKS_IN_WINDOW: Operation(name="list_task", max_keys=1, per_second=_PER_SECOND, documented=False),
}

# How a listing is filtered by status. There is no word for RUNNING: it covers downloading, running and
# uploading, and a listing takes one word.
FILTERS: Mapping[Status, str] = {
    Status.QUEUED: "pending",
    Status.SUCCEEDED: "success",
    Status.FAILED: "fail",
}
LATER_FILTERS: Mapping[Status, str] = {**FILTERS, Status.SUCCEEDED: "succeeded", Status.FAILED: "failed"}

# Envelope codes, from the page "API error codes" of 2021; 0 is success.
_NOTHING = "1004"
CODES: Mapping[str, type[ProviderError]] = {
    "1000": Unavailable,
    "1001": Rejected,
    "1002": Rejected,
    "1003": Unauthorized,
    _NOTHING: Rejected,
    "1005": Rejected,
    "1006": Rejected,
    "2001": Unavailable,
    "2002": Unavailable,
    "2003": Unavailable,
}


def refuses_key(error: ProviderError) -> bool:
    """Whether an error may mean that the key is no good; the provider says no more than access denied."""
    return error.provider_code in {"1003", None}


class VisionularClient:
    """Visionular, as `gateway.domain.provider.ProviderClient` describes a provider.

    Args:
        http: Shared client; must not follow redirects.
        auth: How requests are signed.
        endpoint: Scheme and host, e.g. ``https://cloud.visionular.cn``.
        total_timeout: Seconds for one call, its body included.
        max_body_bytes: Largest answer that is read, after decompression.
        prefix: Path before the operation: ``/api``, or ``/vodencoding/v1`` in later generations.
        filters: The words a listing is filtered with; a status without one is not filtered by.
        operations: The verbs on offer; a deployment without query_task leaves `Verb.TASK_BY_ID` out.
        source: The account's name, where there are several.
        now: Clock for the time of observation.
    """

    provider = Provider.VISIONULAR

    def __init__(
        self,
        http: httpx.AsyncClient,
        auth: Signature,
        endpoint: str,
        *,
        total_timeout: float,
        max_body_bytes: int,
        prefix: str = "/api",
        filters: Mapping[Status, str] = FILTERS,
        operations: Mapping[Verb, Operation] = OPERATIONS,
        source: str = DEFAULT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.operations = operations
        self.source = source
        self._http = http
        self._auth = auth
        self._endpoint = Endpoint(f"{endpoint.rstrip('/')}/{prefix.strip('/')}/")
        self._limits = Limits(total_timeout=total_timeout, max_body_bytes=max_body_bytes)
        self._filters = filters
        self._now = now

    async def latest_by_video(self, _video_ids: Sequence[str], /) -> Outcomes[str, Video]:
        """Not offered: Visionular knows no videos."""
        raise not_offered(self.provider)

    async def task_by_id(self, task_ids: Sequence[str], /) -> Outcomes[str, Task]:
        """Return a task by its task_id, by query_task."""
        operation = offered(self.provider, self.operations, Verb.TASK_BY_ID, len(task_ids))
        [task_id] = task_ids
        try:
            parameters = {"task_id": sendable(self.provider, task_id)}
        except BadUserInput as error:
            return {task_id: error}
        try:
            data, observation = await self._call(operation.name, parameters)
        except Rejected as error:
            if error.provider_code != _NOTHING:
                raise
            return {task_id: not_found(self.provider)}
        with reading(self.provider, observation):
            return translate.task_by_id(task_ids, data, observation)

    async def jobs_by_id(self, _job_ids: Sequence[str], /) -> Outcomes[str, Job]:
        """Not offered: a task's only job is looked up with its task."""
        raise not_offered(self.provider)

    async def tasks_of_video(self, _pages: Sequence[VideoPage], /) -> Outcomes[VideoPage, TaskPage]:
        """Not offered: Visionular knows no videos."""
        raise not_offered(self.provider)

    async def tasks_in_window(self, pages: Sequence[WindowPage], /) -> Outcomes[WindowPage, TaskPage]:
        """Return a page of the tasks created in a window, by list_task."""
        operation = offered(self.provider, self.operations, Verb.TASKS_IN_WINDOW, len(pages))
        [page] = pages
        try:
            start = page_number(self.provider, page.page, first=0)
        except BadUserInput as error:
            return {page: error}
        parameters = {
            "start_time": str(int(page.created_from.timestamp())),
            "end_time": str(int(page.created_to.timestamp())),
            "start_num": str(start),
            "count": str(page.size),
        }
        if page.status is not None and page.status in self._filters:
            parameters["status"] = self._filters[page.status]
        try:
            data, observation = await self._call(operation.name, parameters)
        except Rejected as error:
            if error.provider_code != _NOTHING:
                raise
            return {page: TaskPage(tasks=())}
        with reading(self.provider, observation):
            return translate.tasks_in_window(pages, data, observation)

    async def _call(self, operation: str, parameters: Mapping[str, str]) -> tuple[Raw, Observation]:
        """Make one request and return what its envelope holds.

        Raises:
            ProviderError: The answer is a refusal, or no envelope.
        """
        call = Call(provider=self.provider, operation=operation)
        answer = await exchange(
            self._http,
            self._auth,
            self._endpoint,
            method="GET",
            path=operation,
            query=canonical_query(parameters.items()),
            headers={},
            call=call,
            limits=self._limits,
        )
        envelope = members(answer.body) or {}
        code, request_id = member(envelope, "code"), member(envelope, "request_id")
        kind = error_of_status(answer.status)
        if code is None:
            kind = kind if kind in {Throttled, Unavailable, Unauthorized} else Garbled
        elif code != "0" and kind is not Throttled:
            # Older deployments refuse with HTTP 200; the code says more than the status either way.
            kind = CODES.get(code) or kind or Rejected
        if kind is not None:
            raise call.failed(
                kind, request_id=request_id, provider_code=code, retry_after=retry_after(answer.headers)
            )
        observation = Observation(
            at=self._now(), operation=operation, request_id=request_id, source=self.source
        )
        return envelope.get("data", Raw()), observation
