"""Connections that stay open: how many there may be, and when each has to end.

One look a second at all of them does for heartbeats, time-outs and expiry. A timer and a task for each would
cost more than the subscriptions themselves.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextvars import Context
from typing import Protocol

from msgspec import Struct

from gateway.access.principal import Principal
from gateway.graph.channels import Stream

_EVERY = 1.0
"""Seconds from one look to the next."""


class SessionPolicy(Struct, frozen=True, kw_only=True):
    """What one client may hold open, and for how long; times are in seconds.

    Attributes:
        per_connection: Operations of one WebSocket.
        per_principal: Subscriptions of one principal, on all its connections.
        connections: Connections of this process.
        message: Characters of a message that a client sends.
        hello: How long a WebSocket may take to say who it is.
        idle: How long a WebSocket may stay without any operation.
        lifetime: After this every connection is ended, to be made again: credentials are checked anew, and
            replicas that came later get their part.
        heartbeat: Silence after which a sign of life is sent; proxies end what is silent for a minute. Who
            sends none over a WebSocket for three times as long is gone.
        patience: How long a client may take to read one message.
    """

    per_connection: int = 100
    per_principal: int = 1000
    connections: int = 20_000
    message: int = 65_536
    hello: float = 5.0
    idle: float = 300.0
    lifetime: float = 3600.0
    heartbeat: float = 15.0
    patience: float = 30.0


class Session(Protocol):
    """An open connection."""

    def check(self, now: float) -> None:
        """Do what is due at an instant of the event loop's clock; must not wait."""

    def leave(self, why: str) -> None:
        """Ask the client to come back, to another replica if it may, and end; must not wait."""


class TooMany(Exception):
    """A principal has as many subscriptions as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(f"There may be {most} subscriptions of one client at the same time.")


class Sessions:
    """All open connections of this process.

    Args:
        policy: What they may.

    Attributes:
        sent: Messages sent to subscribers so far.
        replaced: Messages that were not sent because a newer one took their place.
    """

    def __init__(self, policy: SessionPolicy = SessionPolicy()) -> None:  # noqa: B008  frozen
        self.policy = policy
        self.sent = 0
        self.replaced = 0
        self._sessions: dict[Session, None] = {}
        self._subscriptions: Counter[str] = Counter()
        self._watchman: asyncio.TimerHandle | None = None
        self._closing = False
        self._empty: asyncio.Event | None = None

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def full(self) -> bool:
        """Whether no more connections are taken on."""
        return self._closing or len(self._sessions) >= self.policy.connections

    @property
    def subscriptions(self) -> int:
        """Subscriptions at this moment."""
        return self._subscriptions.total()

    def enter(self, session: Session) -> None:
        """Take a connection on."""
        self._sessions[session] = None
        if self._watchman is None:
            self._wait()

    def exit(self, session: Session) -> None:
        """Forget a connection."""
        self._sessions.pop(session, None)
        if not self._sessions:
            if self._watchman is not None:
                self._watchman.cancel()
                self._watchman = None
            if self._empty is not None:
                self._empty.set()

    def subscribe(self, principal: Principal) -> None:
        """Count a subscription.

        Raises:
            TooMany: The principal has as many as it may.
        """
        if self._subscriptions[principal.name] >= self.policy.per_principal:
            raise TooMany(self.policy.per_principal)
        self._subscriptions[principal.name] += 1

    def unsubscribe(self, principal: Principal) -> None:
        """Count a subscription no more."""
        self._subscriptions[principal.name] -= 1
        if self._subscriptions[principal.name] <= 0:
            del self._subscriptions[principal.name]

    def took(self, stream: Stream) -> None:
        """Count a message that a subscriber took."""
        self.sent += 1
        self.replaced += stream.replaced
        stream.replaced = 0

    async def close(self, patience: float = 5.0) -> None:
        """Ask all clients to come back later, take no new ones, and wait for these to be gone.

        Args:
            patience: Seconds that is waited for.
        """
        self._closing = True
        self._empty = asyncio.Event()
        for session in list(self._sessions):
            session.leave("The gateway restarts.")
        if self._sessions:
            try:
                async with asyncio.timeout(patience):
                    await self._empty.wait()
            except TimeoutError:
                return

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._watchman = loop.call_later(_EVERY, self._look, context=Context())

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        self._wait()
        for session in list(self._sessions):
            session.check(now)


def expired(principal: Principal) -> bool:
    """Return whether a principal's credential has ended by now."""
    return principal.expired(time.time())
