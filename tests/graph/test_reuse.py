"""Answers given again: those that a new execution would give, to those who may see them, and no others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from gateway.access.points import OwnPurse
from gateway.access.principal import INSIDE, Principal
from gateway.access.scopes import Scope
from gateway.domain.errors import Unavailable
from gateway.domain.identity import TaskRef, encode
from gateway.domain.provider import Verb
from gateway.domain.records import Job, Observation, Output, Provider, Status, Task, Video
from gateway.domain.sources import Whom, provider_of
from gateway.execution import Plan
from gateway.graph.engine import Engine
from gateway.graph.requests import Answer, Request
from gateway.graph.schema import schema
from tests.execution import world
from tests.execution.documents import Request as Generated
from tests.execution.documents import requests
from tests.execution.test_differential import EXAMPLES, NIGHTLY, value

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BLIND = Principal(name="blind", scopes=frozenset(Scope) - {Scope.URLS})
ROOM = 1_000_000
VIDEOS = "query($ids: [ID!]!) { videos(ids: $ids) { videoId latestTask { status } } }"
URLS = '{ video(id: "a") { latestTask { jobs { output { url } } } } }'


class Memory:
    """Has whatever was put in, at hand; notes what was asked for."""

    sources: Sequence[Whom] = ()

    def __init__(self) -> None:
        self.records: dict[Hashable, Any] = {}
        self.asked: list[Hashable] = []
        self.fresh = 7.0

    def put(self, key: str, status: Status = Status.RUNNING, at: datetime = NOON) -> None:
        """Remember a new version of a video."""
        observation = Observation(at=at, operation="X")
        output = Output(job_id="j", url=f"https://files.test/{key}?signature")
        job = Job(id="j", provider=Provider.VOD, output=output, observation=observation)
        task = Task(id="t", provider=Provider.VOD, status=status, jobs=(job,), observation=observation)
        self.records[key] = Video(id=f"id-{key}", video_id=key, latest_task=task)

    def peek_many(
        self, provider: Whom, verb: Verb, keys: Iterable[Hashable], *, max_age: float | None = None
    ) -> Sequence[Any] | None:
        """Return what is at hand."""
        keys = list(keys)
        self.asked += keys
        return [self.records[key] for key in keys] if set(keys) <= set(self.records) else None

    async def load_many(
        self, provider: Whom, verb: Verb, keys: Sequence[Hashable], **_: Any
    ) -> Sequence[Any]:
        """Fail for what is not at hand."""
        down = Unavailable("down", provider=provider_of(provider), operation="X")
        return [self.records.get(key, down) for key in keys]

    def fresh_for(self, provider: Whom, verb: Verb, keys: Iterable[Hashable]) -> float:
        """Return the same for all."""
        return self.fresh

    def status(self) -> Sequence[Any]:
        """There are no lanes."""
        return []


class Counted:
    """An engine whose executions are counted."""

    def __init__(self, upstream: Any, **more: Any) -> None:
        self.now = NOON
        self.executions = 0
        self._engine = Engine(upstream, request_timeout=10, reuse=ROOM, now=lambda: self.now, **more)

    async def ask(self, query: str, principal: Principal = INSIDE, **variables: Any) -> Answer:
        """Return the answer."""
        execute = Plan.execute

        async def counted(plan: Plan, *given: Any, **named: Any) -> Any:
            self.executions += 1
            return await execute(plan, *given, **named)

        with patch.object(Plan, "execute", counted):
            return await self._engine.execute(Request(query=query, variables=variables), principal)


def _told(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(msgspec.json.encode(answer.body))
    return told


@pytest.fixture
def memory() -> Memory:
    """Two videos."""
    memory = Memory()
    memory.put("a")
    memory.put("b", at=NOON - timedelta(seconds=3))
    return memory


async def test_the_same_records_are_the_same_answer(memory: Memory) -> None:
    """Nothing is executed for an answer whose records are all the same; every one of them is asked for."""
    engine = Counted(memory)
    first = _told(await engine.ask(VIDEOS, ids=["a", "b"]))
    memory.asked.clear()
    again = _told(await engine.ask(VIDEOS, ids=["a", "b"]))
    assert again["data"] == first["data"]
    assert engine.executions == 1
    assert memory.asked == ["a", "b"]


@pytest.mark.parametrize("change", ["newer", "equal", "gone"])
async def test_another_record_is_another_answer(memory: Memory, change: str) -> None:
    """A record that was replaced, by whatever, or forgotten has everything looked at anew."""
    engine = Counted(memory)
    await engine.ask(VIDEOS, ids=["a", "b"])
    if change == "gone":
        del memory.records["b"]
    else:
        memory.put("b", Status.SUCCEEDED if change == "newer" else Status.RUNNING)
    told = _told(await engine.ask(VIDEOS, ids=["a", "b"]))
    assert engine.executions == 2
    if change == "gone":
        assert told["errors"][0]["path"] == ["videos", 1]
    else:
        expected = "SUCCEEDED" if change == "newer" else "RUNNING"
        assert told["data"]["videos"][1]["latestTask"]["status"] == expected


async def test_an_answer_given_again_is_as_old_as_it_is(memory: Memory) -> None:
    """The age of the least fresh record goes on counting, and the cost is told for this request."""
    engine = Counted(memory, purse=OwnPurse(100))
    first = _told(await engine.ask(VIDEOS, ids=["a", "b"]))["extensions"]
    assert first["freshness"] == {"oldestMs": 3000}
    engine.now += timedelta(seconds=2)
    again = _told(await engine.ask(VIDEOS, ids=["a", "b"]))["extensions"]
    assert again["freshness"] == {"oldestMs": 5000}
    assert again["cost"]["requested"] == first["cost"]["requested"]
    assert again["cost"]["calls"] == {"requested": 1, "actual": 0}
    assert again["cost"]["remaining"] < first["cost"]["remaining"]
    answers = [await engine.ask(VIDEOS, ids=["a", "b"]) for _ in range(100)]
    assert answers[-1].status == 429
    assert engine.executions == 1


async def test_an_address_is_given_again_only_to_those_who_may_see_it(memory: Memory) -> None:
    """Whoever lacks the scope gets the error that a new execution gives, before and after it was kept."""
    engine = Counted(memory)
    for _ in range(2):
        refused = await engine.ask(URLS, BLIND)
        assert "signature" not in str(_told(refused))
        assert _told(refused)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        told = _told(await engine.ask(URLS))
        assert (
            told["data"]["video"]["latestTask"]["jobs"][0]["output"]["url"]
            == "https://files.test/a?signature"
        )
    nobody = Principal(name="nobody", scopes=frozenset())
    assert _told(await engine.ask(VIDEOS, nobody, ids=["a"]))["data"] == {"videos": [None]}
    assert _told(await engine.ask(VIDEOS, ids=["a"]))["data"]["videos"][0] is not None
    assert _told(await engine.ask(VIDEOS, nobody, ids=["a"]))["data"] == {"videos": [None]}


async def test_errors_are_not_given_again(memory: Memory) -> None:
    """An answer with an error is made anew each time."""
    engine = Counted(memory)
    for _ in range(3):
        assert "errors" in _told(await engine.ask(VIDEOS, ids=["a", "unknown"]))
    assert engine.executions == 3


@pytest.mark.parametrize(
    "query",
    [
        "{ providers { provider } }",
        "{ tasks(first: 1) { nodes { id } sources { ok } } }",
        "{ providerTasks(provider: IMS) { tasks { id } } }",
    ],
)
async def test_what_depends_on_the_moment_is_not_given_again(memory: Memory, query: str) -> None:
    """The state of lanes and lists that end now are another answer at any other time."""
    engine = Counted(memory)
    for _ in range(2):
        assert (await engine.ask(query)).kept is None
    assert engine.executions == 2


async def test_variables_and_operations_are_told_apart(memory: Memory) -> None:
    """An answer belongs to its document, operation and variables."""
    engine = Counted(memory)
    both = 'query A { video(id: "a") { videoId } } query B { video(id: "b") { videoId } }'
    for _ in range(2):
        for key in "ab":
            assert _told(await engine.ask(VIDEOS, ids=[key]))["data"]["videos"][0]["videoId"] == key
            request = Request(query=both, operation_name=key.upper())
            answer = await engine._engine.execute(request)
            assert _told(answer)["data"] == {"video": {"videoId": key}}


async def test_what_is_kept_knows_its_life(memory: Memory) -> None:
    """Age and what is left of freshness are told for caches outside."""
    engine = Counted(memory)
    answer = await engine.ask(VIDEOS, ids=["a", "b"])
    kept = answer.kept
    assert kept is not None
    assert answer.body["extensions"]["freshness"] == {"oldestMs": 3000}
    assert engine._engine.fresh_for(kept) == 7
    static = (await engine.ask("{ __typename }")).kept
    assert static is not None
    assert engine._engine.fresh_for(static) == 0


@pytest.mark.parametrize("safe", [False, True])
async def test_what_was_waited_for_is_kept_for_caches_only(memory: Memory, *, safe: bool) -> None:
    """Who waited for records was the first to ask for them. A GET has its mark all the same."""
    engine = Engine(memory, request_timeout=10, reuse=ROOM)
    asked = Request(query=VIDEOS, variables={"ids": ["a"]})
    absent = memory.records.pop("a")

    async def fetch(*_: Any, **__: Any) -> Sequence[Any]:
        await asyncio.sleep(0)
        memory.records["a"] = absent
        return [absent]

    with patch.object(memory, "load_many", fetch):
        first = await engine.execute(asked, safe=safe)
    assert (first.kept is not None) is safe
    second = await engine.execute(asked, safe=safe)
    assert second.kept is not None
    assert (second.kept is first.kept) is safe
    assert _told(second)["data"] == _told(first)["data"]


async def test_a_record_that_is_held_counts(memory: Memory) -> None:
    """Tasks live as long as an answer that is made of them, and an answer of too large ones is not kept."""
    ref = TaskRef(provider=Provider.IMS, provider_id="p")
    observation = Observation(at=NOON, operation="X")
    for user_data, executions in (("", 1), ("x" * ROOM, 4)):
        memory.records["p"] = Task(
            id=encode(ref),
            provider=Provider.IMS,
            provider_id="p",
            status=Status.RUNNING,
            user_data=user_data,
            observation=observation,
        )
        engine = Counted(memory)
        for _ in range(4):
            told = _told(await engine.ask("query($id: ID!) { task(id: $id) { status } }", id=encode(ref)))
            assert told["data"] == {"task": {"status": "RUNNING"}}
        assert engine.executions == executions


async def test_without_room_nothing_is_given_again(memory: Memory) -> None:
    """A memory of no bytes switches all of this off."""
    engine = Engine(memory, request_timeout=10)
    for _ in range(2):
        answer = await engine.execute(Request(query=VIDEOS, variables={"ids": ["a"]}))
        assert answer.kept is None


@NIGHTLY
@settings(
    max_examples=EXAMPLES // 3,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(request=requests(schema._schema, value), seed=st.integers(0, 9999))
async def test_answers_given_again_are_those_made_anew(request: Generated, seed: int) -> None:
    """With and without reuse, whoever asks, however often, and after records changed: the same."""
    if validate(schema._schema, parse(request.document)):
        reject()
    asked = Request(query=request.document, variables=request.variables)

    def engine(upstream: world.Upstream, room: int) -> Engine:
        return Engine(upstream, request_timeout=10, reuse=room, now=lambda: NOON)

    memory: dict[Any, Any] = {}
    reusing = engine(world.Upstream(seed, memory=memory), ROOM)
    for version in range(2):
        # Records of another seed take the place of the first ones.
        reusing._upstream._seed = seed + version  # type: ignore[attr-defined]
        memory.clear()
        anew = engine(world.Upstream(seed + version), 0)
        expected = {who.name: _outcome(await anew.execute(asked, who)) for who in (INSIDE, BLIND)}
        for who in (INSIDE, INSIDE, BLIND, INSIDE, BLIND):
            assert _outcome(await reusing.execute(asked, who)) == expected[who.name]


def _outcome(answer: Answer) -> Any:
    told = _told(answer)
    told.pop("extensions", None)
    for error in told.get("errors", ()):
        error["extensions"].pop("reference", None)
        if error["extensions"]["code"] == "INTERNAL":
            error["message"] = "INTERNAL"
    return told
