"""How each provider wants a request signed.

All of them read their credentials anew for every request, so that keys may rotate, and what they return is
good for one request, whose date or nonce it holds. They are no `httpx.Auth`, which signs a request that is
made already: to read and to write its headers would take longer than the signature. What they sign is text.

Sources: Alibaba Cloud "Request syntax and signature method V3" and its discontinued "V2" (``Acs3`` and
``RpcSha1`` here); the signing page of the Visionular help centre (2021); its Go SDK for HTTP Basic.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote

from msgspec import Struct

Headers = dict[str, str]
"""By their names in lower case."""

Clock = Callable[[], datetime]

_NO_BODY = hashlib.sha256().hexdigest()
_SIGNED = {"host", "content-type"}
_BARE = re.compile(r"[A-Za-z0-9_.~-]*")


class Credentials(Struct, frozen=True, kw_only=True):
    """A key pair, with a session token where it is a temporary one."""

    access_key_id: str
    access_key_secret: str
    security_token: str | None = None

    def __repr__(self) -> str:
        return "Credentials(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


def utc_now() -> datetime:
    """Return the time by the machine's clock."""
    return datetime.now(UTC)


def in_seconds(time: datetime) -> str:
    """Return a time as Alibaba Cloud writes it: UTC, whole seconds."""
    utc = time.astimezone(UTC)
    parts = (utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second)
    # Every call is dated, and any other way takes up to three times as long.
    return "%04d-%02d-%02dT%02d:%02d:%02dZ" % parts  # noqa: UP031


def random_nonce() -> str:
    """Return 32 hexadecimal digits, as the official SDKs send them."""
    return os.urandom(16).hex()


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a query string as it is signed: sorted, and with only ``A-Z a-z 0-9 - _ . ~`` bare."""
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(pairs)])


def is_bare(text: str) -> bool:
    """Whether a query holds a text as it is."""
    return _BARE.fullmatch(text) is not None


def _quoted(text: str) -> str:
    # Nearly everything is; quoting goes through a text letter by letter.
    return text if is_bare(text) else quote(text, safe="~")


class Signature(Protocol):
    """What signs requests."""

    def signed(self, method: str, path: str, query: str, headers: Headers, /) -> tuple[str, Headers]:
        """Return the query and the headers of a request without a body, as they are to be sent.

        Args:
            method: In capitals.
            path: As it is sent.
            query: As `canonical_query` writes it.
            headers: What it says besides, with ``host``; left as they are.
        """


class Acs3Auth:
    """Alibaba Cloud's ACS3-HMAC-SHA256: everything in headers, nothing secret in the URL."""

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        *,
        now: Clock = utc_now,
        nonce: Callable[[], str] = random_nonce,
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._nonce = nonce

    def signed(self, method: str, path: str, query: str, headers: Headers, /) -> tuple[str, Headers]:
        """Sign the host, the content type where there is one, and every ``x-acs-*`` header."""
        keys = self._credentials()
        headers = {
            **headers,
            "x-acs-date": in_seconds(self._now()),
            "x-acs-signature-nonce": self._nonce(),
            "x-acs-content-sha256": _NO_BODY,
        }
        if keys.security_token is not None:
            headers["x-acs-security-token"] = keys.security_token
        names = _acs3_names(tuple(headers))
        signature = acs3_signature(method, path, query, headers, names, keys.access_key_secret)
        headers["authorization"] = (
            f"ACS3-HMAC-SHA256 Credential={keys.access_key_id},SignedHeaders={names},Signature={signature}"
        )
        return query, headers


@lru_cache
def _acs3_names(headers: tuple[str, ...]) -> str:
    """Return which headers are signed: the same ones at every call of an operation."""
    return ";".join(sorted(name for name in headers if name in _SIGNED or name.startswith("x-acs-")))


def acs3_signature(  # noqa: PLR0917 - in the order in which they are signed
    method: str, path: str, query: str, headers: Mapping[str, str], signed_headers: str, secret: str
) -> str:
    """Return the ACS3 signature of a request over the named headers, in the order given.

    Args:
        method: In capitals.
        path: As it is sent.
        query: As `canonical_query` writes it.
        headers: By their names in lower case.
        signed_headers: Names, joined by semicolons.
        secret: The key's.
    """
    values = "".join([f"{name}:{headers[name].strip()}\n" for name in signed_headers.split(";")])
    payload = headers["x-acs-content-sha256"]
    canonical_request = f"{method}\n{path}\n{query}\n{values}\n{signed_headers}\n{payload}"
    digest = hashlib.sha256(canonical_request.encode()).hexdigest()
    string_to_sign = f"ACS3-HMAC-SHA256\n{digest}"
    # Unlike the older signature below, the key is the bare secret.
    return hmac.digest(secret.encode(), string_to_sign.encode(), "sha256").hex()


class RpcSha1Auth:
    """Alibaba Cloud's older RPC signature: everything in the query, the key's id and token included."""

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        *,
        now: Clock = utc_now,
        nonce: Callable[[], str] = random_nonce,
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._nonce = nonce

    def signed(self, method: str, _path: str, query: str, headers: Headers, /) -> tuple[str, Headers]:
        """Copy operation and version into the query, and sign the query."""
        keys = self._credentials()
        common = {
            "Action": headers["x-acs-action"],
            "Version": headers["x-acs-version"],
            "Format": "JSON",
            "AccessKeyId": keys.access_key_id,
            "Timestamp": in_seconds(self._now()),
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": self._nonce(),
        }
        if keys.security_token is not None:
            common["SecurityToken"] = keys.security_token
        pairs = [*_pairs(query), *common.items()]
        signature = rpc_signature(method, pairs, keys.access_key_secret)
        return canonical_query([*pairs, ("Signature", signature)]), headers


def rpc_signature(method: str, pairs: Iterable[tuple[str, str]], secret: str) -> str:
    """Return the RPC signature over query parameters; those without a value take part."""
    string_to_sign = f"{method}&%2F&{quote(canonical_query(pairs), safe='~')}"
    return _hmac_sha1(f"{secret}&", string_to_sign)


class VisionularAuth:
    """Visionular's HMAC-SHA1 scheme.

    Args:
        credentials: Read for every request.
        final_newline: The documented formula ends the signed text without a newline, the worked example on
            the same page with one.
        nonce: Source of the optional ``X-Wz-Nonce`` header; None sends none.
        now: Clock for the ``Date`` header.
    """

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        *,
        final_newline: bool = False,
        nonce: Callable[[], str] | None = None,
        now: Clock = utc_now,
    ) -> None:
        self._credentials = credentials
        self._final_newline = final_newline
        self._nonce = nonce
        self._now = now

    def signed(self, method: str, path: str, query: str, headers: Headers, /) -> tuple[str, Headers]:
        """Sign method, date, nonce and the path with its sorted query."""
        keys = self._credentials()
        date = format_datetime(self._now().astimezone(UTC), usegmt=True)
        nonce = {} if self._nonce is None else {"x-wz-nonce": self._nonce()}
        resource = f"{path}?{'&'.join(sorted(query.split('&')))}" if query else path
        said = "".join([f"{name}:{value}" for name, value in nonce.items()])
        # The two empty lines stand for the digest and the type of the body.
        string_to_sign = f"{method}\n\n\n{date}\n{said}\n{resource}" + "\n" * self._final_newline
        signature = _hmac_sha1(keys.access_key_secret, string_to_sign)
        authorization = f"Visionular AccessKeyId={keys.access_key_id}, Signature={signature}"
        return query, {**headers, "date": date, **nonce, "authorization": authorization}


class BasicAuth:
    """HTTP Basic with fixed headers beside it; Visionular's Go SDK sends ``auth-type: use-basic``."""

    def __init__(
        self, credentials: Callable[[], Credentials], *, headers: Mapping[str, str] | None = None
    ) -> None:
        self._credentials = credentials
        self._headers = dict(headers or {})

    def signed(self, _method: str, _path: str, query: str, headers: Headers, /) -> tuple[str, Headers]:
        """Add the headers."""
        keys = self._credentials()
        pair = b64encode(f"{keys.access_key_id}:{keys.access_key_secret}".encode()).decode()
        return query, {**headers, **self._headers, "authorization": f"Basic {pair}"}


class StaticHeaderAuth:
    """One fixed header, for deployments behind a proxy that asks for it; its value is the secret."""

    def __init__(self, name: str, credentials: Callable[[], Credentials]) -> None:
        self._name = name.lower()
        self._credentials = credentials

    def signed(self, _method: str, _path: str, query: str, headers: Headers, /) -> tuple[str, Headers]:
        """Add the header."""
        return query, {**headers, self._name: self._credentials().access_key_secret}


class StaticQueryAuth:
    """One fixed query parameter, for deployments behind a proxy that asks for it; its value is the secret."""

    def __init__(self, name: str, credentials: Callable[[], Credentials]) -> None:
        self._name = name
        self._credentials = credentials

    def signed(self, _method: str, _path: str, query: str, headers: Headers, /) -> tuple[str, Headers]:
        """Add the parameter."""
        pairs = [*_pairs(query), (self._name, self._credentials().access_key_secret)]
        return canonical_query(pairs), headers


class NoAuth:
    """No signature at all, for deployments inside a trusted network."""

    def signed(self, _method: str, _path: str, query: str, headers: Headers, /) -> tuple[str, Headers]:
        """Add nothing."""
        return query, headers


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _hmac_sha1(key: str, text: str) -> str:
    return b64encode(hmac.digest(key.encode(), text.encode(), "sha1")).decode()
