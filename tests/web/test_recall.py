"""Requests that are recognised, over real HTTP: what they get is what they got, as long as it still is."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import time
from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gateway import entrance
from gateway.access.errors import Invalid
from gateway.access.keys import Keys, entry, generate
from gateway.access.points import OwnPurse
from gateway.access.principal import Principal
from gateway.app import create_app
from gateway.server.connection import Connection
from gateway.web.drain import Drain
from gateway.web.endpoint import GraphQLEndpoint
from gateway.web.protocol import MediaType
from gateway.web.recall import Known, Recall
from gateway.web.replies import Form
from tests.conftest import Sandbox
from tests.servers import serving
from tests.upstream.conftest import SharedServer

QUERY = "query Q($ids: [ID!]!) { videos(ids: $ids) { latestTask { status progress jobs { id } } } }"
KEYS = {"alice": generate(), "bob": generate()}


class Seen:
    """What reached the endpoint."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    def take(self) -> int:
        """Return how many requests came since this was asked last."""
        count, self.requests = len(self.requests), []
        return count


@pytest.fixture
def seen(environment: pytest.MonkeyPatch) -> Seen:
    """Counts those requests that go the long way."""
    seen, answer = Seen(), GraphQLEndpoint.__call__

    async def counting(self: GraphQLEndpoint, scope: Any, receive: Any, send: Any) -> None:
        seen.requests.append(scope["method"])
        await answer(self, scope, receive, send)

    environment.setattr(GraphQLEndpoint, "__call__", counting)
    return seen


@pytest.fixture
def url(environment: pytest.MonkeyPatch, seen: Seen, asked: dict[str, Any]) -> Iterator[str]:
    """A gateway that knows two clients and pages of two origins, and has in memory what is asked."""
    keys = [entry("alice", KEYS["alice"], ["all"]), entry("bob", KEYS["bob"], ["provider:ims"])]
    environment.setenv("GATEWAY_ACCESS_KEYS", ";".join(keys))
    environment.setenv("GATEWAY_SERVER_CORS_ORIGINS", "https://app.example.com,https://other.example.com")
    environment.setenv("GATEWAY_ACCESS_POINTS_PER_MINUTE", "1000")
    # A point comes back every sixteenth of a second: what is left would depend on how long a request takes.
    environment.setattr(entrance, "OwnPurse", partial(OwnPurse, now=lambda: 0.0))
    with serving(create_app()) as origin:
        _have_in_memory(origin, asked, authorization=f"Bearer {KEYS['alice']}")
        seen.take()
        yield f"{origin}/graphql"


def _have_in_memory(origin: str, asked: dict[str, Any], **headers: str) -> None:
    """Ask something else of the same videos: an answer that was waited for is not kept."""
    other = {**asked, "query": "query($ids: [ID!]!) { videos(ids: $ids) { videoId } }"}
    assert "errors" not in httpx.post(f"{origin}/graphql", json=other, headers=headers).json()


@pytest.fixture
def asked(sandbox: Sandbox) -> dict[str, Any]:
    """A request whose answer does not change."""
    return {"query": QUERY, "variables": {"ids": sandbox.ids("vod", "succeeded", 5)}}


def test_the_same_request_is_recognised(url: str, seen: Seen, asked: dict[str, Any]) -> None:
    """It gets the same answer with the same headers, under an id of its own, and pays for it."""
    with httpx.Client() as client:
        first, second, third = (client.post(url, json=asked) for _ in range(3))
    assert seen.take() == 1
    assert second.json()["data"] == third.json()["data"] == first.json()["data"]
    assert {len(answer.headers["x-request-id"]) for answer in (first, second, third)} == {16}
    assert len({answer.headers["x-request-id"] for answer in (first, second, third)}) == 3
    own = {"x-request-id", "content-length", "content-encoding", "date"}
    assert {name: value for name, value in first.headers.items() if name not in own} == {
        name: value for name, value in third.headers.items() if name not in own
    }
    left = [answer.json()["extensions"]["cost"]["remaining"] for answer in (first, second, third)]
    assert left[0] > left[1] > left[2]
    ages = [answer.json()["extensions"]["freshness"]["oldestMs"] for answer in (first, second, third)]
    assert ages == sorted(ages)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {KEYS['alice']}"},
        {"x-api-key": KEYS["alice"]},
        {"accept": "application/graphql-response+json"},
        {"accept-encoding": "identity"},
        {"origin": "https://app.example.com"},
        {"host": "gateway.example.com"},
        {"x-anything": "else"},
    ],
)
def test_another_request_is_another(
    url: str, seen: Seen, asked: dict[str, Any], headers: dict[str, str]
) -> None:
    """Whatever it may depend on tells it apart, and whatever nobody thought of."""
    with httpx.Client() as client:
        for _ in range(2):
            client.post(url, json=asked)
        assert seen.take() == 1
        client.post(url, json=asked, headers=headers)
        assert seen.take() == 1
        client.post(url, json={**asked, "operationName": "Q"})
        assert seen.take() == 1


def test_what_passes_by_tells_nothing_apart(url: str, seen: Seen, asked: dict[str, Any]) -> None:
    """Ids and traces differ from request to request, and are taken from each."""
    with httpx.Client() as client:
        client.post(url, json=asked)
        answer = client.post(
            url,
            json=asked,
            headers={
                "x-request-id": "mine-1",
                "user-agent": "another",
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            },
        )
    assert seen.take() == 1
    assert answer.headers["x-request-id"] == "mine-1"


def test_nobody_gets_what_another_may_see(url: str, seen: Seen, asked: dict[str, Any]) -> None:
    """The same words from somebody of other scopes are another request, every time."""
    with httpx.Client() as client:
        told = [
            client.post(url, json=asked, headers={"authorization": f"Bearer {KEYS[name]}"}).json()
            for name in ("alice", "bob", "alice", "bob")
        ]
    assert told[0]["data"] == told[2]["data"]
    assert [error["extensions"]["code"] for error in told[3]["errors"]] == ["FORBIDDEN"] * 5
    assert told[1]["errors"][0]["message"] == told[3]["errors"][0]["message"]
    assert seen.take() == 3  # alice once; what bob gets is an error, and made anew


def test_everybody_is_told_what_a_gateway_without_memory_tells(
    environment: pytest.MonkeyPatch, asked: dict[str, Any], url: str
) -> None:
    """Whoever asks after whomever, in whatever form, twice: nobody's answer, mark or header is another's."""
    environment.setenv("GATEWAY_ACCESS_POINTS_PER_MINUTE", "0")
    environment.setenv("GATEWAY_ANSWERS_MEMORY_BYTES", "0")
    alice, bob = ({"authorization": f"Bearer {key}"} for key in KEYS.values())
    who = [{}, alice, bob, {**bob, "x-api-key": KEYS["alice"]}, {"authorization": "Bearer gw_nobodys"}]
    forms = [{"accept": "application/json"}, {"accept": "application/graphql-response+json"}]
    packed = [{"accept-encoding": "gzip"}, {"accept-encoding": "identity"}]
    pages: list[dict[str, str]] = [
        {},
        {"origin": "https://app.example.com"},
        {"origin": "https://evil.example.com"},
    ]
    every = [
        (method, {**one, **form, **pack, **page})
        for one, form, pack, page in product(who, forms, packed, pages)
        for method in ("GET", "POST")
    ]
    query = {"query": QUERY, "variables": json.dumps(asked["variables"])}

    def told(client: httpx.Client, method: str, headers: dict[str, str], gateway: str) -> Any:
        content = {"params": query} if method == "GET" else {"json": asked}
        answer = client.request(method, gateway, headers=headers, **content)
        body = answer.json()
        for error in body.get("errors", ()):
            del error["extensions"]["requestId"]
        varying = {
            "date",
            "x-request-id",
            "age",
            "cache-control",
            "content-length",
            "etag",
            "content-encoding",
        }
        said = {name: value for name, value in answer.headers.items() if name not in varying}
        return answer.status_code, said, body.get("data"), body.get("errors")

    with serving(create_app()) as plain, httpx.Client() as client:
        for _ in range(2):
            random.shuffle(every)
            for method, headers in every:
                expected = told(client, method, headers, f"{plain}/graphql")
                assert told(client, method, headers, url) == expected, (method, headers)


def test_a_record_that_changed_makes_another_answer(
    environment: pytest.MonkeyPatch, seen: Seen, sandbox: Sandbox
) -> None:
    """A request is recognised, its answer is not given any more, and the next one is."""
    environment.setenv("GATEWAY_LANES_MOVING_FRESH", "0.01")
    environment.setenv("GATEWAY_LANES_MOVING_STALE", "0.001")
    asked = {"query": "query($i: ID!) { video(id: $i) { latestTask { observedAt } } }"}
    asked |= {"variables": {"i": sandbox.ids("vod", "running")[0]}}  # type: ignore[dict-item]
    with serving(create_app()) as origin, httpx.Client() as client:
        told = []
        for _ in range(3):
            told.append(client.post(f"{origin}/graphql", json=asked).json()["data"])
            time.sleep(0.02)
    assert seen.take() == 3
    assert len({json.dumps(data) for data in told}) == 3


def test_credentials_are_looked_at_every_time(
    url: str, seen: Seen, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is accepted no longer opens nothing, and one that may see less by now sees less."""
    headers = {"x-api-key": KEYS["alice"]}
    with httpx.Client(headers=headers) as client:
        statuses = [client.post(url, json=asked).status_code for _ in range(2)]
        assert (statuses, seen.take()) == ([200, 200], 1)
        scopes = frozenset({"provider:ims"})
        alice = Principal(name="key:alice", scopes=scopes)
        monkeypatch.setattr(Keys, "principal", lambda *_: alice)
        assert client.post(url, json=asked).json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"

        def refused(*_: object) -> None:
            raise Invalid("The API key is not accepted.")

        monkeypatch.setattr(Keys, "principal", refused)
        assert client.post(url, json=asked).status_code == 401
    assert seen.take() == 2


async def test_strangers_are_refused_before_their_body_comes(environment: pytest.MonkeyPatch) -> None:
    """Nobody who is not let in keeps anything waiting."""
    environment.setenv("GATEWAY_ACCESS_ANONYMOUS", "false")
    environment.setenv("GATEWAY_ACCESS_KEYS", entry("alice", KEYS["alice"], ["all"]))
    environment.setenv("GATEWAY_SERVER_BODY_TIMEOUT", "60")
    with serving(create_app()) as origin:
        host, port = origin.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n")
        async with asyncio.timeout(30):
            assert (await reader.readline()).split()[1] == b"401"
        writer.close()


def test_whoever_has_no_points_left_is_told_so(
    environment: pytest.MonkeyPatch, seen: Seen, asked: dict[str, Any]
) -> None:
    """Being recognised is no way around the limit."""
    environment.setenv("GATEWAY_ACCESS_POINTS_PER_MINUTE", "300")
    with serving(create_app()) as origin, httpx.Client() as client:
        answered = 0
        while client.post(f"{origin}/graphql", json=asked).status_code == 200:
            answered += 1
    assert answered > 3
    assert seen.take() < answered


def test_replicas_that_share_points_take_some_ahead(
    environment: pytest.MonkeyPatch, seen: Seen, asked: dict[str, Any]
) -> None:
    """A poll is recognised there too: now and then one goes the long way, for more points."""
    server = SharedServer()
    environment.setenv("GATEWAY_LANES_STORE", server.url)
    environment.setenv("GATEWAY_ACCESS_POINTS_PER_MINUTE", "6000")
    with serving(create_app()) as origin, httpx.Client() as client:
        answers = [client.post(f"{origin}/graphql", json=asked).json() for _ in range(40)]
    server.kill()
    assert 2 <= seen.take() <= 8
    left = [answer["extensions"]["cost"]["remaining"] for answer in answers]
    assert all(0 < points < 6000 for points in left)


def test_a_get_is_recognised_and_told_its_age(url: str, seen: Seen, asked: dict[str, Any]) -> None:
    """A cache's headers are made anew for every answer; who has it is told 304 either way."""
    parameters = {"query": asked["query"], "variables": json.dumps(asked["variables"])}
    with httpx.Client(headers={"graphql-preflight": "1"}) as client:
        first, second = (client.get(url, params=parameters) for _ in range(2))
        known = {"if-none-match": first.headers["etag"]}
        third, fourth = (client.get(url, params=parameters, headers=known) for _ in range(2))
        assert seen.take() == 2
        client.post(url, json=asked)
        assert seen.take() == 1
    assert second.content == first.content
    for name in ("etag", "cache-control", "vary", "content-type", "age"):
        assert name in second.headers
        assert name in fourth.headers
    assert (third.status_code, fourth.status_code, fourth.content) == (304, 304, b"")


@pytest.mark.parametrize("origin", ["https://app.example.com", "https://elsewhere.example.com"])
def test_pages_are_allowed_the_same_either_way(
    url: str, seen: Seen, asked: dict[str, Any], origin: str
) -> None:
    """What CORS adds is added again, and caches still tell clients apart."""
    with httpx.Client() as client:
        first, second = (client.post(url, json=asked, headers={"origin": origin}) for _ in range(2))
    assert seen.take() == 1
    allowed = origin if "app" in origin else None
    for answer in (first, second):
        assert answer.headers.get("access-control-allow-origin") == allowed
        vary = answer.headers["vary"].split(", ")
        assert {"Accept", "Accept-Encoding", "Authorization", "Origin", "X-API-Key"} <= set(vary)


def test_what_was_waited_for_is_made_again(url: str, seen: Seen, sandbox: Sandbox) -> None:
    """Nobody had asked for it, and may never again: the second who does is the first to find it in memory."""
    asked = {"query": QUERY, "variables": {"ids": sandbox.ids("vod", "failed", 1)}}
    with httpx.Client(headers={"x-api-key": KEYS["alice"]}) as client:
        told = [client.post(url, json=asked).json()["data"] for _ in range(4)]
    assert seen.take() == 2
    assert told == [told[0]] * 4


def test_what_cannot_be_given_again_is_made_again(url: str, seen: Seen) -> None:
    """Errors, and what is told of this moment."""
    with httpx.Client() as client:
        for query in ("{ nonsense }", "{ providers { name } }", "{"):
            for _ in range(2):
                client.post(url, json={"query": query})
            assert seen.take() == 2, query


def test_a_document_is_registered_however_well_its_answer_is_known(
    environment: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    """Who sends one with its hash sends the hash alone from then on, also if others made room for others."""

    def hashed(text: str) -> dict[str, Any]:
        return {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}

    environment.setenv("GATEWAY_DOCUMENTS_REMEMBERED", "1")
    whole = {**asked, "extensions": hashed(QUERY)}
    by_hash = {"variables": asked["variables"], "extensions": hashed(QUERY)}
    with serving(create_app()) as origin:
        _have_in_memory(origin, asked)
        with httpx.Client(base_url=origin) as client:
            for _ in range(3):
                assert "errors" not in client.post("/graphql", json=asked).json()
            for other in ("{ __typename }", "{ other: __typename }"):
                anew = {"x-anything": other}
                assert "errors" in client.post("/graphql", json=by_hash, headers=anew).json()
                for _ in range(3):
                    assert "errors" not in client.post("/graphql", json=whole).json()
                assert "errors" not in client.post("/graphql", json=by_hash, headers=anew).json()
                client.post("/graphql", json={"query": other, "extensions": hashed(other)})


def test_bodies_in_pieces_are_read_as_ever(url: str, seen: Seen, asked: dict[str, Any]) -> None:
    """What does not come at once goes the long way."""
    whole = json.dumps(asked).encode()
    with httpx.Client(headers={"content-type": "application/json"}) as client:
        for _ in range(2):
            pieces = iter([whole[:20], whole[20:]])
            assert "errors" not in client.post(url, content=pieces).json()
    assert seen.take() >= 1


def test_a_long_request_takes_the_room_of_many() -> None:
    """What is remembered is as much as is foreseen, whatever clients say."""
    nobody: Any = None
    recall = Recall("/", nobody, replies=nobody, exchanges=nobody, authentication=nobody)
    form = Form(MediaType.JSON, gzip=False, if_none_match=None)
    for number in range(200):
        long = Known(key=("{ a }", None, bytes(60_000), frozenset()), name=None, form=form, head=b"")
        recall._known.put(b"%d" % number, long)
    assert 0 < len(recall._known) <= 4_000_000 // 60_000


def test_a_recognised_request_is_told_of(url: str, asked: dict[str, Any]) -> None:
    """It counts like any other; one was asked before."""
    with httpx.Client() as client:
        for _ in range(4):
            client.post(url, json=asked)
        text = client.get(url.replace("/graphql", "/metrics")).text
    [line] = [line for line in text.splitlines() if line.startswith("gateway_requests_total{")]
    assert line.endswith(" 5.0")
    assert 'outcome="ok"' in line


class Raw:
    """Sends requests in one piece, and counts those that were parsed."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._address = urlsplit(url)
        self.parsed = 0
        begin = Connection.on_message_begin

        def counting(connection: Connection) -> None:
            # The sandbox is served in this process too.
            self.parsed += connection.server == (self._address.hostname, self._address.port)
            begin(connection)

        monkeypatch.setattr(Connection, "on_message_begin", counting)

    def posted(self, asked: dict[str, Any], *headers: str) -> bytes:
        """Return a request."""
        body = json.dumps(asked).encode()
        lines = ["POST /graphql HTTP/1.1", "host: x", "content-type: application/json", *headers]
        return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body

    async def ask(self, *requests: bytes) -> list[tuple[int, bytes]]:
        """Return statuses and bodies of the answers to requests of one connection."""
        reader, writer = await asyncio.open_connection(self._address.hostname, self._address.port)
        answers = []
        for request in requests:
            writer.write(request)
            async with asyncio.timeout(20):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split()[0])
                answers.append((int(head.split()[1]), await reader.readexactly(length)))
        writer.close()
        return answers


@pytest.fixture
def raw(url: str, monkeypatch: pytest.MonkeyPatch) -> Raw:
    """A client of the gateway of two clients."""
    return Raw(url, monkeypatch)


async def test_the_same_bytes_are_not_even_parsed(
    url: str, raw: Raw, seen: Seen, asked: dict[str, Any]
) -> None:
    """The first goes the long way, the second is recognised by what it says, the others by their bytes."""
    request = raw.posted(asked, f"x-api-key: {KEYS['alice']}")
    answers = await raw.ask(*[request] * 5)
    assert (seen.take(), raw.parsed) == (1, 2)
    assert {status for status, _ in answers} == {200}
    told = [json.loads(body) for _, body in answers]
    assert all(one["data"] == told[0]["data"] for one in told)
    left = [one["extensions"]["cost"]["remaining"] for one in told]
    assert sorted(left, reverse=True) == left
    assert len(set(left)) == 5


async def test_who_is_known_by_bytes_is_known_anew_every_time(
    url: str, raw: Raw, seen: Seen, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that opens nothing any more opens nothing in a request that was answered before."""
    request = raw.posted(asked, f"authorization: Bearer {KEYS['alice']}")
    assert [status for status, _ in await raw.ask(*[request] * 3)] == [200] * 3

    def refused(*_: object) -> None:
        raise Invalid("The API key is not accepted.")

    monkeypatch.setattr(Keys, "principal", refused)
    assert [status for status, _ in await raw.ask(request)] == [401]
    assert seen.take() == 2


async def test_a_trace_of_its_own_makes_a_request_no_other(
    url: str, raw: Raw, seen: Seen, asked: dict[str, Any]
) -> None:
    """Its bytes are hardly ever those of another, and are not remembered; what it says is."""
    requests = [
        raw.posted(asked, f"x-api-key: {KEYS['alice']}", f"x-request-id: r-{at}") for at in (1, 2, 2, 2)
    ]
    assert {status for status, _ in await raw.ask(*requests)} == {200}
    assert (seen.take(), raw.parsed) == (1, 4)


async def test_no_credential_is_kept(
    url: str, raw: Raw, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered of a request says where in it the key was, and not which it was."""
    recalls = []
    recognised = Recall.recognised

    def noting(recall: Recall, *told: Any) -> Any:
        recalls.append(recall)
        return recognised(recall, *told)

    monkeypatch.setattr(Recall, "recognised", noting)
    await raw.ask(*[raw.posted(asked, f"x-api-key: {KEYS['alice']}")] * 3)
    recall = recalls[0]
    kept = repr([vars(memory) for memory in (recall._known, recall._same)])
    assert "slice(" in kept
    assert KEYS["alice"] not in kept


async def test_a_gateway_that_ends_has_its_clients_come_back_elsewhere(
    environment: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch, seen: Seen, asked: dict[str, Any]
) -> None:
    """What would be recognised goes the long way as well, which tells them so."""
    drain = Drain()
    with serving(create_app(drain=drain)) as origin:
        raw = Raw(origin, monkeypatch)
        request = raw.posted(asked)
        await asyncio.to_thread(_have_in_memory, origin, asked)
        seen.take()
        await raw.ask(*[request] * 3)
        assert seen.take() == 1
        drain.draining = True
        await raw.ask(*[request] * 3)
        assert seen.take() == 3
