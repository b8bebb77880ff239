"""Watches over scripted providers, on a clock that jumps instead of waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.live.policy import WatchPolicy
from gateway.live.state import State
from gateway.live.subject import Subject
from gateway.live.watches import Watches
from tests.upstream.conftest import FakeProvider, VirtualLoop, running


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run this folder on virtual time."""
    return {"virtual": VirtualLoop}


@pytest.fixture
def provider() -> FakeProvider:
    """A provider that answers."""
    return FakeProvider()


@asynccontextmanager
async def watching(provider: FakeProvider, **policy: Any) -> AsyncIterator[Watches]:
    """Watches that leave nothing behind."""
    async with running(provider) as upstream:
        watches = Watches(upstream, WatchPolicy(**policy))
        yield watches
        watches.close()
        assert len(watches) == 0


class Follower:
    """Hears of a subject."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.states: list[State] = []
        subject.follow(self.heard)
        if subject.state is not None:
            self.heard()

    def heard(self) -> None:
        """Note the new state."""
        assert self.subject.state is not None
        self.states.append(self.subject.state)

    def leave(self) -> None:
        """Hear no more."""
        self.subject.leave(self.heard)
