"""The application: who is meant, in what order calls are checked, and what it promises its server."""

import ast
import math
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

import gateway.sandbox
from gateway.sandbox.app import LARGEST_BODY, Sandbox, create_app
from gateway.sandbox.credentials import Credentials

from .clients import IMS, START, VOD, Caller, Clock, acs3, rpc


async def test_told_apart(caller: Caller) -> None:
    """VOD and IMS share a path and differ by version, in header or query; Visionular has its own paths."""
    assert (await caller.vod("GetTranscodeSummary", VideoIds="a")).status_code == 200
    assert (await caller.ims("ListMediaConvertJobs")).status_code == 200
    by_query = rpc("ListMediaConvertJobs", IMS, {}, START)
    assert "Jobs" in (await caller.http.get("/", params=by_query)).json()
    unsigned = await caller.http.get("/api/list_task")
    assert unsigned.json()["msg"] == "auth fail"


@pytest.mark.parametrize("path", ["/other", "/api", "/index.html", "/_sandbox"])
async def test_elsewhere(caller: Caller, path: str) -> None:
    """Nothing answers anywhere else."""
    assert (await caller.http.get(path)).status_code == 404


async def test_quota_comes_after_the_signature(clock: Clock) -> None:
    """A call that is not signed takes no room; a call with bad parameters does."""
    async with Caller(create_app(now=clock, monotonic=clock, quota=1)) as caller:
        url, headers = acs3("GetTranscodeSummary", VOD, {"VideoIds": "a"}, START, secret="wrong")
        assert (await caller.http.get(url, headers=headers)).json()["Code"] == "SignatureDoesNotMatch"
        assert (await caller.vod("GetTranscodeSummary")).json()["Code"] == "MissingVideoIds"
        throttled = await caller.vod("GetTranscodeSummary", VideoIds="a")
        assert throttled.json()["Code"] == "Throttling.User"


async def test_fifteen_calls_a_second_each(clock: Clock) -> None:
    """Every operation passes fifteen calls in a second and refuses the sixteenth in its provider's way."""
    async with Caller(create_app(now=clock, monotonic=clock)) as caller:
        for _ in range(15):
            assert (await caller.vod("GetTranscodeSummary", VideoIds="a")).status_code == 200
            assert (await caller.ims("ListMediaConvertJobs")).status_code == 200
            assert (await caller.visionular("/api/list_task", start_time=1, end_time=2)).status_code == 200
        vod = await caller.vod("GetTranscodeSummary", VideoIds="a")
        ims = await caller.ims("ListMediaConvertJobs")
        visionular = await caller.visionular("/vodencoding/v1/list_task", start_time=1, end_time=2)
        assert [vod.status_code, ims.status_code] == [400, 400]
        assert {vod.json()["Code"], ims.json()["Code"]} == {"Throttling.User"}
        assert visionular.status_code == 429
        assert visionular.json() == {"code": 1005, "msg": "too many requests", "data": None}
        clock.moment += 1
        assert (await caller.vod("GetTranscodeSummary", VideoIds="a")).status_code == 200


async def test_own_quotas(clock: Clock) -> None:
    """An operation may have a limit of its own."""
    app = create_app(now=clock, monotonic=clock, quota=math.inf, quotas={"query_task": 1})
    async with Caller(app) as caller:
        found = [await caller.visionular("/api/query_task", task_id="a") for _ in range(2)]
        assert [answer.status_code for answer in found] == [404, 429]


async def test_own_credentials(clock: Clock) -> None:
    """Other keys can be accepted instead of the usual ones."""
    app = create_app(now=clock, credentials=Credentials(access_key_id="mine", access_key_secret="own"))
    async with Caller(app) as caller:
        url, headers = acs3("ListMediaConvertJobs", IMS, {}, START, key_id="mine", secret="own")
        assert (await caller.http.get(url, headers=headers)).status_code == 200
        assert (await caller.ims("ListMediaConvertJobs")).json()["Code"] == "InvalidAccessKeyId.NotFound"


async def test_clock_skew(caller: Caller) -> None:
    """A provider whose clock is off shows it in its Date and refuses signatures of the right time."""
    usual = await caller.ims("ListMediaConvertJobs")
    assert parsedate_to_datetime(usual.headers["date"]).timestamp() == int(START)
    skewed = await caller.ims("ListMediaConvertJobs", '{"kind":"clock_skew","seconds":1200}')
    assert skewed.json()["Code"] == "InvalidTimeStamp.Expired"
    assert parsedate_to_datetime(skewed.headers["date"]).timestamp() == int(START) + 1200


async def test_bad_fault_header(caller: Caller) -> None:
    """A fault that cannot be understood is not passed over in silence."""
    answer = await caller.ims("ListMediaConvertJobs", "flood")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("x-sandbox-fault: ")


async def test_nothing_makes_it_stumble(caller: Caller) -> None:
    """Whatever stands in parameters and headers, an answer comes, and never a server error."""
    chance = Random(7)
    pieces = [
        "",
        "0",
        "-1",
        "9" * 30,
        "é",
        "微",
        "\x00",
        " ",
        ",",
        "%",
        "=",
        "&",
        "2026-11-18T00:00:00Z",
        "a" * 32,
    ]
    names = ["VideoIds", "VideoId", "PageNo", "PageSize", "StartTime", "TranscodeTaskId", "JobIds", "JobId"]
    names += [
        "Status",
        "OrderBy",
        "NextPageToken",
        "StartOfCreateTime",
        "start_time",
        "end_time",
        "count",
        "task_id",
    ]
    known: list[tuple[Any, str]] = [
        (caller.vod, name) for name in ("GetTranscodeSummary", "ListTranscodeTask")
    ]
    known += [(caller.vod, "GetTranscodeTask"), (caller.ims, "GetMediaConvertJob")]
    known += [(caller.ims, "ListMediaConvertJobs"), (caller.visionular, "/api/list_task")]
    for _ in range(400):
        call, operation = chance.choice(known)
        parameters = {
            chance.choice(names): "".join(chance.choices(pieces, k=chance.randint(0, 3))) for _ in range(3)
        }
        assert (await call(operation, **parameters)).status_code < 500
    for _ in range(100):
        text = "".join(chance.choices([*pieces[:5], "Basic ", "Visionular AccessKeyId=a, Signature=b"], k=2))
        headers = {b"authorization": text.encode(), b"date": text.encode(), b"x-acs-version": VOD.encode()}
        answer = await caller.http.get(chance.choice(["/", "/api/list_task"]), headers=headers)
        assert 400 <= answer.status_code < 500


async def test_large_bodies(caller: Caller) -> None:
    """A body beyond all need is not read."""
    assert (await caller.http.post("/", content=b"x" * (LARGEST_BODY + 1))).status_code == 413


async def test_request_ids(clock: Clock) -> None:
    """Request ids look like the providers', differ from call to call, and come from the given source."""
    found = []
    for _ in range(2):
        async with Caller(create_app(now=clock, entropy=Random(1))) as caller:
            found += [(await caller.ims("ListMediaConvertJobs")).json()["RequestId"] for _ in range(2)]
    assert found[:2] == found[2:]
    assert found[0] != found[1]
    assert [len(part) for part in found[0].split("-")] == [8, 4, 4, 4, 12]
    assert found[0] == found[0].upper()


async def test_lifespan(app: Sandbox) -> None:
    """The application follows its server's life, and speaks nothing but HTTP."""
    events = iter(["lifespan.startup", "lifespan.shutdown"])
    sent = []

    async def receive() -> dict[str, Any]:
        return {"type": next(events)}

    async def send(event: Any) -> None:
        sent.append(event["type"])

    await app({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    with pytest.raises(NotImplementedError, match="websocket"):
        await app({"type": "websocket"}, receive, send)


def test_sandbox_stands_alone() -> None:
    """The sandbox imports nothing else of the gateway, so no mistake can be made on both sides."""
    folder = Path(gateway.sandbox.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gateway"):
                assert (node.module or "").startswith("gateway.sandbox"), path.name
