"""Proofs."""

from __future__ import annotations

from hashlib import md5

import pytest

from gateway.push.proof import Forged, Outdated, SharedSecret, Signature

URL, NOW = "https://www.example.com/your/callback", 1519375990.0


def signed(key: str = "test123", url: str = URL, second: int = 1519375990) -> dict[bytes, str]:
    """Return headers as the documents say: MD5 of address, second and key, joined by bars."""
    digest = md5(f"{url}|{second}|{key}".encode(), usedforsecurity=False).hexdigest()
    return {b"x-vod-timestamp": str(second), b"x-vod-signature": digest}


@pytest.fixture
def signature() -> Signature:
    """Two keys, as while they are being changed."""
    return Signature("VOD", URL, ["old", "test123"], window=300)


def test_the_documents_own_example(signature: Signature) -> None:
    """Address, second and key of the documented example, whose digest is printed there but for its end."""
    assert signed()[b"x-vod-signature"].startswith("c72b60894140fa98920f1279219b")
    assert signature.check(signed(), b"", NOW) == "1519375990"
    assert signature.check(signed("old"), b"", NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed("wrong"),
        signed(url="https://elsewhere.example.com/"),
        signed() | {b"x-vod-timestamp": "1519375991"},
        signed() | {b"x-vod-timestamp": "١٥١٩٣٧٥٩٩٠"},
        signed() | {b"x-vod-timestamp": "15193759900"},
        signed() | {b"x-vod-signature": "é"},
    ],
)
def test_forgeries(signature: Signature, headers: dict[bytes, str]) -> None:
    """Another key, address or second, or none."""
    with pytest.raises(Forged):
        signature.check(headers, b"", NOW)


@pytest.mark.parametrize("off", [-301, 301])
def test_a_proof_of_another_time(signature: Signature, off: int) -> None:
    """A recorded notification is of no use later."""
    with pytest.raises(Outdated):
        signature.check(signed(), b"", NOW + off)


def test_a_secret_in_the_address_or_in_a_header() -> None:
    """Where nothing is signed, whoever knows the secret is believed."""
    by_query = SharedSecret(["first-secret-of-many", "second"], header=None)
    assert by_query.check({}, b"a=b&key=second", NOW) == ""
    by_header = SharedSecret(["second"], header="X-Notify")
    assert by_header.check({b"x-notify": "second"}, b"", NOW) == ""
    for proof, headers, query in (
        (by_query, {b"x-notify": "second"}, b""),
        (by_query, {}, b"key=secon"),
        (by_query, {}, b"key=%C3%A9"),
        (by_query, {}, b"key=second" + 20 * b"&a=b"),
        (by_header, {}, b"key=second"),
    ):
        with pytest.raises(Forged):
            proof.check(headers, query, NOW)
