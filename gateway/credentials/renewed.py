"""Keys that expire: looked up before they do, by one look-up at a time, while the old ones stay in use."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextvars import Context
from datetime import UTC, datetime
from typing import Protocol

from msgspec import Struct

from gateway.credentials.source import NoCredentialsError
from gateway.providers.signing import Credentials

_log = logging.getLogger(__name__)


class Found(Struct, frozen=True, kw_only=True):
    """What a look-up yields.

    Attributes:
        credentials: The keys.
        origin: Who had them, in words for an operator.
        expires_at: When they end, unix seconds; None where nobody tells.
    """

    credentials: Credentials
    origin: str
    expires_at: float | None = None


class Find(Protocol):
    """Looks keys up; may block, and runs in a thread."""

    def __call__(self, *, anew: bool) -> Found:
        """Return keys; `anew`, keys that nobody remembers."""


class Renewed:
    """Keys that somebody else hands out for a while.

    A look-up that fails costs nothing while the old keys hold. Where nobody tells how long they do, the
    provider's refusal does, and `renew` answers that.

    Args:
        find: Looks keys up.
        look_again: Seconds after which they are looked up again, besides the calls that go on. Short beside
            any key's life: whoever hands keys out decides when there are new ones, and answers from memory
            until then.
        trusted: Seconds after which calls wait for the look-up: after a quiet night the keys may have ended.
        rest: Seconds between look-ups that fail, or that yield what was refused.
        clock: Monotonic seconds.
        wall: Unix seconds.
    """

    def __init__(
        self,
        find: Find,
        *,
        look_again: float = 60.0,
        trusted: float = 300.0,
        rest: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._find = find
        self._look_again = look_again
        self._trusted = trusted
        self._rest = rest
        self._clock = clock
        self._wall = wall
        self._held: Found | None = None
        self._looked_at = 0.0
        self._rest_until = float("-inf")
        self._reason = "not looked up yet"
        self._flight: asyncio.Task[None] | None = None

    @property
    def origin(self) -> str:
        """Who handed the present keys out, and until when they hold where that is known."""
        if self._held is None:
            return "nobody"
        ends = self._held.expires_at
        until = "" if ends is None else f", until {datetime.fromtimestamp(ends, UTC):%Y-%m-%d %H:%M} UTC"
        return f"{self._held.origin}{until}"

    def current(self) -> Credentials:
        """Return the keys in use."""
        if self._held is None:
            raise NoCredentialsError(self._reason)
        return self._held.credentials

    async def ready(self) -> None:
        """Have the keys looked up when it is time, and wait for that only if it must be."""
        age = self._clock() - self._looked_at
        if self._holds() and age < self._look_again:
            return
        if self._clock() >= self._rest_until:
            flight = self._look_up(anew=False)
            if self._holds() and age < self._trusted:
                return
            await asyncio.shield(flight)
        if not self._holds():
            raise NoCredentialsError(self._reason)

    async def renew(self, refused: Credentials) -> bool:
        """Ask for keys that nobody remembers, unless others than the refused ones are here already."""
        if self._flight is not None and not self._flight.done():
            await asyncio.shield(self._flight)
        if self._differs(refused):
            return True
        if self._clock() >= self._rest_until:
            await asyncio.shield(self._look_up(anew=True))
            if not self._differs(refused):
                self._rest_until = self._clock() + self._rest
        return self._differs(refused)

    def _holds(self) -> bool:
        held = self._held
        return held is not None and (held.expires_at is None or self._wall() < held.expires_at)

    def _differs(self, refused: Credentials) -> bool:
        return self._held is not None and self._held.credentials != refused

    def _look_up(self, *, anew: bool) -> asyncio.Task[None]:
        if self._flight is None or self._flight.done():
            # For everybody: it carries neither the trace nor the cancellation of the request that began it.
            self._flight = asyncio.create_task(self._fly(anew=anew), context=Context())
        return self._flight

    async def _fly(self, *, anew: bool) -> None:
        try:
            found = await asyncio.to_thread(self._find, anew=anew)
        except Exception as error:  # noqa: BLE001  whoever waits is told, and looks again later
            self._reason = error.reason if isinstance(error, NoCredentialsError) else type(error).__name__
            self._rest_until = self._clock() + self._rest
            still = "the last ones stay in use" if self._holds() else "there are none to go on with"
            _log.warning("credentials could not be looked up (%s); %s", self._reason, still)
            return
        if self._held is None or self._held.credentials != found.credentials:
            _log.info("credentials from %s", found.origin)
        self._held = found
        self._looked_at = self._clock()
