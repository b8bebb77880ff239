"""What VOD and IMS have in common: one gateway stands in front of every Alibaba Cloud product.

It knows versions and operations, checks keys, dates, nonces and signatures, and words refusals; only then
does a product see the call. The order of the checks is not documented; this is as good as any.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from hashlib import sha256
from random import Random
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from gateway.sandbox import signatures
from gateway.sandbox.credentials import Keyring
from gateway.sandbox.face import Face, Listing
from gateway.sandbox.messages import Answer, RefusalError, Request
from gateway.sandbox.parameters import identifiers, instant, missing
from gateway.sandbox.world import World

ROOT: Final = "/"
SKEW: Final = 15 * 60  # seconds a signature's date may be off
NONCES: Final = 100_000  # remembered at most; at 15 calls a second dates expire long before

Operation = Callable[[Mapping[str, str]], dict[str, Any]]


class AlibabaFace(ABC):
    """The common part of the two faces. A product states its name, its version and its operations."""

    provider: ClassVar[str]
    product: ClassVar[str]
    version: ClassVar[str]
    id_parameters: ClassVar[tuple[str, ...]]

    def __init__(self, world: World, keys: Keyring, entropy: Random) -> None:
        self.world = world
        self._keys, self._entropy = keys, entropy
        self._nonces: dict[str, float] = {}
        self._operations = self._offer()
        self.operations = tuple(self._operations)

    def serves(self, request: Request) -> bool:
        """Tell the product by the version of its API: the SDKs call all products at the same path."""
        version = request.parameters.get("Version") or request.header.get("x-acs-version")
        return request.path == ROOT and version == self.version

    def operation(self, request: Request) -> str:
        """Name the operation, which ACS3 puts into a header and the RPC scheme into the query."""
        if request.method not in {"GET", "POST"}:
            raise RefusalError(400, "UnsupportedHTTPMethod", "This http method is not supported.")
        name = request.parameters.get("Action") or request.header.get("x-acs-action", "")
        if name not in self._operations:
            raise RefusalError(
                404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."
            )
        return name

    def authenticate(self, request: Request, now: float) -> None:
        """Check the signature, whichever of the two schemes it follows."""
        authorization = request.header.get("authorization")
        if authorization is not None:
            nonce = self._check_acs3(request, authorization, now)
        elif "AccessKeyId" in request.parameters or "Signature" in request.parameters:
            nonce = self._check_rpc(request, now)
        else:
            raise RefusalError(
                400, "IncompleteSignature", "The request signature does not conform to standards."
            )
        # A nonce counts as used only once the signature held, so that nobody can spoil another's.
        if nonce:
            self._nonces[nonce] = now
            if len(self._nonces) > NONCES:
                del self._nonces[next(iter(self._nonces))]

    def ids(self, request: Request) -> list[str]:
        """List the ids in the parameters that carry some."""
        return [one for name in self.id_parameters for one in identifiers(request.parameters.get(name, ""))]

    def throttled(self) -> RefusalError:
        """Word the refusal of a call beyond the quota: HTTP 400, as the whole family does, not 429."""
        return RefusalError(400, "Throttling.User", "Request was denied due to user flow control.")

    def broken(self, status: int) -> RefusalError:
        """Word the product's own failure, in the spelling of its error page."""
        if status == 503:  # noqa: PLR2004 - HTTP's own number
            message = "The request has failed due to a temporary failure of the server."
            return RefusalError(status, "ServiceUnAvailable", message)
        return RefusalError(
            status, "InternalError", "The request processing has failed due to some unknown error."
        )

    def answer(self, operation: str, request: Request) -> Answer:
        """Answer the call in JSON."""
        parameters = request.parameters
        if parameters.get("Format", "JSON").upper() != "JSON":
            raise RefusalError(
                400, "InvalidFormat", "Specified Format is not valid. Only JSON is offered here."
            )
        request_id = self._request_id()
        body = {"RequestId": request_id, **self._operations[operation](parameters)}
        return Answer(200, msgspec.json.encode(body), headers=(("x-acs-request-id", request_id),))

    def refuse(self, refusal: RefusalError) -> Answer:
        """Put a refusal into the envelope; every value is a string."""
        request_id = self._request_id()
        product = self.product
        body = {
            "RequestId": request_id,
            "HostId": f"{product}.cn-shanghai.aliyuncs.com",
            "Code": refusal.code,
            "Message": refusal.message,
            "Recommend": "https://api.aliyun.com/troubleshoot"
            f"?q={refusal.code}&product={product}&requestId={request_id}",
        }
        return Answer(refusal.status, msgspec.json.encode(body), headers=(("x-acs-request-id", request_id),))

    @abstractmethod
    def listings(self, limit: int) -> Mapping[str, Listing]:
        """List ids by kind and state."""

    def forget(self) -> None:
        """Forget the nonces seen."""
        self._nonces.clear()

    @abstractmethod
    def _offer(self) -> Mapping[str, Operation]:
        """Name the product's operations."""

    def _request_id(self) -> str:
        return str(UUID(int=self._entropy.getrandbits(128), version=4)).upper()

    def _check_acs3(self, request: Request, authorization: str, now: float) -> str:
        claim = signatures.acs3_claim(authorization)
        if claim is None:
            message = f"The request signature does not conform to standards: {signatures.ACS3} is expected."
            raise RefusalError(400, "IncompleteSignature", message)
        header = request.header
        for name in ("x-acs-date", "x-acs-content-sha256"):
            if name not in header:
                raise RefusalError(400, f"Missing{name}", f"{name} is mandatory for this action.")
        secret = self._secret(claim.key_id, header.get("x-acs-security-token"))
        self._check_date(header["x-acs-date"], now)
        nonce = header.get("x-acs-signature-nonce", "")
        self._check_nonce(nonce, now)
        # Content-type may go unsigned although the documents ask for it: the official async client's HTTP
        # library adds one after signing.
        needed = {name for name in header if name == "host" or name.startswith("x-acs-")}
        if unsigned := sorted(needed.difference(claim.signed_headers)):
            message = f"These headers must be signed: {', '.join(unsigned)}."
            raise RefusalError(400, "IncompleteSignature", message)
        expected = signatures.acs3_signature(request, claim.signed_headers, secret)
        body_is_as_signed = header["x-acs-content-sha256"] == sha256(request.body).hexdigest()
        if not (signatures.same(claim.signature, expected) and body_is_as_signed):
            raise RefusalError(
                400, "SignatureDoesNotMatch", "Specified signature does not match our calculation."
            )
        return nonce

    def _check_rpc(self, request: Request, now: float) -> str:
        parameters = request.parameters
        for name in (
            "AccessKeyId",
            "Signature",
            "SignatureMethod",
            "SignatureNonce",
            "SignatureVersion",
            "Timestamp",
        ):
            if not parameters.get(name):
                raise missing(name)
        if (parameters["SignatureMethod"], parameters["SignatureVersion"]) != ("HMAC-SHA1", "1.0"):
            raise RefusalError(400, "InvalidSignatureMethod", "Specified signature method is not valid.")
        secret = self._secret(parameters["AccessKeyId"], parameters.get("SecurityToken"))
        self._check_date(parameters["Timestamp"], now)
        self._check_nonce(parameters["SignatureNonce"], now)
        text = signatures.rpc_string_to_sign(request.method, request.query_pairs + request.form_pairs)
        if not signatures.same(parameters["Signature"], signatures.rpc_signature(text, secret)):
            # The legacy SDK splits this message at its first colon to find out whether the secret is to
            # blame.
            message = "Specified signature is not matched with our calculation. server string to sign is:"
            raise RefusalError(400, "SignatureDoesNotMatch", message + text)
        return parameters["SignatureNonce"]

    def _secret(self, key_id: str, token: str | None) -> str:
        if token and self._keys.ended(token):
            raise RefusalError(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
        known = self._keys.alibaba(key_id)
        if known is None:
            raise RefusalError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        secret, expected = known
        if expected is not None and not token:
            raise RefusalError(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
        if token and (expected is None or not signatures.same(token, expected)):
            message = "Specified SecurityToken does not match the AccessKey."
            raise RefusalError(400, "InvalidSecurityToken.MismatchWithAccessKey", message)
        return secret

    def _check_date(self, text: str, now: float) -> None:
        moment = instant(text)
        if moment is None:
            message = "Specified time stamp or date value is not well formatted."
            raise RefusalError(400, "InvalidTimeStamp.Format", message)
        if abs(moment - now) > SKEW:
            message = "Specified time stamp or date value is expired."
            raise RefusalError(400, "InvalidTimeStamp.Expired", message)

    def _check_nonce(self, nonce: str, now: float) -> None:
        # A nonce older than the widest span of acceptable dates cannot come back with a valid date.
        while self._nonces and next(iter(self._nonces.values())) < now - 2 * SKEW:
            del self._nonces[next(iter(self._nonces))]
        if nonce in self._nonces:
            raise RefusalError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")


def unknown_version(face: Face) -> Answer:
    """Answer a call for an API version that no product here has; any face can word it."""
    return face.refuse(RefusalError(400, "InvalidVersion", "Specified parameter Version is not valid."))
