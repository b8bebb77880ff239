"""The control surface."""

import pytest

from gateway.sandbox.app import create_app

from .clients import START, VOD, Caller, Clock, acs3


async def test_health(caller: Caller) -> None:
    """Health tells the sandbox's time."""
    assert (await caller.http.get("/_sandbox/health")).json() == {"status": "ok", "now": START}


async def test_ids(caller: Caller) -> None:
    """Ids come by provider and state, as many as asked for, and can be narrowed to a provider or a state."""
    known = await caller.ids(limit=3)
    assert set(known) == {"now", "vod", "vod_tasks", "vod_jobs", "ims", "visionular"}
    assert set(known["vod"]) == {"running", "succeeded", "failed", "partial", "never"}
    assert {len(found) for found in known["vod"].values()} == {3}
    assert set(known["ims"]) == {"queued", "running", "succeeded", "failed", "cancelled"}
    assert set(await caller.ids(provider="vod")) == {"now", "vod", "vod_tasks", "vod_jobs"}
    narrowed = await caller.ids(provider="IMS", state="failed")
    assert list(narrowed["ims"]) == ["failed"]
    assert len(narrowed["ims"]["failed"]) == 20


@pytest.mark.parametrize("query", ["limit=0", "limit=5001", "limit=x", "provider=other", "state=other"])
async def test_bad_questions(caller: Caller, query: str) -> None:
    """A question that makes no sense is answered by what would."""
    answer = await caller.http.get(f"/_sandbox/ids?{query}")
    assert answer.status_code == 400
    assert any(word in answer.json()["error"] for word in ("5000", "known:"))


async def test_calls(clock: Clock) -> None:
    """Calls are counted by what became of them, with the ids they carried and the busiest second."""
    async with Caller(create_app(now=clock, monotonic=clock, quota=2)) as caller:
        for video_ids in ("a,b", "c"):
            await caller.vod("GetTranscodeSummary", VideoIds=video_ids)
        await caller.vod("GetTranscodeSummary", VideoIds="d")
        clock.moment += 1
        await caller.vod("GetTranscodeSummary")
        url, headers = acs3("GetTranscodeSummary", VOD, {"VideoIds": "e"}, START, secret="wrong")
        await caller.http.get(url, headers=headers)
        expected = {"made": 5, "refused": 1, "failed": 2, "ids": 3, "peak": 2, "peak_offered": 3}
        assert await caller.calls("GetTranscodeSummary") == expected


async def test_faults(caller: Caller) -> None:
    """Rules are set, listed with how often they fired, and cleared."""
    rules = [{"kind": "status", "operation": "list_task", "count": 1}, {"kind": "latency", "ms": 0}]
    stored = await caller.http.post("/_sandbox/faults", json=rules)
    assert stored.status_code == 200
    await caller.visionular("/api/list_task", start_time=1, end_time=2)
    listed = (await caller.http.get("/_sandbox/faults")).json()
    assert [(rule["kind"], rule["fired"]) for rule in listed] == [("status", 1), ("latency", 1)]
    assert (await caller.http.delete("/_sandbox/faults")).json() == []
    await caller.http.post("/_sandbox/faults", json=rules[0])
    assert (await caller.http.post("/_sandbox/faults", json=[])).json() == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("{{", "malformed"),
        ("[1]", "object"),
        ('[{"kind":"flood"}]', "flood"),
        ('[{"probability":1}]', "kind"),
        ('[{"kind":"latency","seconds":1}]', "seconds"),
        ('[{"kind":"status","status":200}]', "500"),
        ('[{"kind":"status","operation":"create_task"}]', "create_task"),
        ('[{"kind":"status","provider":"other"}]', "other"),
    ],
)
async def test_bad_rules(caller: Caller, body: str, word: str) -> None:
    """A rule that cannot be understood changes nothing and is answered by why."""
    await caller.http.post("/_sandbox/faults", json=[{"kind": "empty"}])
    answer = await caller.http.post("/_sandbox/faults", content=body)
    assert answer.status_code == 400
    assert word in answer.json()["error"]
    assert len((await caller.http.get("/_sandbox/faults")).json()) == 1


async def test_reset(caller: Caller) -> None:
    """A reset forgets calls, faults and nonces."""
    await caller.http.post("/_sandbox/faults", json=[{"kind": "latency", "ms": 0}])
    url, headers = acs3("GetTranscodeSummary", VOD, {"VideoIds": "a"}, START)
    assert (await caller.http.get(url, headers=headers)).status_code == 200
    await caller.http.post("/_sandbox/reset")
    assert (await caller.http.get("/_sandbox/calls")).json() == {}
    assert (await caller.http.get("/_sandbox/faults")).json() == []
    assert (await caller.http.get(url, headers=headers)).status_code == 200


async def test_unknown_routes(caller: Caller) -> None:
    """Unknown paths and methods are answered by the known ones."""
    missing = await caller.http.get("/_sandbox/other")
    assert (missing.status_code, "/_sandbox/ids" in missing.json()["error"]) == (404, True)
    wrong = await caller.http.put("/_sandbox/faults")
    assert (wrong.status_code, wrong.json()["error"]) == (
        405,
        "/_sandbox/faults takes DELETE and GET and POST.",
    )


async def test_credentials(caller: Caller) -> None:
    """Keys change while it runs: the old one is unknown from then on, an old session token has expired."""
    changed = {"access_key_id": "second", "access_key_secret": "s", "security_token": "next"}
    answer = await caller.http.post("/_sandbox/credentials", json=changed)
    assert answer.status_code == 200
    assert "second" not in answer.text
    refused = await caller.vod("GetTranscodeSummary", VideoIds="a")
    assert refused.json()["Code"] == "InvalidAccessKeyId.NotFound"
    url, headers = acs3("GetTranscodeSummary", VOD, {"VideoIds": "a"}, START, key_id="second", secret="s")
    assert (await caller.http.get(url, headers=headers)).status_code == 200
    url, headers = acs3(
        "GetTranscodeSummary",
        VOD,
        {"VideoIds": "a"},
        START,
        key_id="sandboxStsKeyId",
        secret="sandboxStsKeySecret",
        x_acs_security_token="sandboxSecurityToken",
    )
    assert (await caller.http.get(url, headers=headers)).json()["Code"] == "InvalidSecurityToken.Expired"
    await caller.http.post("/_sandbox/reset")
    assert (await caller.vod("GetTranscodeSummary", VideoIds="a")).status_code == 200


@pytest.mark.parametrize("body", [b"no JSON", b'{"other": "x"}', b'{"access_key_id": 1}'])
async def test_bad_credentials(caller: Caller, body: bytes) -> None:
    """What cannot be keys is refused with a reason."""
    answer = await caller.http.post("/_sandbox/credentials", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
