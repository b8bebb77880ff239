"""The signatures the providers ask for, computed from a received request alone.

Nothing is checked against a list of expected headers or parameters: the official clients sign what they
happen to hold (user agent, accept, credentials provider), and their HTTP libraries add more afterwards.
What must be signed is stated by the caller of these functions; what was signed is stated by the request.
"""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

from gateway.sandbox.messages import Request

ACS3 = "ACS3-HMAC-SHA256"
_ACS3_HEADER = re.compile(rf"{ACS3} +Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([^,\s]+)")
_VISIONULAR_HEADER = re.compile(r"Visionular +AccessKeyId=([^,]+), *Signature=(\S+)")


class Claim(NamedTuple):
    """What an Authorization header claims: who signed, which headers, and the signature."""

    key_id: str
    signed_headers: tuple[str, ...]
    signature: str


def strict(text: str) -> str:
    """Percent-encode as both Alibaba Cloud schemes want it: only letters, digits and ``-_.~`` stay bare."""
    return quote(text, safe="~")


def canonical(pairs: Iterable[tuple[str, str]]) -> str:
    """Join pairs in order of name, then value, strictly encoded. A blank value keeps its ``=``."""
    return "&".join(f"{strict(name)}={strict(value)}" for name, value in sorted(pairs))


def acs3_claim(authorization: str) -> Claim | None:
    """Read an ACS3 Authorization header; None if it is malformed."""
    match = _ACS3_HEADER.fullmatch(authorization.strip())
    return Claim(match[1], tuple(match[2].lower().split(";")), match[3]) if match else None


def acs3_signature(request: Request, signed_headers: Iterable[str], secret: str) -> str:
    """Compute the ACS3-HMAC-SHA256 signature over the named headers."""
    signed = sorted(signed_headers)
    lines = []
    for name in signed:
        values = sorted(value.strip() for other, value in request.headers if other == name)
        lines.append(f"{name}:{','.join(values)}\n")
    canonical_request = "\n".join(
        [
            request.method,
            request.path,
            canonical(request.query_pairs),
            "".join(lines),
            ";".join(signed),
            request.header.get("x-acs-content-sha256", ""),
        ]
    )
    string_to_sign = f"{ACS3}\n{sha256(canonical_request.encode()).hexdigest()}"
    return hmac.digest(secret.encode(), string_to_sign.encode(), "sha256").hex()


def rpc_string_to_sign(method: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Build what the older RPC scheme signs, over query and form parameters together."""
    unsigned = [(name, value) for name, value in pairs if name != "Signature"]
    return f"{method}&%2F&{strict(canonical(unsigned))}"


def rpc_signature(string_to_sign: str, secret: str) -> str:
    """Compute the HMAC-SHA1 signature. The key ends in ``&``; a second secret once followed it."""
    return _base64_sha1(f"{secret}&", string_to_sign)


def visionular_claim(authorization: str) -> Claim | None:
    """Read a Visionular Authorization header; None if it is malformed."""
    match = _VISIONULAR_HEADER.fullmatch(authorization.strip())
    return Claim(match[1], (), match[2]) if match else None


def visionular_signatures(request: Request, secret: str) -> tuple[str, str]:
    """Compute both in use: the documented formula's, and the worked example's with a newline more."""
    nonces = sorted((name, value.strip()) for name, value in request.headers if name.startswith("x-wz-"))
    # The pairs as they stand on the wire: whether values are encoded before signing is not documented.
    pairs = sorted(request.query.split("&")) if request.query else []
    string_to_sign = "\n".join(
        [
            request.method,
            request.header.get("content-md5", ""),
            request.header.get("content-type", "") if request.body else "",
            request.header.get("date", ""),
            "\n".join(f"{name}:{value}" for name, value in nonces),
            request.path + ("?" + "&".join(pairs) if pairs else ""),
        ]
    )
    return _base64_sha1(secret, string_to_sign), _base64_sha1(secret, f"{string_to_sign}\n")


def basic_claim(authorization: str) -> tuple[str, str] | None:
    """Read an HTTP Basic Authorization header into user and password; None if it is malformed."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # not Base64, or not UTF-8 inside
        return None
    return (user, password) if colon else None


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def _base64_sha1(key: str, text: str) -> str:
    return b64encode(hmac.digest(key.encode(), text.encode(), "sha1")).decode()
