"""The sandbox in this process, with a clock of its own, and what it holds according to itself."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx

from gateway.domain.errors import GatewayError, Unavailable
from gateway.domain.provider import ProviderClient, VideoPage, WindowPage
from gateway.domain.records import Provider, Status, TaskPage
from gateway.domain.sources import Whom, provider_of
from gateway.listing.criteria import Criteria
from gateway.providers.ims.client import ImsClient
from gateway.providers.signing import Acs3Auth, Credentials, VisionularAuth
from gateway.providers.visionular.client import VisionularClient
from gateway.providers.vod.client import VodClient
from gateway.sandbox.app import create_app
from gateway.sandbox.ims import JOB
from gateway.sandbox.visionular_task import TaskPages

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
TLS = ssl.create_default_context()
_BODY = 10_000_000

STATUSES = {
    "queued": Status.QUEUED,
    "running": Status.RUNNING,
    "processing": Status.RUNNING,
    "partly done": Status.RUNNING,
    "succeeded": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "partial": Status.PARTIAL,
    "cancelled": Status.CANCELLED,
}


class Lab:
    """Three providers and a clock.

    Attributes:
        time: Unix seconds; set it to let time pass.
        down: Providers that fail.
        calls: Calls made so far, by provider.
        keys: The pages asked for, in order.
    """

    def __init__(self, seed: int = 7, time: float = NOON) -> None:
        self.time = time
        self.down: set[Provider] = set()
        self.calls: Counter[Provider] = Counter()
        self.keys: list[VideoPage | WindowPage] = []
        app = create_app(seed=seed, now=lambda: self.time, quota=10_000_000)
        self.world = app.world
        self._pages = TaskPages(self.world)
        # Stateless, and not closed: it holds no connection.
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), verify=TLS, trust_env=False)
        alibaba = Credentials(access_key_id="sandboxAccessKeyId", access_key_secret="sandboxAccessKeySecret")
        visionular = Credentials(access_key_id="sandboxAccessKey", access_key_secret="sandboxSecretKey")
        acs3 = Acs3Auth(lambda: alibaba, now=self.now)
        hmac = VisionularAuth(lambda: visionular, now=self.now)
        self._clients: dict[Provider, ProviderClient] = {
            Provider.VOD: VodClient(
                http, acs3, "http://s", total_timeout=30, max_body_bytes=_BODY, now=self.now
            ),
            Provider.IMS: ImsClient(
                http, acs3, "http://s", total_timeout=30, max_body_bytes=_BODY, now=self.now
            ),
            Provider.VISIONULAR: VisionularClient(
                http, hmac, "http://s", total_timeout=30, max_body_bytes=_BODY, now=self.now
            ),
        }

    def now(self) -> datetime:
        """Return the time of day there."""
        return datetime.fromtimestamp(self.time, UTC)

    async def read(self, source: Whom, page: VideoPage | WindowPage) -> TaskPage:
        """Fetch a page, by one call."""
        provider = provider_of(source)
        self.calls[provider] += 1
        self.keys.append(page)
        if provider in self.down:
            raise Unavailable("down", provider=provider, operation="X")
        client = self._clients[provider]
        if isinstance(page, VideoPage):
            outcome = (await client.tasks_of_video([page]))[page]
        else:
            outcome = (await client.tasks_in_window([page]))[page]
        if isinstance(outcome, GatewayError):
            raise outcome
        return outcome

    def videos(self, count: int) -> list[str]:
        """Return ids of lively videos."""
        return [self.world.videos.video(number).id for number in range(count)]

    def truth(self, criteria: Criteria, since: float, until: float) -> set[tuple[Provider, str]]:
        """Return the tasks that the sandbox itself says were created in a window, its end excluded."""
        return {
            (provider, task_id)
            for provider, task_id, created, status in self._tasks(criteria)
            if since <= created < until and (criteria.statuses is None or status in criteria.statuses)
        }

    def _tasks(self, criteria: Criteria) -> Iterator[tuple[Provider, str, int, Status]]:
        for provider in criteria.providers or (Provider.IMS, Provider.VISIONULAR):
            if provider is Provider.VOD:
                for video_id in criteria.video_ids or ():
                    video = self.world.videos.find(video_id)
                    for task in self.world.videos.tasks(video, self.time) if video else ():
                        state = STATUSES[task.state(self.time)]
                        yield provider, self.world.videos.task_id(task), task.created, state
                continue
            ims = provider is Provider.IMS
            series = self.world.conversions if ims else self.world.encodings
            # Nothing asked for here is older than a day or two.
            for number in series.numbers(self.time, self.time - 2 * 86_400):
                work = series.work(number)
                task_id = self.world.cipher.seal(JOB, number) if ims else self._pages.task_id(number)
                yield provider, task_id, work.created, STATUSES[work.state(self.time)]
