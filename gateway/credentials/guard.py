"""A provider's client whose keys may change under way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from gateway.credentials.source import CredentialSource, NoCredentialsError
from gateway.domain.errors import (
    CredentialsUnavailable,
    GatewayError,
    KeyReplaced,
    ProviderError,
    Unauthorized,
)
from gateway.domain.provider import Operation, Outcomes, ProviderClient, Verb, VideoPage, WindowPage
from gateway.domain.records import DEFAULT, Job, Provider, Task, TaskPage, Video

K = TypeVar("K")
T = TypeVar("T")
E = TypeVar("E", bound=GatewayError)

Asked = Coroutine[Any, Any, T]


class Guarded:
    """A client, as `gateway.domain.provider.ProviderClient` describes it, that minds its keys.

    It makes no second call itself: a call is a slot of the quota, and those are the lane's to give.

    Args:
        client: Signs with what the source has at the moment.
        keys: Where its keys come from.
        blames: Whether an error says that the key is no good, rather than its permissions or the clock.
    """

    def __init__(
        self, client: ProviderClient, keys: CredentialSource, blames: Callable[[ProviderError], bool]
    ) -> None:
        self._client = client
        self._keys = keys
        self._blames = blames

    @property
    def provider(self) -> Provider:
        """Who this is."""
        return self._client.provider

    @property
    def source(self) -> str:
        """Which of the provider's accounts this is."""
        return self._client.source

    @property
    def operations(self) -> Mapping[Verb, Operation]:
        """The verbs on offer and how they are answered."""
        return self._client.operations

    @property
    def origin(self) -> str:
        """Where the keys come from, for an operator."""
        return self._keys.origin

    def latest_by_video(self, video_ids: Sequence[str], /) -> Asked[Outcomes[str, Video]]:
        """Return each video with its newest task."""
        return self._ask(self._client.latest_by_video, video_ids)

    def task_by_id(self, task_ids: Sequence[str], /) -> Asked[Outcomes[str, Task]]:
        """Return each task by the provider's task id."""
        return self._ask(self._client.task_by_id, task_ids)

    def jobs_by_id(self, job_ids: Sequence[str], /) -> Asked[Outcomes[str, Job]]:
        """Return each job by the provider's job id."""
        return self._ask(self._client.jobs_by_id, job_ids)

    def tasks_of_video(self, pages: Sequence[VideoPage], /) -> Asked[Outcomes[VideoPage, TaskPage]]:
        """Return each page of a video's history."""
        return self._ask(self._client.tasks_of_video, pages)

    def tasks_in_window(self, pages: Sequence[WindowPage], /) -> Asked[Outcomes[WindowPage, TaskPage]]:
        """Return each page of the tasks created in a window."""
        return self._ask(self._client.tasks_in_window, pages)

    async def _ask(
        self, verb: Callable[[Sequence[K]], Awaitable[Outcomes[K, T]]], keys: Sequence[K]
    ) -> Outcomes[K, T]:
        try:
            await self._keys.ready()
            signed_with = self._keys.current()
        except NoCredentialsError as error:
            raise self._ours(
                CredentialsUnavailable(
                    f"No credentials for {self.provider} could be obtained.", provider=self.provider
                )
            ) from error
        try:
            return await verb(keys)
        except Unauthorized as error:
            if not self._blames(error) or not await self._keys.renew(signed_with):
                self._ours(error)
                raise
            raise self._ours(
                KeyReplaced(
                    "The gateway's key for the provider was replaced while it was used.",
                    provider=error.provider or self.provider,
                    operation=error.operation,
                    request_id=error.request_id,
                    provider_code=error.provider_code,
                )
            ) from error
        except GatewayError as error:
            self._ours(error)
            raise

    def _ours(self, error: E) -> E:
        """Have an error say whose account it is about."""
        if self.source != DEFAULT:
            error.source = self.source
        return error
