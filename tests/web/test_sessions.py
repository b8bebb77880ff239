"""Connections that stay open."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.access.principal import Principal
from gateway.web.sessions import SessionPolicy, Sessions, TooMany, expired

SOMEBODY = Principal(name="somebody", scopes=frozenset())


class Connection:
    """One that leaves when it is asked to, or not."""

    def __init__(self, sessions: Sessions, *, polite: bool = True) -> None:
        self.sessions = sessions
        self.polite = polite
        self.checked = asyncio.Event()
        sessions.enter(self)

    def check(self, now: float) -> None:
        """See `Session`."""
        self.checked.set()

    def leave(self, why: str) -> None:
        """See `Session`."""
        if self.polite:
            asyncio.get_running_loop().call_soon(self.sessions.exit, self)


async def test_open_connections_are_looked_at_while_there_are_any() -> None:
    """And nothing runs when there are none."""
    sessions = Sessions()
    one = Connection(sessions)
    await asyncio.wait_for(one.checked.wait(), 20)
    sessions.exit(one)
    assert len(sessions) == 0
    assert sessions._watchman is None


async def test_there_are_no_more_than_allowed() -> None:
    """Connections of all, and subscriptions of one principal."""
    sessions = Sessions(SessionPolicy(connections=1, per_principal=2))
    one = Connection(sessions)
    assert sessions.full
    sessions.exit(one)
    sessions.subscribe(SOMEBODY)
    sessions.subscribe(SOMEBODY)
    with pytest.raises(TooMany):
        sessions.subscribe(SOMEBODY)
    sessions.unsubscribe(SOMEBODY)
    sessions.subscribe(SOMEBODY)
    assert sessions.subscriptions == 2


async def test_closing_asks_all_to_leave_and_lets_nobody_in() -> None:
    """Whoever does not leave is not waited for."""
    sessions = Sessions()
    Connection(sessions)
    await sessions.close()
    assert len(sessions) == 0
    assert sessions.full
    stubborn = Connection(sessions, polite=False)
    await sessions.close(patience=0.01)
    assert len(sessions) == 1
    sessions.exit(stubborn)


def test_a_credential_ends() -> None:
    """At its time."""
    assert not expired(SOMEBODY)
    assert expired(Principal(name="late", scopes=frozenset(), expires_at=time.time() - 1))
