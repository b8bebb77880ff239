"""Who sees what, over real HTTP."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.access.conftest import AUDIENCE, ISSUER, Identity
from tests.conftest import Sandbox
from tests.security.conftest import SECRETS, Client, Start, bearer
from tests.servers import serving

GRAPHQL = "application/graphql-response+json"
ADDRESSES = """query($video: ID!, $ims: ID!) {
  video(id: $video) { latestTask { status inputs { url } jobs { output { width url } } } }
  providerTask(provider: IMS, id: $ims) { status inputs { location { type uri url } } }
}"""


def _codes(answer: httpx.Response) -> set[str]:
    return {error["extensions"]["code"] for error in answer.json().get("errors", ())}


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL])
@pytest.mark.parametrize(
    "credential", [None, "Bearer gw_wrong", "Bearer a.b.c", "Basic YTpi", "Bearer", "nonsense"]
)
def test_strangers_get_nothing(client: Client, sandbox: Sandbox, credential: str | None, accept: str) -> None:
    """Without an accepted credential everything is 401, before the body is looked at."""
    headers = {"accept": accept, **({"authorization": credential} if credential else {})}
    for content in (b'{"query":"{ __typename }"}', b"null"):
        answer = client.http.post(f"{client.url}/graphql", content=content, headers=headers)
        assert answer.status_code == 401
        assert _codes(answer) == {"UNAUTHENTICATED"}
        assert answer.headers["www-authenticate"].startswith("Bearer")
        if credential and len(credential) > 7:
            assert credential.split()[-1] not in answer.text
    assert sandbox.calls() == {}


def test_health_is_told_to_anybody(client: Client) -> None:
    """Probes have no credentials."""
    for path in ("/health/live", "/health/ready"):
        assert client.http.get(client.url + path).status_code == 200


def test_addresses_are_for_those_who_may_have_them(client: Client, sandbox: Sandbox) -> None:
    """The same records, from the same memory, show their addresses to one client and not to the other."""
    ids = {"video": sandbox.ids("vod", "succeeded")[0], "ims": sandbox.ids("ims", "succeeded")[0]}
    for key in ("all", "plain", "all"):
        answer = client.ask(ADDRESSES, ids, key=key)
        task = answer.json()["data"]["video"]["latestTask"]
        ims = answer.json()["data"]["providerTask"]
        urls = [job["output"]["url"] for job in task["jobs"]]
        addresses = [*urls, *(one["url"] for one in task["inputs"]), ims["inputs"][0]["location"]["uri"]]
        assert ims["inputs"][0]["location"]["type"]
        assert all(job["output"]["width"] for job in task["jobs"])
        if key == "all":
            assert all(addresses)
            assert _codes(answer) == set()
        else:
            assert not any(addresses)
            assert _codes(answer) == {"FORBIDDEN"}
            assert "http" not in json.dumps(answer.json()["data"])
    assert sandbox.calls()["GetTranscodeSummary"] == 1


def test_an_address_that_may_not_be_seen_is_not_fetched(client: Client, sandbox: Sandbox) -> None:
    """Who may not see a VOD address does not cause the costlier calls that would tell it."""
    [video] = sandbox.ids("vod", "failed")
    client.ask(
        "query($id: ID!) { video(id: $id) { latestTask { jobs { output { url } } } } }",
        {"id": video},
        key="plain",
    )
    assert set(sandbox.calls()) <= {"GetTranscodeSummary"}


EVERYWHERE = """query($ims: ID!, $node: ID!) {
  providerTask(provider: IMS, id: $ims) { status }
  node(id: $node) { id }
  providerTasks(provider: VISIONULAR, pageSize: 2) { tasks { status } }
  tasks(first: 2) { nodes { provider } sources { provider ok code } }
  providers { provider configured operations { name } }
}"""


def test_a_provider_is_for_those_who_may_see_it(client: Client, sandbox: Sandbox) -> None:
    """By whichever field, what another provider has is forbidden, nobody asks it, and its part is missing."""
    [ims] = sandbox.ids("ims", "succeeded")
    by_id = client.ask("query($id: ID!) { providerTask(provider: IMS, id: $id) { id } }", {"id": ims})
    node = by_id.json()["data"]["providerTask"]["id"]
    sandbox.reset()
    answer = client.ask(EVERYWHERE, {"ims": ims, "node": node}, key="vod")
    data = answer.json()["data"]
    assert (data["providerTask"], data["node"], data["providerTasks"]) == (None, None, None)
    assert _codes(answer) == {"FORBIDDEN"}
    forbidden = {error["path"][0]: error["extensions"].get("provider") for error in answer.json()["errors"]}
    assert forbidden.items() >= {"providerTask": "IMS", "node": "IMS", "providerTasks": "VISIONULAR"}.items()
    assert [one["provider"] for one in data["providers"] if one["operations"]] == ["VOD"]
    for source in (data["tasks"] or {"sources": []})["sources"]:
        assert source["provider"] == "VOD" or source["code"] == "FORBIDDEN"
    assert set(sandbox.calls()) <= {"ListTranscodeTask", "GetTranscodeSummary", "GetTranscodeTask"}


def test_a_key_without_scopes_sees_nothing(client: Client, sandbox: Sandbox) -> None:
    """An accepted key allows what its scopes allow, and no scope is implied."""
    answer = client.ask('{ video(id: "a") { id } }', key="nothing")
    assert answer.json()["data"] == {"video": None}
    assert _codes(answer) == {"FORBIDDEN"}
    assert sandbox.calls() == {}


def test_the_schema_is_told_to_those_who_may_know_it(client: Client) -> None:
    """Introspection is 403 as a whole without its scope; the type of an object is no secret."""
    schema = "{ __schema { queryType { name } } }"
    assert client.ask(schema).json()["data"]["__schema"]["queryType"]["name"] == "Query"
    for query in (schema, '{ __type(name: "Task") { name } }', "{ a: __schema { queryType { name } } }"):
        answer = client.ask(query, key="plain")
        assert answer.status_code == 403
        assert _codes(answer) == {"FORBIDDEN"}
    assert client.ask("{ __typename }", key="plain").json()["data"] == {"__typename": "Query"}


def test_fresh_data_is_for_those_who_may_ask_for_it(client: Client, sandbox: Sandbox) -> None:
    """Without the scope a bound on the age is forbidden, and without the bound the field is answered."""
    [video] = sandbox.ids("vod", "running")
    query = "query($id: ID!) { a: video(id: $id, maxAge: 0) { videoId } b: video(id: $id) { videoId } }"
    answer = client.ask(query, {"id": video}, key="plain")
    assert answer.json()["data"] == {"a": None, "b": {"videoId": video}}
    assert _codes(answer) == {"FORBIDDEN"}
    assert _codes(client.ask(query, {"id": video})) == set()


def test_each_client_has_points_of_its_own(start: Start, sandbox: Sandbox) -> None:
    """Who has spent theirs is told when to come back; others are answered; the cost is told each time."""
    [ims] = sandbox.ids("ims", "succeeded")
    query = "query($id: ID!) { providerTask(provider: IMS, id: $id, maxAge: 0) { status } }"
    with start(ACCESS_POINTS_PER_MINUTE="300") as client:
        first = client.ask(query, {"id": ims})
        cost = first.json()["extensions"]["cost"]
        assert cost["requested"] == cost["actual"] == 11
        assert cost["calls"] == {"requested": 1, "actual": 1}
        assert 280 <= cost["remaining"] <= 290
        sandbox.reset()
        answers = (client.ask(query, {"id": ims}) for _ in range(60))
        answer = next(answer for answer in answers if answer.status_code != 200)
        assert answer.status_code == 429
        assert _codes(answer) == {"RATE_LIMITED"}
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["errors"][0]["extensions"]["retryAfterMs"] > 0
        assert sandbox.calls()["GetMediaConvertJob"] <= 40
        assert client.ask("{ __typename }", key="plain").status_code == 200


def test_answers_from_memory_cost_next_to_nothing(start: Start, sandbox: Sandbox) -> None:
    """A client that polls what is known keeps its points."""
    [video] = sandbox.ids("vod", "succeeded")
    with start(ACCESS_POINTS_PER_MINUTE="300") as client:
        query = "query($id: ID!) { video(id: $id) { videoId } }"
        answers = [client.ask(query, {"id": video}) for _ in range(60)]
        assert {answer.status_code for answer in answers} == {200}
        assert answers[-1].json()["extensions"]["cost"]["actual"] == 1


def test_tokens_are_accepted_and_keys_rotate(start: Start, tmp_path: Path, sandbox: Sandbox) -> None:
    """A token of the identity provider lets its subject in; a changed key set is read without a restart."""
    identity, key_set = Identity(), tmp_path / "jwks.json"
    key_set.write_bytes(identity.key_set())
    settings = {"ACCESS_JWKS": str(key_set), "ACCESS_JWT_ISSUER": ISSUER, "ACCESS_JWT_AUDIENCE": AUDIENCE}
    with start(**settings, ACCESS_JWKS_REFRESH="0.05") as client:

        def status(token: str) -> int:
            return client.ask("{ __typename }", authorization=f"Bearer {token}").status_code

        old = identity.token(now=time.time())
        assert status(old) == 200
        assert status(identity.token(now=time.time(), aud="other")) == 401
        identity.keys = {"two": ec.generate_private_key(ec.SECP256R1())}
        key_set.write_bytes(identity.key_set())
        time.sleep(0.1)
        assert status(identity.token("two", now=time.time())) == 200
        assert status(old) == 401


def test_the_key_set_may_come_from_an_address(start: Start) -> None:
    """It is fetched over HTTP once, not at every request."""
    identity = Identity()

    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{phase}.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": await identity.fetch()})

    with serving(endpoint) as url:
        settings = {
            "ACCESS_JWKS": f"{url}/jwks",
            "ACCESS_JWT_ISSUER": ISSUER,
            "ACCESS_JWT_AUDIENCE": AUDIENCE,
        }
        with start(**settings) as client:
            for n in range(3):
                token = identity.token(now=time.time(), sub=f"user{n}")
                assert client.ask("{ __typename }", authorization=f"Bearer {token}").status_code == 200
    assert identity.fetched == 1


def test_anonymous_clients_may_what_they_are_given(start: Start, sandbox: Sandbox) -> None:
    """Open to all, and still not for everything; a wrong credential is refused all the same."""
    with start(ACCESS_ANONYMOUS="true", ACCESS_ANONYMOUS_SCOPES="provider:vod") as client:
        address, query = f"{client.url}/graphql", {"query": "{ __typename }"}
        assert client.http.post(address, json=query).status_code == 200
        assert client.http.post(address, json=query, headers={"x-api-key": "gw_x"}).status_code == 401
        introspection = {"query": "{ __schema { queryType { name } } }"}
        assert client.http.post(address, json=introspection).status_code == 403


def test_only_documents_of_the_manifest_are_answered(start: Start, tmp_path: Path, sandbox: Sandbox) -> None:
    """By id or by text, by POST or by GET without a preflight header; whatever else is refused unread."""
    query = "query Mine { __typename }"
    manifest = tmp_path / "persisted.json"
    manifest.write_text(json.dumps({"mine": query}))
    with start(DOCUMENTS_MODE="only", DOCUMENTS_MANIFEST=str(manifest)) as client:
        address = f"{client.url}/graphql"
        posted = client.http.post(address, json={"documentId": "mine"}, headers=bearer("all"))
        assert posted.json()["data"] == {"__typename": "Query"}
        by_get = client.http.get(address, params={"documentId": "mine"}, headers=bearer("all"))
        assert by_get.json()["data"] == {"__typename": "Query"}
        assert client.ask(query).status_code == 200
        for foreign in ("{ __typename }", "{", DEEP):
            assert _codes(client.ask(foreign)) == {"DOCUMENT_NOT_TRUSTED"}


DEEP = "{a" * 500


def test_a_browser_is_let_in_from_known_origins(start: Start) -> None:
    """CORS names the origins of a setting and no others, and carries no cookies."""
    with start(SERVER_CORS_ORIGINS="https://app.example.com, https://b.example.com") as client:
        ask = {
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        }
        for origin, status in (("https://app.example.com", 204), ("https://evil.example.com", 400)):
            preflight = client.http.options(f"{client.url}/graphql", headers={"origin": origin, **ask})
            assert preflight.status_code == status
            answer = client.ask("{ __typename }", origin=origin)
            allowed = answer.headers.get("access-control-allow-origin")
            assert allowed == (origin if status == 204 else None)
            assert "access-control-allow-credentials" not in answer.headers


def test_without_a_setting_no_foreign_origin_is_let_in(client: Client) -> None:
    """No CORS header is sent at all."""
    answer = client.ask("{ __typename }", origin="https://app.example.com")
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_only_known_hosts_are_answered(start: Start) -> None:
    """A name that somebody pointed here is refused; probes come by address and are answered."""
    with start(SERVER_HOSTS="gateway.example.com") as client:
        assert client.ask("{ __typename }", host="gateway.example.com").status_code == 200
        assert client.ask("{ __typename }", host="evil.example.com").status_code == 400
        assert client.http.get(f"{client.url}/health/ready").status_code == 200


def test_secrets_are_in_no_answer_and_no_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A credential, good or bad, is not repeated anywhere."""
    with caplog.at_level("DEBUG", logger="gateway"):
        answers = [client.ask("{ nonsense }"), client.ask("{", key="plain")]
        answers.append(client.ask("{ __typename }", authorization="Bearer gw_almostright"))
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("gateway")]
    text = "".join(answer.text for answer in answers) + "".join(logged)
    assert not any(secret in text for secret in [*SECRETS.values(), "gw_almostright"])
