"""What faults do to an answer's content, for all three providers."""

import json

import httpx
import pytest

from gateway.sandbox.spoil import PAGE

from .clients import START, Caller


async def call(caller: Caller, provider: str, fault: str) -> httpx.Response:
    """Call an operation of a provider with a fault."""
    if provider == "vod":
        return await caller.vod("GetTranscodeSummary", fault, VideoIds="a,b")
    if provider == "ims":
        return await caller.ims("ListMediaConvertJobs", fault)
    return await caller.visionular("/api/list_task", fault, start_time=int(START) - 60, end_time=int(START))


PROVIDERS = pytest.mark.parametrize("provider", ["vod", "ims", "visionular"])


@PROVIDERS
async def test_throttle(caller: Caller, provider: str) -> None:
    """A throttled call is refused in the provider's way, with a hint when asked for, and not by the quota."""
    answer = await call(caller, provider, "throttle")
    assert answer.status_code == (429 if provider == "visionular" else 400)
    body = answer.json()
    assert body.get("Code", body.get("code")) == (1005 if provider == "visionular" else "Throttling.User")
    assert "retry-after" not in answer.headers
    hinted = await call(caller, provider, '{"kind":"throttle","retry_after_ms":1500}')
    assert hinted.headers["x-acs-retry-after"] == "1500"
    assert hinted.headers["retry-after"] == "2"
    for calls in (await caller.http.get("/_sandbox/calls")).json().values():
        assert (calls["refused"], calls["failed"]) == (0, 2)


@PROVIDERS
async def test_server_errors(caller: Caller, provider: str) -> None:
    """A server error comes in the provider's envelope, with its status or, told so, with 200."""
    unavailable = await call(caller, provider, "status")
    internal = await call(caller, provider, '{"kind":"status","status":500}')
    hidden = await call(caller, provider, "error200")
    assert [one.status_code for one in (unavailable, internal, hidden)] == [503, 500, 200]
    codes = [one.json().get("Code", one.json().get("code")) for one in (unavailable, internal, hidden)]
    alibaba = ["ServiceUnAvailable", "InternalError", "InternalError"]
    assert codes == ([1000, 1000, 1000] if provider == "visionular" else alibaba)


async def test_poison(caller: Caller) -> None:
    """One bad id fails the whole call, with the code asked for; calls without it pass."""
    rule = '{"kind":"poison","ids":["b"],"status":404,"code":"InvalidVideo.NotFound"}'
    answer = await call(caller, "vod", rule)
    assert (answer.status_code, answer.json()["Code"]) == (404, "InvalidVideo.NotFound")
    assert (await caller.vod("GetTranscodeSummary", rule, VideoIds="a,c")).status_code == 200


async def test_refusals_are_spoilt_too(caller: Caller) -> None:
    """A fault strikes calls the provider would refuse anyway, and a call fails only once."""
    answer = await caller.vod("ListTranscodeTask", "html", VideoId="unknown")
    assert answer.status_code == 502
    assert (await caller.calls("ListTranscodeTask"))["failed"] == 1


@PROVIDERS
async def test_bodies_that_are_no_json(caller: Caller, provider: str) -> None:
    """Garbage claims to be JSON, a proxy's page does not, and nothing is nothing."""
    garbage = await call(caller, provider, "garbage")
    assert garbage.headers["content-type"].startswith("application/json")
    with pytest.raises(ValueError, match=r"codec|Expecting"):
        garbage.json()
    page = await call(caller, provider, "html")
    assert (page.status_code, page.headers["content-type"], page.content) == (502, "text/html", PAGE)
    empty = await call(caller, provider, "empty")
    assert (empty.status_code, empty.content) == (200, b"")


@PROVIDERS
async def test_results_of_another_type(caller: Caller, provider: str) -> None:
    """Without a field named, the results are null or of another type, and the envelope stays."""
    results = {"vod": "TranscodeSummaryList", "ims": "Jobs", "visionular": "data"}[provider]
    usual = (await call(caller, provider, "")).json()
    wrong = (await call(caller, provider, "wrong_type")).json()
    null = (await call(caller, provider, "null_data")).json()
    assert set(usual) == set(wrong) == set(null)
    assert (wrong[results], null[results]) == ("unexpected", None)
    assert wrong.get("code") == null.get("code") == usual.get("code")


async def test_a_field_of_another_type(caller: Caller) -> None:
    """A field named is replaced wherever it occurs, and nothing else."""
    rule = json.dumps({"kind": "wrong_type", "field": "create_time", "value": ["now"]})
    usual = (await call(caller, "visionular", "")).json()
    wrong = (await call(caller, "visionular", rule)).json()
    assert usual["data"]["list"]
    for task in usual["data"]["list"]:
        task["create_time"] = ["now"]
    assert wrong == usual
