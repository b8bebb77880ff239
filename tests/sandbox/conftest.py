"""Sandboxes for the tests: in process with a stopped clock, or behind a real server on a loopback port."""

import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import pytest

from gateway.sandbox.app import Sandbox, create_app
from gateway.sandbox.world import World
from tests.servers import serving

from .clients import START, Caller, Clock


@pytest.fixture
def clock() -> Clock:
    """A stopped clock."""
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Sandbox:
    """A sandbox with a stopped clock and no quota."""
    return create_app(now=clock, monotonic=clock, quota=math.inf)


@pytest.fixture
async def caller(app: Sandbox) -> AsyncIterator[Caller]:
    """A client of that sandbox."""
    async with Caller(app) as caller:
        yield caller


@pytest.fixture(scope="session")
def world() -> World:
    """A world with a stopped clock, to look at."""
    return World(7, lambda: START)


@pytest.fixture
def serve() -> Iterator[Callable[[Sandbox], str]]:
    """Serves sandboxes over HTTP until the test ends; each call returns ``host:port``."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app)).removeprefix("http://")
