"""The second level."""

from __future__ import annotations

import os
import pickle

import msgspec
import pytest
from msgspec import UNSET

from gateway.domain.errors import NotFound
from gateway.domain.records import Job, Misfit, Observation, Output, Provider, Status, TaskPage
from gateway.upstream.freshness import Answer
from gateway.upstream.server import Away, Server
from gateway.upstream.store import VERSION, Store, decode, encode, store
from tests.upstream.conftest import START, SharedServer, task, video

REAL_TIME = True

JOB = Job(
    id="gid:j",
    provider=Provider.IMS,
    status=Status.RUNNING,
    misfits=(Misfit(field="width", reason="an integer", provider=Provider.IMS, operation="Get"),),
    output=Output(job_id="gid:j", url=UNSET, file_size=2**40, fps=29.97, encryption=None),
    observation=Observation(at=START, operation="Get"),
)


@pytest.mark.parametrize("answer", [video("ü"), task("t"), JOB, TaskPage(tasks=(task("t"),), garbled=2)])
async def test_a_record_comes_back_as_it_was(link: Server, answer: Answer) -> None:
    """Every kind of record survives, fields that were not reported told from those that have no value."""
    shelf = Store(link)
    await shelf.put_many({"k": store(answer, 12.5)}, ttl=60)
    found = (await shelf.get_many(["k", "none"]))["k"]
    assert (found.answer, found.at) == (answer, 12.5)


async def test_an_absence_comes_back_as_an_error() -> None:
    """That an id is unknown can be remembered like a record."""
    found = decode(encode(store(NotFound("No such id.", provider=Provider.VOD), 1.0)))
    assert found is not None
    assert isinstance(found.answer, NotFound)
    assert (found.answer.message, found.answer.provider) == ("No such id.", Provider.VOD)


class _Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os._exit, ("a pickle was loaded",)


@pytest.mark.parametrize(
    "poison",
    [
        b"",
        b"\xff\xfe",
        b'{"at": 1}',
        b"\x81" * 5000,
        pickle.dumps(_Bomb()),
        msgspec.msgpack.encode(["v", 1.0, {"id": 7}]),
        msgspec.msgpack.encode(["z", 1.0]),
    ],
)
async def test_a_poisoned_value_is_a_miss_and_is_deleted(link: Server, poison: bytes) -> None:
    """What cannot be read spoils none of its neighbours and is gone afterwards."""
    shelf = Store(link)
    await shelf.put_many({"good": store(video("a"), 1.0)}, ttl=60)
    await link.client.set("bad", poison)
    await link.client.rpush("list", "x")
    assert set(await shelf.get_many(["bad", "good", "list"])) == {"good"}
    assert await link.client.exists("bad") == 0


async def test_values_end(link: Server) -> None:
    """Nothing stays in the store for ever."""
    await Store(link).put_many({"k": store(video("a"), 1.0)}, ttl=60)
    assert 0 < await link.client.ttl("k") <= 60


async def test_a_dead_store_says_so(link: Server, valkey: SharedServer) -> None:
    """Without its server neither reading nor writing pretends to work."""
    valkey.kill()
    with pytest.raises(Away):
        await Store(link).get_many(["k"])
    with pytest.raises(Away):
        await Store(link).put_many({"k": store(video("a"), 1.0)}, ttl=60)


def test_the_version_follows_the_records() -> None:
    """The fingerprint in the keys is that of the types, and short."""
    assert len(VERSION) == 12
