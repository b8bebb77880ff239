"""What both Alibaba Cloud rooms share: the request and the verdict on its answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import msgspec
import pytest

from gateway.domain.errors import (
    Garbled,
    NotFound,
    ProviderError,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from gateway.domain.records import Observation, Provider
from gateway.providers.alibaba import RpcEndpoint, error_of_code, judge, says_not_found, window
from gateway.providers.signing import NoAuth, canonical_query
from gateway.providers.transfer import Answer, Call, Limits
from tests.providers.answers import Prepared

CALL = Call(provider=Provider.VOD, operation="GetTranscodeSummary")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def endpoint(answer: Prepared, url: str = "https://vod.cn-shanghai.aliyuncs.com") -> RpcEndpoint:
    """Return an endpoint with a prepared answer."""
    return RpcEndpoint(
        answer.http,
        NoAuth(),
        url,
        provider=Provider.VOD,
        version="2017-03-21",
        limits=Limits(total_timeout=5, max_body_bytes=1000),
        now=lambda: NOW,
    )


def answered(status: int, body: Any, **headers: str) -> Answer:
    """Return an answer."""
    encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Answer(httpx.Response(status, headers=headers), encoded)


def refusal(status: int, body: Any, **headers: str) -> ProviderError:
    """Return the error that an answer is."""
    with pytest.raises(ProviderError) as caught:
        judge(answered(status, body, **headers), CALL)
    return caught.value


async def test_a_request_is_an_empty_post_with_everything_in_the_query() -> None:
    """As the SDKs send it, and byte for byte as it is signed."""
    answer = Prepared({"RequestId": "r"})
    query = canonical_query({"VideoIds": "a b,c*d~e/f+g,微帧", "A": "1"}.items())
    reply = await endpoint(answer).call("GetTranscodeSummary", query)
    [request] = answer.requests
    assert (request.method, request.content, request.headers["host"]) == (
        "POST",
        b"",
        "vod.cn-shanghai.aliyuncs.com",
    )
    assert request.url.raw_path == b"/?A=1&VideoIds=a%20b%2Cc%2Ad~e%2Ff%2Bg%2C%E5%BE%AE%E5%B8%A7"
    assert request.headers["x-acs-action"] == "GetTranscodeSummary"
    assert request.headers["x-acs-version"] == "2017-03-21"
    assert reply.observation == Observation(at=NOW, operation="GetTranscodeSummary", request_id="r")


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("Throttling.User", 400, Throttled),
        ("Throttling.Api", 400, Throttled),
        ("Throttling", 400, Throttled),
        ("RequestsTooFrequent", 403, Throttled),
        ("InternalError", 500, Unavailable),
        ("ServiceUnavailable", 503, Unavailable),
        ("ServiceUnAvailable", 503, Unavailable),
        ("InvalidAccessKeyId.NotFound", 404, Unauthorized),
        ("InvalidAccessKeyId.Inactive", 400, Unauthorized),
        ("InvalidTimeStamp.Expired", 400, Unauthorized),
        ("InvalidTimeStamp.Format", 400, Unauthorized),
        ("SignatureNonceUsed", 400, Unauthorized),
        ("SignatureDoesNotMatch", 400, Unauthorized),
        ("IncompleteSignature", 400, Unauthorized),
        ("InvalidSignatureMethod", 400, Unauthorized),
        ("MissingSecurityToken", 400, Unauthorized),
        ("InvalidSecurityToken.Expired", 400, Unauthorized),
        ("Forbidden", 403, Unauthorized),
        ("Forbidden.RAM", 403, Unauthorized),
        ("OperationDenied.Suspended", 403, Unauthorized),
        ("MissingVideoId", 400, Rejected),
        ("MissingParameter", 400, Rejected),
        ("InvalidParameter", 400, Rejected),
        ("InvalidVersion", 400, Rejected),
        ("InvalidAction.NotFound", 404, Rejected),
        ("UnsupportedHTTPMethod", 400, Rejected),
        ("VideoListExceededMax", 400, Rejected),
        ("JobIdsExceededMax", 400, Rejected),
        ("InvalidVideo.NotFound", 404, Rejected),
        ("NoSuchResource", 404, Rejected),
        ("ResourceNotFound", 404, Rejected),
        ("ProjectNotFound", 404, Rejected),
        ("SomethingNew", 400, Rejected),
        ("SomethingNew", 500, Unavailable),
        ("SomethingNew", 429, Throttled),
    ],
)
def test_every_documented_code_has_a_verdict(code: str, status: int, expected: type[ProviderError]) -> None:
    """The code decides, and the status where the code is new; both stay in the error."""
    error = refusal(status, {"RequestId": "r\n", "Code": code, "Message": "secret"})
    assert type(error) is expected
    assert (error.provider_code, error.request_id, error.operation) == (code, "r", CALL.operation)
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("InvalidVideo.NotFound", True),
        ("NoSuchResource", True),
        ("ResourceNotFound", True),
        ("InvalidAccessKeyId.NotFound", False),
        ("InvalidAction.NotFound", False),
        ("InvalidProduct.NotFound", False),
        ("ProjectNotFound", False),
        ("InvalidParameter", False),
        ("", False),
    ],
)
def test_not_found_is_about_the_thing_and_not_the_configuration(code: str, *, missing: bool) -> None:
    """A wrong key, operation or product is no missing video."""
    assert says_not_found(code) is missing


def test_an_error_inside_http_200_is_an_error() -> None:
    """The official SDK takes it for an empty success; names may be in lower case."""
    assert type(refusal(200, {"Code": "InternalError"})) is Unavailable
    assert type(refusal(200, {"code": "SomethingNew", "requestId": "r"})) is Rejected


@pytest.mark.parametrize("odd", [[], {}, True])
def test_a_code_that_is_none_does_not_decide(odd: object) -> None:
    """What is no scalar is neither a code nor a request id, whoever asks."""
    assert judge(answered(200, {"Code": odd, "RequestId": odd}), CALL) is None
    assert refusal(500, {"Code": odd}).provider_code is None


def test_a_clock_that_is_off_is_named() -> None:
    """Among the reasons for a refusal this is the one that no key change cures."""
    error = refusal(400, {"Code": "InvalidTimeStamp.Expired"})
    assert "clock" in error.message


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"<?xml version='1.0'?><Error/>", b"[]", b'"text"', b'{"a":']
)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Garbled),
        (302, Garbled),
        (400, Garbled),
        (404, Garbled),
        (403, Unauthorized),
        (429, Throttled),
        (502, Unavailable),
    ],
)
def test_what_is_no_json_object_is_garbled_unless_its_status_says_more(
    body: bytes, status: int, expected: type[ProviderError]
) -> None:
    """A proxy's page is not the provider's refusal."""
    assert type(refusal(status, body)) is expected


def test_a_refusal_tells_when_to_come_back() -> None:
    """Milliseconds on the wire, seconds here."""
    headers = {"x-acs-retry-after": "250"}
    assert refusal(400, {"Code": "Throttling.User"}, **headers).retry_after == 0.25


def test_a_success_is_its_request_id() -> None:
    """Or nothing, where the provider sent none."""
    assert judge(answered(200, {"RequestId": "r", "Job": {"Code": "InvalidParameter"}}), CALL) == "r"
    assert judge(answered(200, {}), CALL) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"RequestId":"r","TranscodeSummaryList":[]}', "r"),
        (b' {\n "RequestId" : "r" , "Job": {"ErrorCode": "x"}}', "r"),
        (b'{"RequestId":"r","Job":{"Code":"x","RequestId":"other"}}', "r"),
        (b'{"RequestId":"first","REQUESTID":"last"}', "last"),
        (b'{"RequestId":"r\\u0031"}', "r1"),
        (b'{"RequestId":" r\xc3\xa9 "}', "r\u00e9"),
        (b'{"RequestId":""}', None),
        (b'{"requestId":"r"}', "r"),
        (b'{"Jobs":[],"RequestId":"r"}', "r"),
    ],
)
def test_a_request_id_is_found_wherever_it_is(body: bytes, expected: str | None) -> None:
    """First, as usual, or anywhere else among the members."""
    assert judge(answered(200, body), CALL) == expected


@pytest.mark.parametrize("name", ["Code", "code", "CODE", "C\\u006fde"])
def test_a_code_is_found_behind_a_request_id(name: str) -> None:
    """However it is spelled."""
    body = f'{{"RequestId":"r","Data":{{}},"{name}":"InternalError"}}'.encode()
    assert type(refusal(200, body)) is Unavailable
    # A name that is longer is another one.
    assert judge(answered(200, body.replace(f'"{name}"'.encode(), b'"ErrorCode"')), CALL) == "r"


def test_codes_are_compared_without_case() -> None:
    """Documents themselves are not consistent."""
    assert error_of_code("throttling.user") is Throttled
    assert error_of_code("SomethingNew") is None


async def test_not_found_of_a_single_key_is_its_outcome() -> None:
    """Of several keys it is nobody's: the caller finds out whose."""
    answer = Prepared({"Code": "NoSuchResource"}, status=404)
    outcomes = await endpoint(answer).by_ids("GetTranscodeTask", "JobIds", ["a"], lambda *_: {})
    assert isinstance(outcomes["a"], NotFound)
    with pytest.raises(Rejected):
        await endpoint(answer).by_ids("GetTranscodeTask", "JobIds", ["a", "b"], lambda *_: {})


async def test_an_id_that_must_not_be_sent_harms_no_other() -> None:
    """It has an outcome of its own, and without others there is no request."""
    answer = Prepared({})
    outcomes = await endpoint(answer).by_ids(
        "GetTranscodeTask", "JobIds", ["a", "b,c", "d"], lambda keys, *_: dict.fromkeys(keys, "found")
    )
    assert {key: str(outcome) for key, outcome in outcomes.items() if key != "b,c"} == {
        "a": "found",
        "d": "found",
    }
    assert answer.parameters == {"JobIds": "a,d"}
    assert len(await endpoint(answer).by_ids("GetTranscodeTask", "JobIds", ["b,c"], lambda *_: {})) == 1
    assert len(answer.requests) == 1


@pytest.mark.parametrize("ids", [["d486-a_b.c~1", "e"], ["a*b", "c"], ["a%2Cb"], ["微帧", "a b"]])
async def test_ids_are_sent_as_they_are_signed(ids: list[str]) -> None:
    """Whether there is anything to quote in them or not."""
    answer = Prepared({})
    await endpoint(answer).by_ids("GetTranscodeTask", "JobIds", ["", *ids], lambda *_: {})
    await endpoint(answer).by_ids("GetTranscodeTask", "JobIds", ids, lambda *_: {})
    query = canonical_query([("JobIds", ",".join(ids))])
    assert [request.url.query.decode() for request in answer.requests] == [query, query]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (NOW, NOW + timedelta(hours=1), {"From": "2026-11-22T00:00:00Z", "To": "2026-11-22T01:00:00Z"}),
        (NOW, NOW, {"From": "2026-11-22T00:00:00Z", "To": "2026-11-22T00:00:01Z"}),
        (None, NOW.astimezone(timezone(timedelta(hours=8))), {"To": "2026-11-22T00:00:00Z"}),
        (NOW, None, {"From": "2026-11-22T00:00:00Z"}),
        (None, None, {}),
    ],
)
def test_a_window_is_in_whole_seconds_of_utc(
    start: datetime | None, end: datetime | None, expected: dict[str, str]
) -> None:
    """Open sides are left out, and the end is always later than the start."""
    assert window(start, end, names=("From", "To")) == expected
