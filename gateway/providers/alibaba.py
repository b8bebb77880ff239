"""What ApsaraVideo VOD and Intelligent Media Services share: Alibaba Cloud's RPC style.

A request is a POST with an empty body and every parameter in the query, as both generations of the official
SDK send it. The answer to a refusal is ``{"RequestId", "HostId", "Code", "Message", "Recommend"}`` with a
status that alone says little: a throttled call is HTTP 400.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import httpx
from msgspec import Struct

from gateway.domain.errors import (
    BadUserInput,
    Garbled,
    GatewayError,
    ProviderError,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from gateway.domain.provider import Outcomes
from gateway.domain.records import DEFAULT, Observation, Provider
from gateway.providers.outcomes import not_found
from gateway.providers.scalars import member, members, reading
from gateway.providers.signing import Signature, canonical_query, in_seconds, is_bare, utc_now
from gateway.providers.transfer import (
    Answer,
    Call,
    Limits,
    error_of_status,
    exchange,
    retry_after,
    sendable,
)
from gateway.transport.request import Endpoint

K = TypeVar("K")
T = TypeVar("T")

# Beginnings of error codes in lower case: documents disagree on ServiceUnavailable and ServiceUnAvailable,
# and most codes come with and without a suffix (Throttling, Throttling.User, Throttling.Api).
CODES: Mapping[str, type[ProviderError]] = {
    "throttling": Throttled,
    "requeststoofrequent": Throttled,
    "internalerror": Unavailable,
    "serviceunavailable": Unavailable,
    "invalidaccesskeyid": Unauthorized,
    "invalidtimestamp": Unauthorized,
    "signature": Unauthorized,
    "incompletesignature": Unauthorized,
    "invalidsignature": Unauthorized,
    "invalidsecuritytoken": Unauthorized,
    "missingsecuritytoken": Unauthorized,
    "forbidden": Unauthorized,
    "operationdenied": Unauthorized,
}

# ... of which these complain about the gateway's configuration, not about a missing thing.
_MISCONFIGURED = ("invalidaction", "invalidapi", "invalidproduct", "invalidversion", "projectnotfound")
# ... and these about the key itself: another one may do. A secret that was read half-way through a change of
# two files shows as a wrong signature.
_KEY_REFUSED = (
    "invalidaccesskeyid",
    "invalidsecuritytoken",
    "missingsecuritytoken",
    "signaturedoesnotmatch",
    "incompletesignature",
)
_BEGINS = re.compile(rb'\s*\{\s*"RequestId"\s*:\s*"([!#-~]{1,64})"')
_CLOCK_IS_OFF = "The provider does not accept the request's time: the gateway's clock is off."


class Reply(Struct, frozen=True, kw_only=True):
    """A successful answer's body, and where it came from."""

    body: bytes
    observation: Observation


class RpcEndpoint:
    """One product at one endpoint.

    Args:
        http: Shared client; must not follow redirects.
        auth: `Acs3Auth` or `RpcSha1Auth`.
        endpoint: Scheme and host, e.g. ``https://vod.cn-shanghai.aliyuncs.com``.
        provider: Which product this is.
        version: The product's API version.
        source: The account's name, for records.
        limits: What one call may cost.
        now: Clock for the time of observation.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        auth: Signature,
        endpoint: str,
        *,
        provider: Provider,
        version: str,
        limits: Limits,
        source: str = DEFAULT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._http = http
        self._auth = auth
        self._endpoint = Endpoint(httpx.URL(endpoint).copy_with(raw_path=b"/"))
        self._provider = provider
        self._version = version
        self._limits = limits
        self._source = source
        self._now = now

    async def call(self, operation: str, query: str) -> Reply:
        """Make one request and return its successful answer.

        Args:
            operation: The provider's name of it.
            query: Its parameters, as `canonical_query` writes them.

        Raises:
            ProviderError: There is none.
        """
        call = Call(provider=self._provider, operation=operation)
        answer = await exchange(
            self._http,
            self._auth,
            self._endpoint,
            method="POST",
            query=query,
            headers={
                "content-length": "0",
                "accept": "application/json",
                "x-acs-action": operation,
                "x-acs-version": self._version,
            },
            call=call,
            limits=self._limits,
        )
        request_id = judge(answer, call)
        observation = Observation(
            at=self._now(), operation=operation, request_id=request_id, source=self._source
        )
        return Reply(body=answer.body, observation=observation)

    async def look_up(
        self,
        operation: str,
        query: str,
        keys: Sequence[K],
        read: Callable[[Sequence[K], bytes, Observation], Outcomes[K, T]],
    ) -> Outcomes[K, T]:
        """Make one request for some keys; a refusal that says "not found" of a single key is its outcome."""
        try:
            reply = await self.call(operation, query)
        except Rejected as error:
            if len(keys) > 1 or not says_not_found(error.provider_code or ""):
                raise
            return {keys[0]: not_found(self._provider)}
        with reading(self._provider, reply.observation):
            return read(keys, reply.body, reply.observation)

    async def by_ids(
        self,
        operation: str,
        parameter: str,
        ids: Sequence[str],
        read: Callable[[Sequence[str], bytes, Observation], Outcomes[str, T]],
    ) -> Outcomes[str, T]:
        """Make one request for some ids; one that must not be sent is refused without harm to the others."""
        if "" not in ids and is_bare("".join(ids)):
            # Nearly always: there is nothing to refuse, and nothing to quote but what is between them.
            return await self.look_up(operation, f"{parameter}={'%2C'.join(ids)}", ids, read)
        asked: list[str] = []
        refused: dict[str, T | GatewayError] = {}
        for key in ids:
            try:
                asked.append(sendable(self._provider, key))
            except BadUserInput as error:
                refused[key] = error
        if not asked:
            return refused
        query = canonical_query([(parameter, ",".join(asked))])
        return {**refused, **await self.look_up(operation, query, asked, read)}


def judge(answer: Answer, call: Call) -> str | None:
    """Return the request id of a successful answer.

    Raises:
        ProviderError: The answer is a refusal, or no JSON object.
    """
    if answer.status == httpx.codes.OK and (told := _told_at_once(answer.body)):
        return told
    envelope = members(answer.body)
    by_status = error_of_status(answer.status)
    if envelope is None:
        # A proxy's page: where its status does not speak for itself, the call was not judged by the provider.
        raise call.failed(
            by_status if by_status in {Throttled, Unavailable, Unauthorized} else Garbled,
            retry_after=retry_after(answer.headers),
        )
    code = member(envelope, "code")
    request_id = member(envelope, "requestid")
    kind = by_status if code is None else error_of_code(code) or by_status or Rejected
    if kind is None:
        return request_id
    raise call.failed(
        kind,
        message=_CLOCK_IS_OFF if code == "InvalidTimeStamp.Expired" else None,
        request_id=request_id,
        provider_code=code,
        retry_after=retry_after(answer.headers),
    )


def _told_at_once(body: bytes) -> str | None:
    """Return the request id of an answer that begins with it and nowhere has a code; None for any other.

    To look for these two among all members takes as long as reading most of them, and long answers are
    successes.
    """
    begins = _BEGINS.match(body)
    if begins is None or b"\\" in body:
        return None
    lowered = body.lower()
    if b'"code"' in lowered or lowered.count(b'"requestid"') > 1:
        return None
    return begins[1].decode()


def error_of_code(code: str) -> type[ProviderError] | None:
    """Return what an error code says went wrong; None for a code that only the status explains."""
    lowered = code.lower()
    known = next((kind for beginning, kind in CODES.items() if lowered.startswith(beginning)), None)
    return known or (Rejected if says_not_found(code) else None)


def refuses_key(error: ProviderError) -> bool:
    """Whether an error says that the key is no good, rather than the clock or what the key may do."""
    return (error.provider_code or "").lower().startswith(_KEY_REFUSED)


def says_not_found(code: str) -> bool:
    """Whether an error code says that the thing asked for does not exist."""
    lowered = code.lower()
    return (lowered.endswith("notfound") or lowered == "nosuchresource") and not lowered.startswith(
        (*CODES, *_MISCONFIGURED)
    )


def window(start: datetime | None, end: datetime | None, *, names: tuple[str, str]) -> dict[str, str]:
    """Return the parameters that bound a creation time, in whole seconds; None leaves a side open.

    Whether the bounds are inclusive is not documented, but the end has to be later than the start: a window
    within one second ends with the next.
    """
    if start is not None and end is not None:
        end = max(end, start + timedelta(seconds=1))
    return {
        name: in_seconds(time) for name, time in zip(names, (start, end), strict=True) if time is not None
    }
