"""The Redis or Valkey server that replicas share, and what happens when it does not answer.

Everything shared is an improvement and nothing depends on it. The first question that gets no answer in time
is a verdict for everybody in this process: whoever else waits for the server stops waiting, nobody asks it
any more, and one probe in the background finds out when it is back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import TypeVar

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.upstream.patience import Patience
from gateway.upstream.policy import StorePolicy

_log = logging.getLogger(__name__)
_LOG_EVERY = 60.0

T = TypeVar("T")


class Away(Exception):
    """The server did not answer in time, or not as it should."""


class Server:
    """One server.

    Args:
        url: redis://, rediss:// or unix://, with credentials if it wants some.
        policy: How long it may take.

    Attributes:
        failures: Questions that got no answer.
        away_since: From when on it is certain to have answered nobody; None while it answers.
    """

    def __init__(self, url: str, policy: StorePolicy) -> None:
        # Left to itself the client retries ten times, with pauses: four seconds for a refused connection, a
        # minute for a server that hangs. Its own time limit on writing is off, as ours covers it, and as its
        # `wait_for` now and then swallows a cancellation before Python 3.12: a lane would never close.
        self.pool = ConnectionPool.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=None,
            socket_connect_timeout=2 * policy.timeout,
        )
        self.client: Redis = Redis(connection_pool=self.pool)
        self.failures = 0
        self.away_since: float | None = None
        self._policy = policy
        self._asking: set[Patience] = set()
        self._back = asyncio.Event()
        self._settled = asyncio.Event()
        self._back_at = float("-inf")
        self._answered_at = float("-inf")
        self._probing: asyncio.Task[None] | None = None
        self._logged_at = float("-inf")

    @property
    def present(self) -> bool:
        """Whether asking makes sense."""
        return self.away_since is None

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Return the server's answer.

        Args:
            question: Asks the client.

        Raises:
            Away: There is none, or the server is known to be away.
        """
        if not self.present:
            raise Away
        asked = _now()
        patience = Patience(self._policy.timeout)
        try:
            async with patience:
                self._asking.add(patience)
                try:
                    answer = await question()
                finally:
                    self._asking.discard(patience)
        except (RedisError, OSError, TimeoutError) as error:
            self._missed(error, asked)
            raise Away from error
        except Exception as error:
            # Nothing that is found in a shared store may fail a request.
            _log.exception("the shared store answered something unexpected")
            self._missed(error, asked)
            raise Away from error
        self._answered_at = _now()
        return answer

    async def returns_within(self, seconds: float) -> bool:
        """Wait for the server to come back, for so long at most, and say whether it did.

        Longer only until its absence is certain, which takes a second question without an answer: the first
        may have been a hiccup of this process.
        """
        until = _now() + seconds
        await self._settled.wait()
        try:
            async with asyncio.timeout_at(until):
                await self._back.wait()
        except TimeoutError:
            return self.present
        return True

    async def close(self) -> None:
        """Close all connections."""
        if self._probing:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)
        await self.client.aclose()
        await self.pool.disconnect()

    def _missed(self, error: Exception, asked: float) -> None:
        now = _now()
        self.failures += 1
        if self.present:
            self.away_since = max(asked, self._answered_at)
            self._back.clear()
            self._settled.clear()
            for patience in self._asking:
                patience.lose()
            self._probing = asyncio.create_task(self._probe(), context=Context())
        if now - self._logged_at >= _LOG_EVERY:
            self._logged_at = now
            # The type only: texts of connection errors quote addresses, and some quote credentials.
            _log.warning(
                "the shared store is away (%s, %d failures so far); going on without it",
                type(error).__name__,
                self.failures,
            )

    async def _probe(self) -> None:
        """Ask again, at once and then less and less often, until there is an answer."""
        pause = min(self._policy.timeout / 2, self._policy.rest)
        answered = await self._answers()
        if answered and _now() - self._back_at < self._policy.rest:
            # A server that answers probes and nothing else is not believed every time.
            answered, pause = False, self._policy.rest
        while not answered:
            self._settled.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._policy.rest)
            answered = await self._answers()
        self.away_since = None
        self._back_at = _now()
        self._settled.set()
        self._back.set()

    async def _answers(self) -> bool:
        try:
            async with Patience(self._policy.timeout):
                await self.client.ping()
        except Exception:  # noqa: BLE001  whatever it is, it is no answer
            return False
        return True


def _now() -> float:
    return asyncio.get_running_loop().time()
