"""The Redis or Valkey server that replicas share, and what happens when it does not answer.

Everything shared is an improvement and nothing depends on it: a server that is away costs one short timeout,
is then left alone for a moment, and is reported once a minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

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
    """

    def __init__(self, url: str, policy: StorePolicy) -> None:
        # Left to itself the client retries ten times, with pauses: four seconds for a refused connection, a
        # minute for a server that hangs.
        self.pool = ConnectionPool.from_url(
            url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=policy.timeout
        )
        self.client: Redis = Redis(connection_pool=self.pool)
        self.failures = 0
        self._policy = policy
        self._away_until = float("-inf")
        self._logged_at = float("-inf")

    @property
    def present(self) -> bool:
        """Whether asking makes sense."""
        return asyncio.get_running_loop().time() >= self._away_until

    async def ask(self, question: Callable[[], Awaitable[T]], *, anyway: bool = False) -> T:
        """Return the server's answer.

        Args:
            question: Asks the client.
            anyway: Ask even a server that was away a moment ago.

        Raises:
            Away: There is none.
        """
        if not anyway and not self.present:
            raise Away
        try:
            async with asyncio.timeout(self._policy.timeout):
                answer = await question()
        except (RedisError, OSError, TimeoutError) as error:
            self._missed(error)
            raise Away from error
        except Exception as error:
            # Nothing that is found in a shared store may fail a request.
            _log.exception("the shared store answered something unexpected")
            self._missed(error)
            raise Away from error
        self._away_until = float("-inf")
        return answer

    async def close(self) -> None:
        """Close all connections."""
        await self.client.aclose()
        await self.pool.disconnect()

    def _missed(self, error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        self.failures += 1
        self._away_until = now + self._policy.rest
        if now - self._logged_at >= _LOG_EVERY:
            self._logged_at = now
            # The type only: texts of connection errors quote addresses, and some quote credentials.
            _log.warning(
                "the shared store is away (%s, %d failures so far); going on without it",
                type(error).__name__,
                self.failures,
            )
