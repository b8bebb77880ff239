"""What faults do to an answer on its way, seen by a client of a real server."""

import asyncio
import gzip
import math
import time
from collections.abc import Callable

import httpx
import pytest

from gateway.sandbox.app import Sandbox, create_app

from .clients import Caller

PARAMETERS = {"start_time": 1, "end_time": 99_999_999_999, "count": 3}
KEYS = ("sandboxAccessKey", "sandboxSecretKey")


@pytest.fixture
def url(serve: Callable[[Sandbox], str]) -> str:
    """The address of list_task at a served sandbox."""
    return f"http://{serve(create_app(quota=math.inf))}/api/list_task"


def get(url: str, fault: str) -> httpx.Response:
    """Call list_task with a fault."""
    return httpx.get(url, params=PARAMETERS, auth=KEYS, headers={"x-sandbox-fault": fault})


def test_whole(url: str) -> None:
    """Without a fault the answer is whole, dated once, and its length is stated."""
    answer = httpx.get(url, params=PARAMETERS, auth=KEYS)
    assert answer.json()["data"]["num"] == 3
    assert answer.headers["content-length"] == str(len(answer.content))
    assert len(answer.headers.get_list("date")) == 1


def test_reset(url: str) -> None:
    """The connection ends without an answer, and the server goes on."""
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        get(url, "reset")
    assert httpx.get(url, params=PARAMETERS, auth=KEYS).status_code == 200


def test_truncate(url: str) -> None:
    """A body cut short breaks the connection, unless its length agrees: then it is just broken JSON."""
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        get(url, "truncate")
    half = get(url, '{"kind":"truncate","content_length":"matching"}')
    assert half.content.startswith(b'{"code":0')
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        half.json()


def test_drip(url: str) -> None:
    """The body comes at the pace asked for, never late enough for a time-out between two reads."""
    with httpx.stream(
        "GET", url, params=PARAMETERS, auth=KEYS, headers={"x-sandbox-fault": "drip"}, timeout=20
    ) as answer:
        # The rest of it would take minutes; the connection is given up on.
        assert next(answer.iter_raw(1)) == b"{"
    fast = get(url, '{"kind":"drip","bytes_per_second":10000}')
    assert fast.json()["data"]["num"] == 3


def test_oversize(url: str) -> None:
    """The body has the size asked for and is still JSON."""
    answer = get(url, '{"kind":"oversize","bytes":300000}')
    assert len(answer.content) == 300_000
    assert answer.json()["data"]["num"] == 3


def test_gzip_bomb(url: str) -> None:
    """A small body grows to the size asked for."""
    with httpx.stream(
        "GET",
        url,
        params=PARAMETERS,
        auth=KEYS,
        headers={"x-sandbox-fault": '{"kind":"gzip_bomb","bytes":5000000}'},
    ) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(packed) < 20_000
    assert len(gzip.decompress(packed)) == 5_000_000


def test_latency(url: str) -> None:
    """The answer comes late, and whole."""
    started = time.monotonic()
    answer = get(url, '{"kind":"latency","ms":150}')
    assert time.monotonic() - started > 0.15
    assert answer.json()["data"]["num"] == 3


async def test_others_are_not_held_up(caller: Caller) -> None:
    """While one answer is late others come at once."""
    late = asyncio.create_task(
        caller.visionular("/api/list_task", '{"kind":"latency","ms":1500}', start_time=1, end_time=2)
    )
    await asyncio.sleep(0.05)
    assert (await caller.visionular("/api/list_task", start_time=1, end_time=2)).status_code == 200
    assert not late.done()
    assert (await late).status_code == 200


async def test_reset_in_process(caller: Caller) -> None:
    """Called in process, where no connection can be dropped, a reset is raised."""
    with pytest.raises(ConnectionResetError):
        await caller.visionular("/api/list_task", "reset", start_time=1, end_time=2)
