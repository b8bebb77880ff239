"""The estimate of provider calls."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import parse

from gateway.domain.identity import JobRef, TaskRef, VideoRef, encode
from gateway.domain.records import Provider
from gateway.domain.sources import Source, Whom
from gateway.graph.cost import estimate
from gateway.graph.schema import schema
from gateway.listing.merge import MOST_PAGES
from tests.conftest import Ask, Sandbox

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
VOD = TaskRef(provider=Provider.VOD, video_id="v", template_group_id="g", created_at=NOON)
IMS = TaskRef(provider=Provider.IMS, provider_id="p")
OLD = encode(VOD)
JOB = encode(JobRef(provider=Provider.VOD, task=VOD, label="t/0"))
ALONE = encode(JobRef(provider=Provider.VOD, provider_id="j"))
VIDEO = encode(VideoRef(video_id="v"))

VIDEOS = "query($ids: [ID!]!) { videos(ids: $ids) { latestTask { jobs { output { width } } } } }"
PROVIDER_JOB = 'providerJob(provider: VOD, id: "a") { id }'
TASK = "fragment T on Task { jobs { id } }"
CONNECTION = "fragment C on TaskConnection { nodes { ... on Node { id } ...T } }"
URLS = VIDEOS.replace("width", "url")


def _calls(query: str, name: str | None = None, **variables: Any) -> int:
    return estimate(schema._schema, parse(query), name, variables)


@pytest.mark.parametrize(
    ("query", "variables", "calls"),
    [
        ("{ __typename __schema { types { name } } }", {}, 0),
        ("{ providers { provider } }", {}, 0),
        (VIDEOS, {"ids": [f"v{n}" for n in range(50)]}, 5),
        (VIDEOS, {"ids": ["v"] * 50}, 1),
        (VIDEOS, {"ids": "v"}, 1),
        (VIDEOS, {"ids": [f"v{n}" for n in range(51)]}, 0),
        (VIDEOS, {"ids": True}, 0),
        # Numbers are ids as well, and whole ones are integers however they are written.
        (VIDEOS, {"ids": 7}, 1),
        (VIDEOS, {"ids": [*range(30), 7.0, "7", 2.5]}, 3),
        ("{ a: videos(ids: [1, 2, 3]) { videoId } b: video(id: 12) { videoId } }", {}, 1),
        ("query($i: ID!) { video(id: $i) { videoId } }", {"i": 10**31}, 1),
        ("query($n: Int) { tasks(first: $n) { nodes { progress } } }", {"n": 30.0}, 2 + 30),
        (VIDEOS, {}, 0),
        # A summary tells no urls: each task is listed for its id, and asked for in full.
        (URLS, {"ids": ["a", "b", "c"]}, 1 + 2 * 3),
        (VIDEOS.replace("jobs", "trigger jobs"), {"ids": ["a", "b", "c"]}, 1 + 3),
        ('{ a: video(id: "a") { id } b: video(id: "b") { id } }', {}, 1),
        ('{ video(id: "a") { latestTask { video { latestTask { id } } } } }', {}, 1 + 1),
        ('{ video(id: "a") { tasks(first: 5) { nodes { id } } } }', {}, 1 + 1),
        ('{ video(id: "a") { tasks(first: 5) { nodes { jobs { id } } } } }', {}, 1 + 1 + 5),
        ('{ video(id: "a") { tasks { edges { node { progress } } } } }', {}, 1 + 1 + 20),
        ("query($i: ID!) { node(id: $i) { id } }", {"i": VIDEO}, 1),
        ("query($i: ID!) { node(id: $i) { ... on Video { latestTask { trigger } } } }", {"i": VIDEO}, 2),
        ("query($i: ID!) { task(id: $i) { id } }", {"i": OLD}, 2),
        ("query($i: ID!) { task(id: $i) { jobs { providerId } } }", {"i": OLD}, 3),
        ("query($i: ID!) { node(id: $i) { ... on Task { jobs { id } } } }", {"i": encode(IMS)}, 1),
        ("query($i: ID!) { job(id: $i) { output { url } } }", {"i": JOB}, 3),
        ("query($i: ID!) { job(id: $i) { output { url } } }", {"i": ALONE}, 1),
        ("query($i: ID!) { node(id: $i) { id } }", {"i": "nonsense"}, 0),
        ("query($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": [VIDEO, OLD, JOB, ALONE, "x"]}, 1 + 1 + 2 + 1),
        ('{ providerTask(provider: VOD, id: "a") { jobs { output { url } } } }', {}, 1),
        (f"{{ a: {PROVIDER_JOB} b: {PROVIDER_JOB} }}", {}, 1),
        ("{ providerTasks(provider: IMS) { tasks { id } } }", {}, 1),
        ("{ providerTasks(provider: IMS, pageSize: 3) { tasks { jobs { id } } } }", {}, 1 + 3),
        ("{ providerTasks(provider: VISIONULAR, pageSize: 3) { tasks { jobs { id } } } }", {}, 1),
        ("{ providerTasks(provider: IMS, pageSize: 999) { tasks { jobs { id } } } }", {}, 0),
        ("{ tasks { nodes { id } } }", {}, 2),
        ("{ tasks(first: 100) { nodes { id } } }", {}, 2 + 3),
        ("{ tasks(first: 0) { nodes { jobs { id } } } }", {}, 0),
        ("{ tasks(first: 10) { nodes { id } edges { node { jobs { id } } } } }", {}, 2 + 10),
        ("{ tasks(first: 10, filter: {providers: VISIONULAR}) { nodes { jobs { id } } } }", {}, 1),
        ("{ tasks(filter: {statuses: [FAILED]}) { nodes { id } } }", {}, 2),
        ("{ tasks(filter: {statuses: [RUNNING]}) { nodes { id } } }", {}, 1 + MOST_PAGES),
        ("{ tasks(filter: {statuses: [PARTIAL]}) { nodes { jobs { id } } } }", {}, 0),
        ("query($f: TaskFilter) { tasks(filter: $f) { nodes { id } } }", {"f": {"videoIds": ["a", "b"]}}, 2),
        ("query($f: TaskFilter) { tasks(filter: $f) { nodes { id } } }", {"f": {"videoIds": []}}, 0),
        ("query($f: TaskFilter) { tasks(filter: $f) { nodes { id } } }", {"f": "nonsense"}, 0),
        ("query($f: TaskFilter) { tasks(filter: $f) { nodes { id } } }", {"f": {"statuses": ["X"]}}, 0),
        ("query($n: Int = 5) { tasks(first: $n) { nodes { progress } } }", {}, 2 + 5),
        ("query($n: Int = 5) { tasks(first: $n) { nodes { progress } } }", {"n": 7}, 2 + 7),
        ("query($n: Int) { tasks(first: $n) { nodes { progress } } }", {"n": None}, 2 + 20),
        ("query($s: Boolean!) { tasks { nodes { progress @skip(if: $s) } } }", {"s": True}, 2),
        (f"query($s: Boolean!) {{ tasks {{ nodes {{ ...T @include(if: $s) }} }} }} {TASK}", {"s": False}, 2),
        (f"{{ tasks(first: 3) {{ ...C }} }} {CONNECTION} {TASK}", {}, 2 + 3),
        ("{ tasks(first: 3) { nodes { id } } tasks(first: 3) { nodes { jobs { id } } } }", {}, 2 + 3),
    ],
)  # fmt: skip
def test_calls_are_foretold(query: str, variables: dict[str, Any], calls: int) -> None:
    """What could be needed, counted by document and variables alone; what will be refused is nothing."""
    assert _calls(query, **variables) == calls


def test_the_operation_that_is_meant_is_counted() -> None:
    """Another operation of the document costs nothing."""
    query = "query A { tasks { nodes { id } } } query B { __typename }"
    assert (_calls(query, "A"), _calls(query, "B")) == (2, 0)


def test_foretelling_is_quick() -> None:
    """It happens with every request, so it has to take less than what follows."""
    document = parse(URLS)
    began = time.process_time()
    for _ in range(200):
        estimate(schema._schema, document, None, {"ids": ["a"] * 50})
    assert (time.process_time() - began) / 200 < 0.002


async def test_too_dear_is_refused_before_any_call(ask: Ask, sandbox: Sandbox) -> None:
    """The refusal says what would have been allowed and what it would have taken."""
    [error] = (await ask("{ tasks(first: 50) { nodes { jobs { id } } } }"))["errors"]
    extensions = error["extensions"]
    assert extensions["code"] == "LIMIT_EXCEEDED"
    assert (extensions["limit"], extensions["max"], extensions["actual"]) == ("calls", 20, 53)
    assert sandbox.calls() == {}


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        (VIDEOS, "running"),
        (VIDEOS, "succeeded"),
        (URLS, "succeeded"),
        (VIDEOS, "never"),
        (VIDEOS, "nonsense"),
        (VIDEOS, "mixed"),
    ],
)
async def test_the_answer_tells_what_was_foretold_and_what_was_called(
    ask: Ask, sandbox: Sandbox, query: str, kind: str
) -> None:
    """Calls made are those that the sandbox counts, and no more than foretold; from memory there are none."""
    nonsense = [f"nosuchvideo{number}" for number in range(32)]
    match kind:
        case "nonsense":
            ids = nonsense
        case "mixed":
            ids = sandbox.ids("vod", "succeeded", 9) + nonsense
        case _:
            ids = sandbox.ids("vod", kind, 3)
    cost = (await ask(query, ids=ids))["extensions"]["cost"]["calls"]
    assert cost["actual"] == sum(sandbox.calls().values()) <= cost["requested"]
    if kind != "running":
        again = (await ask(query, ids=ids))["extensions"]["cost"]["calls"]
        assert again == {"requested": cost["requested"], "actual": 0}


def _of_two(query: str, **variables: Any) -> int:
    eu: list[Whom] = [
        Provider.VOD,
        Source(Provider.VOD, "eu"),
        Source(Provider.IMS, "eu"),
        Source(Provider.IMS, "us"),
    ]
    return estimate(schema._schema, parse(query), None, variables, eu)


@pytest.mark.parametrize(
    ("query", "variables", "calls"),
    [
        # IMS three times, and Visionular.
        ("{ tasks { nodes { id } } }", {}, 4),
        ('{ tasks(filter: {sources: ["eu"]}) { nodes { id } } }', {}, 1),
        ('{ tasks(filter: {videoIds: ["a", "b"]}) { nodes { id } } }', {}, 2),
        ('{ a: video(id: "a") { id } b: video(id: "a", source: "eu") { id } }', {}, 2),
        (VIDEOS, {"ids": ["a", encode(VideoRef(video_id="a", source="eu"))]}, 2),
        (
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            {"ids": [VIDEO, encode(VideoRef(video_id="v", source="eu")), encode(VideoRef(video_id="w"))]},
            2,
        ),
        (VIDEOS, {"ids": ["a", "a,b", encode(VideoRef(video_id="a,b", source="eu"))]}, 1),
    ],
)
def test_accounts_share_no_calls(query: str, variables: dict[str, Any], calls: int) -> None:
    """What ten videos of one account take in one call, those of two take in two; a list asks all."""
    assert _of_two(query, **variables) == calls
