"""Signatures, against published vectors and against what the official SDKs sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest

from gateway.providers.signing import (
    Acs3Auth,
    BasicAuth,
    Credentials,
    NoAuth,
    RpcSha1Auth,
    Signature,
    StaticHeaderAuth,
    StaticQueryAuth,
    VisionularAuth,
    acs3_signature,
    canonical_query,
    in_seconds,
    random_nonce,
    rpc_signature,
    utc_now,
)

CAPTURES = sorted((Path(__file__).parent / "captures").glob("*.http"))
TEST_KEYS = Credentials(access_key_id="testAccessKeyId", access_key_secret="testAccessKeySecret")
VISIONULAR_URL = (
    "http://cloud.visionular.cn/api/list_task?count=50&end_time=1636387199&start_num=0&start_time=1633708800"
)


def captured(path: Path) -> httpx.Request:
    """Return a captured request."""
    head = path.read_bytes().decode().split("\r\n\r\n")[0]
    line, *lines = head.split("\r\n")
    method, target, _ = line.split(" ")
    headers = [tuple(line.split(": ", 1)) for line in lines]
    host = next(value for name, value in headers if name.lower() == "host")
    return httpx.Request(method, f"http://{host}{target}", headers=[(name, value) for name, value in headers])


def signed(auth: Signature, request: httpx.Request) -> httpx.Request:
    """Return the request that an auth class makes of a request."""
    path, _, query = request.url.raw_path.decode().partition("?")
    said = dict(request.headers.items())
    query, headers = auth.signed(request.method, path, canonical_query(pairs(query)), said)
    return httpx.Request(request.method, request.url.copy_with(query=query.encode() or None), headers=headers)


def pairs(query: str) -> list[tuple[str, str]]:
    """Take a query apart; the official SDKs write it as forms are written, with a plus for a space."""
    return parse_qsl(query, keep_blank_values=True)


def at(text: str) -> Callable[[], datetime]:
    """Return a clock that stands still."""
    time = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return lambda: time


@pytest.mark.parametrize("path", [path for path in CAPTURES if "acs3" in path.name], ids=lambda p: p.stem)
def test_acs3_reproduces_what_the_official_sdk_sent(path: Path) -> None:
    """Over the headers that the SDK chose to sign, our signature is the SDK's."""
    request = captured(path)
    found = re.search(r"SignedHeaders=(.*),Signature=(\w+)", request.headers["authorization"])
    assert found
    headers, secret = dict(request.headers.items()), TEST_KEYS.access_key_secret
    query = canonical_query(pairs(request.url.query.decode()))
    assert acs3_signature(request.method, request.url.path, query, headers, found[1], secret) == found[2]


@pytest.mark.parametrize("path", [path for path in CAPTURES if "rpc" in path.name], ids=lambda p: p.stem)
def test_rpc_reproduces_what_the_official_sdks_sent(path: Path) -> None:
    """Over the SDK's parameters, empty ones included, our signature is the SDK's."""
    request = captured(path)
    sent = pairs(request.url.query.decode())
    expected = dict(sent).pop("Signature")
    signed = [pair for pair in sent if pair[0] != "Signature"]
    assert rpc_signature(request.method, signed, TEST_KEYS.access_key_secret) == expected


@pytest.mark.parametrize(
    ("time", "nonce", "signature"),
    [
        (
            "2023-10-26T10:22:32Z",
            "3156853299f313e23d1673dc12e1703d",
            "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
        ),
        (
            "2023-10-26T09:01:01Z",
            "d410180a5abf7fe235dd9b74aca91fc0",
            "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804",
        ),
    ],
)
def test_acs3_signs_the_documented_example(time: str, nonce: str, signature: str) -> None:
    """The whole flow reproduces the vectors that Alibaba Cloud publishes."""
    keys = Credentials(access_key_id="YourAccessKeyId", access_key_secret="YourAccessKeySecret")
    request = httpx.Request(
        "POST",
        "https://ecs.cn-shanghai.aliyuncs.com/?RegionId=cn-shanghai"
        "&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        headers={"x-acs-action": "RunInstances", "x-acs-version": "2014-05-26"},
    )
    header = signed(Acs3Auth(lambda: keys, now=at(time), nonce=lambda: nonce), request).headers
    assert header["authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        f"x-acs-date;x-acs-signature-nonce;x-acs-version,Signature={signature}"
    )


def test_acs3_signs_the_session_token() -> None:
    """A temporary key sends its token, under the signature; a lasting one that follows sends none."""
    keys = [
        Credentials(access_key_id="a", access_key_secret="b", security_token="token"),
        Credentials(access_key_id="a", access_key_secret="b"),
    ]
    auth = Acs3Auth(iter(keys).__next__)
    request = httpx.Request("POST", "https://vod.example.com/?a=1")
    temporary, lasting = (signed(auth, request).headers for _ in keys)
    assert temporary["x-acs-security-token"] == "token"
    assert "x-acs-security-token" in temporary["authorization"]
    assert "x-acs-security-token" not in lasting
    assert "x-acs-security-token" not in lasting["authorization"]


def test_rpc_signs_the_documented_example() -> None:
    """The long-published DescribeRegions example has the published signature."""
    pairs = {
        "TimeStamp": "2016-02-23T12:46:24Z",
        "Format": "XML",
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "Version": "2014-05-26",
        "SignatureVersion": "1.0",
    }
    pairs["Timestamp"] = pairs.pop("TimeStamp")
    assert rpc_signature("GET", pairs.items(), "testsecret") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_rpc_moves_everything_into_the_query() -> None:
    """The signature covers all parameters, the session token among them, and travels with them."""
    keys = Credentials(access_key_id="testAccessKeyId", access_key_secret="s", security_token="token")
    request = httpx.Request(
        "POST",
        "https://vod.example.com/?VideoId=a%20b",
        headers={"x-acs-action": "ListTranscodeTask", "x-acs-version": "2017-03-21"},
    )
    auth = RpcSha1Auth(lambda: keys, now=at("2026-11-21T23:36:32Z"), nonce=lambda: "n")
    query = dict(parse_qsl(signed(auth, request).url.query.decode()))
    signature = query.pop("Signature")
    assert query == {
        "VideoId": "a b",
        "Action": "ListTranscodeTask",
        "Version": "2017-03-21",
        "Format": "JSON",
        "AccessKeyId": "testAccessKeyId",
        "SecurityToken": "token",
        "Timestamp": "2026-11-21T23:36:32Z",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": "n",
    }
    assert signature == rpc_signature("POST", query.items(), "s")


@pytest.mark.parametrize(
    ("final_newline", "signature"),
    [(False, "fcI6wmcM4fCn0kJKdl7UH1mPheQ="), (True, "7aF3gDrw8VFfpuT7zNSU40+LaXc=")],
)
def test_visionular_signs_in_both_documented_forms(*, final_newline: bool, signature: str) -> None:
    """With and without the final newline, on which the page's formula and example disagree."""
    keys = Credentials(access_key_id="testAccessKey", access_key_secret="testSecretAccessKey")
    auth = VisionularAuth(
        lambda: keys,
        final_newline=final_newline,
        nonce=lambda: "bqzcRl8Jah00lbbB",
        now=at("2021-11-03T03:00:50Z"),
    )
    headers = signed(auth, httpx.Request("GET", VISIONULAR_URL)).headers
    assert headers["date"] == "Wed, 03 Nov 2021 03:00:50 GMT"
    assert headers["x-wz-nonce"] == "bqzcRl8Jah00lbbB"
    assert headers["authorization"] == f"Visionular AccessKeyId=testAccessKey, Signature={signature}"


def test_visionular_sorts_the_query_and_can_do_without_a_nonce() -> None:
    """The order of parameters does not matter, and the nonce header is optional."""
    auth = VisionularAuth(lambda: TEST_KEYS, now=at("2021-11-03T03:00:50Z"))
    requests = [
        httpx.Request("GET", f"https://v.example.com/api/list_task{q}") for q in ("?b=2&a=1", "?a=1&b=2")
    ]
    one, other = (signed(auth, request).headers for request in requests)
    assert one["authorization"] == other["authorization"]
    assert "x-wz-nonce" not in one


def test_basic_sends_its_fixed_headers() -> None:
    """Key and secret are one base64 text."""
    auth = BasicAuth(
        lambda: Credentials(access_key_id="a", access_key_secret="b"), headers={"auth-type": "use-basic"}
    )
    headers = signed(auth, httpx.Request("GET", "https://v.example.com/")).headers
    assert headers["authorization"] == "Basic YTpi"
    assert headers["auth-type"] == "use-basic"


def test_static_schemes_add_what_they_are_told() -> None:
    """One header, one parameter, or nothing."""
    url = "https://v.example.com/api?b=2"
    value = Credentials(access_key_id="", access_key_secret="k v")
    assert (
        signed(StaticHeaderAuth("x-key", lambda: value), httpx.Request("GET", url)).headers["x-key"] == "k v"
    )
    assert (
        signed(StaticQueryAuth("key", lambda: value), httpx.Request("GET", url)).url.query == b"b=2&key=k%20v"
    )
    assert signed(NoAuth(), httpx.Request("GET", url)).url == url


def test_a_static_header_takes_the_place_of_one_of_its_name() -> None:
    """However it is written: names of headers have no case."""
    auth = StaticHeaderAuth("Accept", lambda: Credentials(access_key_id="", access_key_secret="k"))
    request = httpx.Request("GET", "https://v.example.com/", headers={"accept": "text/plain"})
    assert signed(auth, request).headers.get_list("accept") == ["k"]


def rotating() -> Iterator[Credentials]:
    """Yield keys that differ each time."""
    for number in range(10):
        yield Credentials(access_key_id=f"id{number}", access_key_secret=f"secret{number}")


@pytest.mark.parametrize("scheme", [Acs3Auth, RpcSha1Auth, VisionularAuth, BasicAuth])
def test_every_request_is_signed_anew(scheme: type[Acs3Auth | RpcSha1Auth | BasicAuth]) -> None:
    """A second attempt carries today's keys and its own signature; what is signed is left as it was."""
    auth = scheme(rotating().__next__)
    headers = {"x-acs-action": "A", "x-acs-version": "V", "host": "vod.example.com"}
    one, other = (auth.signed("POST", "/", "a=1", headers) for _ in range(2))
    assert one != other
    assert set(headers) == {"x-acs-action", "x-acs-version", "host"}


def test_nonces_differ_and_the_clock_runs_in_utc() -> None:
    """What is left to chance and time is so by default."""
    assert re.fullmatch(r"[0-9a-f]{32}", random_nonce())
    assert random_nonce() != random_nonce()
    assert utc_now().tzinfo is UTC


def test_times_are_written_in_whole_seconds_of_utc() -> None:
    """With all digits of the year."""
    east = timezone(timedelta(hours=8))
    assert in_seconds(datetime(2026, 11, 2, 3, 4, 5, 999_999, tzinfo=east)) == "2026-11-01T19:04:05Z"
    assert in_seconds(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00Z"


def test_credentials_do_not_show_themselves() -> None:
    """Neither repr, nor str, nor rich printing holds a key."""
    keys = Credentials(access_key_id="AKID", access_key_secret="SECRET", security_token="TOKEN")
    shown = f"{keys!r} {keys} {keys.__rich_repr__()} {Acs3Auth(lambda: keys)!r}"
    assert not any(part in shown for part in ("AKID", "SECRET", "TOKEN"))
