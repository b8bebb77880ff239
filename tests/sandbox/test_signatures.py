"""Signatures: the vectors the providers published, and requests captured from the official SDKs."""

from pathlib import Path

import pytest

from gateway.sandbox.messages import Request
from gateway.sandbox.signatures import (
    acs3_claim,
    acs3_signature,
    basic_claim,
    canonical,
    rpc_signature,
    rpc_string_to_sign,
    visionular_claim,
    visionular_signatures,
)

CAPTURES = sorted((Path(__file__).parent / "captures").glob("*.http"))
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def read(path: Path) -> Request:
    """Read a captured request."""
    first, *lines = path.read_bytes().decode().split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.split(": ", 1) for line in lines if line)
    route, _, query = target.partition("?")
    return Request(method, route, query, tuple((name.lower(), value) for name, value in pairs), b"")


@pytest.mark.parametrize("path", CAPTURES, ids=[path.stem for path in CAPTURES])
def test_captures(path: Path) -> None:
    """Every signature an official SDK sent is the one computed here."""
    request = read(path)
    if "authorization" in request.header:
        claim = acs3_claim(request.header["authorization"])
        assert claim
        assert claim.key_id == "testAccessKeyId"
        assert acs3_signature(request, claim.signed_headers, "testAccessKeySecret") == claim.signature
    else:
        text = rpc_string_to_sign(request.method, request.query_pairs)
        assert rpc_signature(text, "testAccessKeySecret") == request.parameters["Signature"]


def test_captures_are_there() -> None:
    """All fourteen captures are replayed."""
    assert len(CAPTURES) == 14


@pytest.mark.parametrize(
    ("date", "nonce", "signature"),
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
def test_published_acs3_vector(date: str, nonce: str, signature: str) -> None:
    """The example of the signature's documentation comes out."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-version": "2014-05-26",
        "x-acs-date": date,
        "x-acs-signature-nonce": nonce,
        "x-acs-content-sha256": EMPTY,
    }
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    query = f"ImageId={image}&RegionId=cn-shanghai"
    request = Request("POST", "/", query, tuple(headers.items()), b"")
    assert acs3_signature(request, headers, "YourAccessKeySecret") == signature


def test_published_rpc_vector() -> None:
    """The long-published DescribeRegions example comes out."""
    pairs = {
        "Timestamp": "2016-02-23T12:46:24Z",
        "Format": "XML",
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "Version": "2014-05-26",
        "SignatureVersion": "1.0",
    }
    text = rpc_string_to_sign("GET", pairs.items())
    assert rpc_signature(text, "testsecret") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_visionular_vector() -> None:
    """Both readings of the Visionular scheme come out, whatever the order of the parameters."""
    headers = (("date", "Wed, 03 Nov 2021 03:00:50 GMT"), ("x-wz-nonce", "bqzcRl8Jah00lbbB"))
    query = "start_time=1633708800&end_time=1636387199&start_num=0&count=50"
    request = Request("GET", "/api/list_task", query, headers, b"")
    expected = ("fcI6wmcM4fCn0kJKdl7UH1mPheQ=", "7aF3gDrw8VFfpuT7zNSU40+LaXc=")
    assert visionular_signatures(request, "testSecretAccessKey") == expected


def test_repeated_headers() -> None:
    """Several values of one header are trimmed, sorted and joined."""
    once = Request("GET", "/", "", (("x-acs-a", "1,2"),), b"")
    twice = Request("GET", "/", "", (("x-acs-a", " 2 "), ("x-acs-a", "1")), b"")
    assert acs3_signature(once, ["x-acs-a"], "k") == acs3_signature(twice, ["x-acs-a"], "k")


def test_canonical() -> None:
    """Pairs are ordered by name and value, strictly encoded, and a blank value keeps its equals sign."""
    assert (
        canonical([("b", "a b*~"), ("a", "2"), ("a", ""), ("微", "/")]) == "a=&a=2&b=a%20b%2A~&%E5%BE%AE=%2F"
    )


@pytest.mark.parametrize(
    "text", ["", "ACS3-HMAC-SHA256", "ACS3-RSA-SHA256 Credential=a,SignedHeaders=b,Signature=c", "Basic YTpi"]
)
def test_malformed_acs3(text: str) -> None:
    """Another scheme or half a header is no claim."""
    assert acs3_claim(text) is None


def test_basic() -> None:
    """HTTP Basic is read; what is not Base64 or has no colon is not."""
    assert basic_claim("Basic YTpi") == ("a", "b")
    for text in ("Basic YQ==", "Basic %", "Basic gA==", "Basic é", "Bearer YTpi", ""):
        assert basic_claim(text) is None


def test_visionular_claim() -> None:
    """The Visionular header is read with its comma and space."""
    claim = visionular_claim("Visionular AccessKeyId=a, Signature=b=")
    assert claim
    assert (claim.key_id, claim.signature) == ("a", "b=")
    assert visionular_claim("Visionular a:b") is None
