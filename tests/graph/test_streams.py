"""Subscriptions, from the operation to its answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from gateway.access.points import Balance, OwnPurse, Purse
from gateway.access.principal import INSIDE, Principal
from gateway.access.scopes import Scope
from gateway.graph.channels import Stream
from gateway.graph.cost import estimate
from gateway.graph.documents import DocumentStore
from gateway.graph.engine import Engine, Subscriptions
from gateway.graph.requests import Answer, Request
from gateway.graph.schema import schema
from gateway.live.policy import WatchPolicy
from gateway.live.watches import Watches
from tests.upstream.conftest import FakeProvider, running

WATCH = "subscription($ids: [ID!]!) { videos(ids: $ids) { id video { latestTask { status } } } }"


class Bench:
    """An engine over a scripted provider."""

    def __init__(self, engine: Engine, provider: FakeProvider) -> None:
        self.engine = engine
        self.provider = provider

    async def open(self, query: str, principal: Principal = INSIDE, **variables: Any) -> Stream:
        """Open a subscription."""
        stream = await self.engine.stream(Request(query=query, variables=variables), principal)
        assert isinstance(stream, Stream), stream
        return stream

    async def refused(self, query: str, principal: Principal = INSIDE, **variables: Any) -> str:
        """Return the code of a refusal."""
        answer = await self.engine.stream(Request(query=query, variables=variables), principal)
        assert isinstance(answer, Answer)
        code: str = answer.body["errors"][0]["extensions"]["code"]
        return code

    @property
    def editions(self) -> int:
        """How many renderings there are of one state."""
        assert self.engine._streams is not None
        return len(self.engine._streams._editions)


class SlowPurse(OwnPurse):
    """A purse that is far away: points that are given back take until they are let go on."""

    def __init__(self) -> None:
        super().__init__(1000)
        self.giving = asyncio.Event()
        self.given = asyncio.Event()

    async def give_back(self, name: str, points: int) -> Balance:
        """See `Purse`."""
        self.giving.set()
        await self.given.wait()
        return await super().give_back(name, points)


@asynccontextmanager
async def bench(purse: Purse | None = None) -> AsyncIterator[Bench]:
    """Open the engine; see that it is left as it was found."""
    provider = FakeProvider()
    provider.latency = 0.0
    async with running(provider) as upstream:
        watches = Watches(upstream, WatchPolicy())
        subscriptions = Subscriptions(watches=watches, ids=5)
        engine = Engine(upstream, request_timeout=20, subscriptions=subscriptions, purse=purse)
        one = Bench(engine, provider)
        yield one
        assert one.editions == 0
        assert len(watches) == 0


async def told(stream: Stream) -> dict[str, Any]:
    """Wait for the next message."""
    if not stream.waiting:
        news = asyncio.Event()
        stream.notify = news.set
        await asyncio.wait_for(news.wait(), 20)
    payload = stream.take()
    assert payload is not None
    message: dict[str, Any] = msgspec.json.decode(payload.body)
    return message


async def test_subscribers_to_the_same_share_everything() -> None:
    """Whatever else they watch; other documents, variables or scopes make other messages."""
    async with bench() as one:
        less = Principal(name="less", scopes=frozenset({Scope.SUBSCRIBE, Scope.VOD}))
        streams = [
            await one.open(WATCH, ids=["a"]),
            await one.open(WATCH, ids=["a", "b"]),
            await one.open(WATCH, ids=["b", "a", "a"]),
        ]
        assert one.editions == 1
        streams += [await one.open(WATCH, less, ids=["a"]), await one.open(WATCH + " ", ids=["a"])]
        assert one.editions == 3
        message = await told(streams[0])
        assert message["data"]["videos"] == {"id": "a", "video": {"latestTask": {"status": "RUNNING"}}}
        for stream in streams:
            stream.close()


async def test_variables_that_decide_what_is_shown_make_other_messages() -> None:
    """Only those that say nothing but the ids are left aside."""
    query = (
        "subscription($ids: [ID!]!, $more: Boolean!) {"
        " videos(ids: $ids) { id video @include(if: $more) { videoId } } }"
    )
    async with bench() as one:
        short = await one.open(query, ids=["a"], more=False)
        long = await one.open(query, ids=["a"], more=True)
        assert one.editions == 2
        assert "video" not in (await told(short))["data"]["videos"]
        assert "video" in (await told(long))["data"]["videos"]
        short.close()
        long.close()


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (WATCH, {"ids": []}, "BAD_USER_INPUT"),
        (WATCH, {"ids": list("abcdef")}, "BAD_USER_INPUT"),
        (WATCH, {"ids": ["a,b"]}, "BAD_USER_INPUT"),
        (WATCH, {"ids": 7.5}, "BAD_USER_INPUT"),
        (WATCH, {}, "BAD_USER_INPUT"),
        ('subscription { tasks(ids: ["x"]) { id } }', {}, "BAD_USER_INPUT"),
        (
            "subscription($no: Boolean!) { videos(ids: []) @skip(if: $no) { id } }",
            {"no": True},
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription { nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { videos(ids: ["a"]) { id } tasks(ids: []) { id } }', {}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_cannot_be_watched_is_refused(query: str, variables: dict[str, Any], code: str) -> None:
    """Before anything is asked of anybody."""
    async with bench() as one:
        assert await one.refused(query, **variables) == code
        assert not one.provider.calls


async def test_scopes_are_needed_to_watch() -> None:
    """To subscribe at all, and for the provider."""
    async with bench() as one:
        for scopes in ({Scope.VOD}, {Scope.SUBSCRIBE, Scope.IMS}):
            who = Principal(name="who", scopes=frozenset(scopes))
            assert await one.refused(WATCH, who, ids=["a"]) == "FORBIDDEN"


async def test_a_request_for_one_answer_gets_no_subscription() -> None:
    """And a stream gives any other operation its answer."""
    async with bench() as one:
        answer = await one.engine.execute(Request(query=WATCH, variables={"ids": ["a"]}))
        assert "text/event-stream" in answer.body["errors"][0]["message"]
        other = await one.engine.stream(Request(query="{ __typename }"))
        assert isinstance(other, Answer)
        assert other.executed


async def test_an_event_may_ask_for_what_it_does_not_bring() -> None:
    """As a query would; an error there is an error of that field."""
    async with bench() as one:
        stream = await one.open('subscription { videos(ids: ["a"]) { id video { latestTask { trigger } } } }')
        message = await told(stream)
        assert message["data"]["videos"]["video"]["latestTask"] == {"trigger": None}
        assert message["errors"][0]["path"] == ["videos", "video", "latestTask", "trigger"]
        stream.close()


async def test_what_it_could_take_is_foretold() -> None:
    """The first look, and what each message asks besides."""
    documents = DocumentStore(schema._schema)
    for query, calls in (
        ("subscription($ids: [ID!]!) { videos(ids: $ids) { id video { videoId } } }", 1),
        ("subscription($ids: [ID!]!) { v: videos(ids: $ids) { video { latestTask { trigger } } } }", 13),
    ):
        document = documents.get(query)
        assert document.ast is not None
        assert estimate(schema._schema, document.ast, None, {"ids": list("abcdefghijkl")}) == calls + 1


async def test_who_leaves_while_points_are_counted_is_watched_for_no_more() -> None:
    """With points in a shared store that takes a moment, in which a client may well change its mind."""
    purse = SlowPurse()
    async with bench(purse) as one:
        opening = asyncio.create_task(one.open(WATCH, ids=["a"]))
        await asyncio.wait_for(purse.giving.wait(), 20)
        assert one.editions == 1
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
