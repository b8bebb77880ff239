"""The gateway in front of VOD and IMS: who may call, and how refusals are worded."""

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from gateway.sandbox.messages import FORM

from .clients import START, VOD, Caller, Clock, acs3, rpc

ONE = {"VideoIds": "a"}
SUMMARY = "GetTranscodeSummary"


def verdict(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of an answer; a good one has no code."""
    return answer.status_code, answer.json().get("Code", "")


async def send_acs3(caller: Caller, **more: Any) -> httpx.Response:
    """Call GetTranscodeSummary, signed the newer way."""
    url, headers = acs3(SUMMARY, VOD, ONE, more.pop("now", START), **more)
    return await caller.http.request(more.get("method", "GET"), url, headers=headers)


async def send_rpc(caller: Caller, **parameters: str) -> httpx.Response:
    """Call GetTranscodeSummary, signed the older way."""
    return await caller.http.get("/", params=rpc(SUMMARY, VOD, {**ONE, **parameters}, START))


async def test_envelope(caller: Caller) -> None:
    """A refusal has the five documented members, all strings, and its id once more in a header."""
    answer = await caller.vod(SUMMARY)
    body = answer.json()
    assert answer.status_code == 400
    assert set(body) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    assert all(isinstance(value, str) for value in body.values())
    assert (body["Code"], body["Message"]) == ("MissingVideoIds", "VideoIds is mandatory for this action.")
    assert answer.headers["x-acs-request-id"] == body["RequestId"]


async def test_versions_and_operations(caller: Caller) -> None:
    """An unknown version or operation is refused before the signature is looked at."""
    wrong_version = await caller.http.get("/", params={"Version": "2018-01-01", "Action": SUMMARY})
    assert verdict(wrong_version) == (400, "InvalidVersion")
    assert verdict(await caller.http.get("/")) == (400, "InvalidVersion")
    for action in ("gettranscodesummary", "GetMediaConvertJob", ""):
        answer = await caller.http.get("/", params={"Version": VOD, "Action": action})
        assert verdict(answer) == (404, "InvalidAction.NotFound")
    wrong_method = await caller.http.put("/", params={"Version": VOD, "Action": SUMMARY})
    assert verdict(wrong_method) == (400, "UnsupportedHTTPMethod")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_methods(caller: Caller, method: str) -> None:
    """Both methods are good, by either signature."""
    assert verdict(await send_acs3(caller, method=method)) == (200, "")
    signed = rpc(SUMMARY, VOD, ONE, START, method=method)
    assert verdict(await caller.http.request(method, "/", params=signed)) == (200, "")


async def test_form_bodies(caller: Caller) -> None:
    """Parameters may come in a form body, wholly signed by the older scheme and hashed by the newer."""
    signed = rpc(SUMMARY, VOD, ONE, START, method="POST")
    assert (await caller.http.post("/", data=signed)).json()["NonExistVideoIds"] == ["a"]
    body = urlencode(ONE).encode()
    url, headers = acs3(SUMMARY, VOD, {}, START, method="POST", body=body, content_type=FORM)
    assert (await caller.http.post(url, headers=headers, content=body)).json()["NonExistVideoIds"] == ["a"]
    url, headers = acs3(SUMMARY, VOD, {}, START, method="POST", body=body, content_type=FORM)
    forged = await caller.http.post(url, headers=headers, content=b"VideoIds=b")
    assert verdict(forged) == (400, "SignatureDoesNotMatch")


async def test_missing_authentication(caller: Caller) -> None:
    """A call without a signature, or with half of one, is incomplete."""
    bare = {"x-acs-version": VOD, "x-acs-action": SUMMARY}
    assert verdict(await caller.http.get("/", headers=bare)) == (400, "IncompleteSignature")
    foreign = {**bare, "authorization": "ACS3-RSA-SHA256 Credential=a,SignedHeaders=host,Signature=b"}
    assert verdict(await caller.http.get("/", headers=foreign)) == (400, "IncompleteSignature")
    undated = {**bare, "authorization": "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b"}
    assert verdict(await caller.http.get("/", headers=undated)) == (400, "Missingx-acs-date")
    for name in ("Signature", "SignatureNonce", "Timestamp"):
        parameters = rpc(SUMMARY, VOD, ONE, START)
        del parameters[name]
        assert verdict(await caller.http.get("/", params=parameters)) == (400, f"Missing{name}")


async def test_unsigned_headers(caller: Caller) -> None:
    """Every x-acs header must be signed, the nonce included; others, like content-type, need not."""
    url, headers = acs3(SUMMARY, VOD, ONE, START)
    good = await caller.http.get(url, headers={**headers, "content-type": "application/octet-stream"})
    assert verdict(good) == (200, "")
    url, headers = acs3(SUMMARY, VOD, ONE, START)
    added = await caller.http.get(url, headers={**headers, "x-acs-extra": "1"})
    assert verdict(added) == (400, "IncompleteSignature")


async def test_keys(caller: Caller) -> None:
    """An unknown key is told from a wrong secret, and a session key needs its own token."""
    assert verdict(await send_acs3(caller, key_id="nobody")) == (404, "InvalidAccessKeyId.NotFound")
    assert verdict(await send_acs3(caller, secret="wrong")) == (400, "SignatureDoesNotMatch")
    assert verdict(await send_rpc(caller, AccessKeyId="nobody")) == (404, "InvalidAccessKeyId.NotFound")
    session = {"key_id": "sandboxStsKeyId", "secret": "sandboxStsKeySecret"}
    assert verdict(await send_acs3(caller, **session)) == (400, "MissingSecurityToken")
    good = await send_acs3(caller, **session, x_acs_security_token="sandboxSecurityToken")
    assert verdict(good) == (200, "")
    mismatch = (400, "InvalidSecurityToken.MismatchWithAccessKey")
    assert verdict(await send_acs3(caller, **session, x_acs_security_token="other")) == mismatch
    assert verdict(await send_acs3(caller, x_acs_security_token="sandboxSecurityToken")) == mismatch


async def test_rpc_scheme(caller: Caller) -> None:
    """The older scheme knows one algorithm, one version, and JSON only."""
    assert verdict(await send_rpc(caller)) == (200, "")
    wrong = (400, "InvalidSignatureMethod")
    assert verdict(await send_rpc(caller, SignatureMethod="HMAC-MD5")) == wrong
    assert verdict(await send_rpc(caller, SignatureVersion="2.0")) == wrong
    assert verdict(await send_rpc(caller, Format="XML")) == (400, "InvalidFormat")
    tampered = rpc(SUMMARY, VOD, ONE, START) | {"VideoIds": "b"}
    answer = await caller.http.get("/", params=tampered)
    assert verdict(answer) == (400, "SignatureDoesNotMatch")
    assert "server string to sign is:GET&%2F&" in answer.json()["Message"]


@pytest.mark.parametrize("off", [-899, 899])
async def test_dates_near_the_clock(caller: Caller, off: int) -> None:
    """A date within fifteen minutes is good, either side."""
    assert verdict(await send_acs3(caller, now=START + off)) == (200, "")


async def test_dates_off_the_clock(caller: Caller) -> None:
    """A date farther off has expired; one in another format is malformed."""
    expired, malformed = (400, "InvalidTimeStamp.Expired"), (400, "InvalidTimeStamp.Format")
    assert verdict(await send_acs3(caller, now=START - 902)) == expired
    assert verdict(await send_acs3(caller, now=START + 902)) == expired
    assert verdict(await send_acs3(caller, x_acs_date="20261118T000000Z")) == malformed
    assert verdict(await send_rpc(caller, Timestamp="2026-11-18T00:00:00")) == malformed


async def test_nonces(caller: Caller, clock: Clock) -> None:
    """A nonce is good once, until no date could be accepted any more; a refused call does not use it up."""
    used = (400, "SignatureNonceUsed")
    assert verdict(await send_acs3(caller, x_acs_signature_nonce="n", secret="wrong"))[1] != used[1]
    assert verdict(await send_acs3(caller, x_acs_signature_nonce="n")) == (200, "")
    assert verdict(await send_acs3(caller, x_acs_signature_nonce="n")) == used
    assert verdict(await send_rpc(caller, SignatureNonce="n")) == used
    clock.moment += 1801
    assert verdict(await send_acs3(caller, x_acs_signature_nonce="n", now=clock.moment)) == (200, "")


async def test_nonces_are_bounded(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest nonce is forgotten when there are too many: memory does not grow with calls."""
    monkeypatch.setattr("gateway.sandbox.alibaba.NONCES", 3)
    for nonce in "abcd":
        await send_acs3(caller, x_acs_signature_nonce=nonce)
    assert verdict(await send_acs3(caller, x_acs_signature_nonce="d")) == (400, "SignatureNonceUsed")
    assert verdict(await send_acs3(caller, x_acs_signature_nonce="a")) == (200, "")
