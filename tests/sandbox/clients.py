"""Callers of the sandbox: they sign as the providers ask and speak to it in process."""

from base64 import b64encode
from email.utils import formatdate
from hashlib import sha256
from itertools import count
from types import TracebackType
from typing import Any, Self

import httpx

from gateway.sandbox.app import Sandbox
from gateway.sandbox.messages import Request, iso
from gateway.sandbox.signatures import acs3_signature, canonical, rpc_signature, rpc_string_to_sign

START = 1_795_000_000.25  # the tests' moment: 2026-11-18
VOD, IMS = "2017-03-21", "2020-11-09"
NONCES = count()


class Clock:
    """A clock that moves only when told."""

    def __init__(self, moment: float = START) -> None:
        self.moment = moment

    def __call__(self) -> float:
        """Tell the time."""
        return self.moment


def acs3(
    action: str,
    version: str,
    parameters: dict[str, str],
    now: float,
    *,
    method: str = "GET",
    host: str = "sandbox",
    body: bytes = b"",
    key_id: str = "sandboxAccessKeyId",
    secret: str = "sandboxAccessKeySecret",  # noqa: S107 - public, like all of the sandbox's keys
    **more: str,
) -> tuple[str, dict[str, str]]:
    """Sign a call by ACS3-HMAC-SHA256; returns URL and headers. Further headers are signed as given."""
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-version": version,
        "x-acs-date": iso(int(now)),
        "x-acs-signature-nonce": f"nonce-{next(NONCES)}",
        "x-acs-content-sha256": sha256(body).hexdigest(),
    } | {name.replace("_", "-"): value for name, value in more.items()}
    query = canonical(parameters.items())
    signature = acs3_signature(Request(method, "/", query, tuple(headers.items()), body), headers, secret)
    signed = ";".join(sorted(headers))
    headers["authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={signed},Signature={signature}"
    )
    return f"/?{query}", headers


def rpc(
    action: str,
    version: str,
    parameters: dict[str, str],
    now: float,
    *,
    method: str = "GET",
    secret: str = "sandboxAccessKeySecret",  # noqa: S107 - public, like all of the sandbox's keys
) -> dict[str, str]:
    """Sign a call by RPC HMAC-SHA1; returns all parameters. Those given override the scheme's own."""
    signed = {
        "Action": action,
        "Version": version,
        "Format": "JSON",
        "AccessKeyId": "sandboxAccessKeyId",
        "Timestamp": iso(int(now)),
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": f"nonce-{next(NONCES)}",
        "SignatureType": "",
    } | parameters
    signed["Signature"] = rpc_signature(rpc_string_to_sign(method, signed.items()), secret)
    return signed


class Caller:
    """A client of all three providers and of the control surface."""

    def __init__(self, app: Sandbox) -> None:
        self.app = app
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def vod(self, action: str, fault: str = "", /, **parameters: str) -> httpx.Response:
        """Call an operation of VOD."""
        return await self._acs3(action, VOD, fault, parameters)

    async def ims(self, action: str, fault: str = "", /, **parameters: str) -> httpx.Response:
        """Call an operation of IMS."""
        return await self._acs3(action, IMS, fault, parameters)

    async def visionular(self, path: str, fault: str = "", /, **parameters: str | int) -> httpx.Response:
        """Call an operation of Visionular, by HTTP Basic."""
        key = b64encode(b"sandboxAccessKey:sandboxSecretKey").decode()
        headers = {"authorization": f"Basic {key}", "date": formatdate(self.app.world.now(), usegmt=True)}
        return await self.http.get(path, params=parameters, headers=headers | _fault(fault))

    async def ids(self, **parameters: str | int) -> dict[str, Any]:
        """Ask the sandbox which ids there are."""
        answer: dict[str, Any] = (await self.http.get("/_sandbox/ids", params=parameters)).json()
        return answer

    async def calls(self, operation: str) -> dict[str, int]:
        """Ask the sandbox what became of the calls of an operation."""
        answer: dict[str, int] = (await self.http.get("/_sandbox/calls")).json()[operation]
        return answer

    async def _acs3(
        self, action: str, version: str, fault: str, parameters: dict[str, str]
    ) -> httpx.Response:
        url, headers = acs3(action, version, parameters, self.app.world.now())
        return await self.http.get(url, headers=headers | _fault(fault))


def _fault(fault: str) -> dict[str, str]:
    return {"x-sandbox-fault": fault} if fault else {}
