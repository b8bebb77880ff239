"""Wires who may come in, and with what: everything that stands before an operation, made of settings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import msgspec

from gateway.access import keys
from gateway.access.authentication import Authentication
from gateway.access.points import OwnPurse, Purse, price
from gateway.access.principal import Principal
from gateway.access.scopes import scopes
from gateway.graph.limits import Limits
from gateway.graph.manifest import ManifestError, load
from gateway.graph.trusted import Mode, TrustedDocuments
from gateway.settings.access import Access
from gateway.settings.settings import Settings

if TYPE_CHECKING:
    from gateway.access.jwks import Fetch
    from gateway.access.tokens import Tokens
    from gateway.upstream.server import Server

_KEY_SET = 1_000_000
"""Bytes of a key set; real ones have some thousand."""

NOBODY = """\
Nobody may ask: no way to recognise clients is configured, and anonymous ones are not let in.

  API keys:         GATEWAY_ACCESS_KEYS=...            `gateway key NAME` makes one and prints what to set
  Bearer tokens:    GATEWAY_ACCESS_JWKS=https://...    with GATEWAY_ACCESS_JWT_ISSUER and _JWT_AUDIENCE
  Everybody:        GATEWAY_ACCESS_ANONYMOUS=true      where something in front decides who comes through

`gateway dev` is open to everybody on this machine."""


def problems(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with the entrance, each with its variable and remedy, without any value."""
    access = settings.access
    if not access.decided:
        yield NOBODY
    if access.keys is not None:
        try:
            if not keys.parse(access.keys.get_secret_value()):
                yield "GATEWAY_ACCESS_KEYS: holds no key; `gateway key NAME` makes one."
        except ValueError as error:
            yield f"GATEWAY_ACCESS_KEYS: {error}."
    try:
        scopes(access.anonymous_scopes.split(), strict=True)
    except ValueError as error:
        yield f"GATEWAY_ACCESS_ANONYMOUS_SCOPES: {error}."
    yield from _token_problems(access)
    dearest = price(calls=settings.limits.calls, fields=settings.limits.parts)
    if 0 < access.points_per_minute < dearest:
        yield (
            f"GATEWAY_ACCESS_POINTS_PER_MINUTE: must be 0 or at least {dearest}, which one query may cost by "
            "GATEWAY_LIMITS_CALLS and GATEWAY_LIMITS_PARTS."
        )
    if settings.documents.manifest is not None:
        try:
            load(Path(settings.documents.manifest))
        except ManifestError as error:
            yield f"GATEWAY_DOCUMENTS_MANIFEST: {error}"


# Tokens bring a library of cryptography with them: a tenth of a worker's memory, for those who take tokens.


def _token_problems(access: Access) -> Iterator[str]:
    if access.jwks is None and "jwt_algorithms" not in access.model_fields_set:
        return
    from gateway.access.tokens import ALGORITHMS  # noqa: PLC0415

    if not set(_words(access.jwt_algorithms)) <= set(ALGORITHMS):
        yield f"GATEWAY_ACCESS_JWT_ALGORITHMS: must be among {', '.join(ALGORITHMS)}."
    if access.jwks is not None and "://" not in access.jwks and not Path(access.jwks).is_file():
        yield "GATEWAY_ACCESS_JWKS: the file does not exist; correct the path or give an https:// URL."


def authentication(settings: Settings, http: httpx.AsyncClient) -> Authentication:
    """Return how clients are recognised."""
    access = settings.access
    anonymous = None
    if access.anonymous:
        allowed = scopes(access.anonymous_scopes.split(), strict=True)
        anonymous = Principal(name="anonymous", scopes=allowed)
    accepted = access.keys.get_secret_value() if access.keys else None
    return Authentication(
        keys=None if accepted is None else keys.Keys(keys.parse(accepted)),
        tokens=_tokens(access, http),
        anonymous=anonymous,
    )


def _tokens(access: Access, http: httpx.AsyncClient) -> Tokens | None:
    if access.jwks is None:
        return None
    from gateway.access.jwks import Jwks  # noqa: PLC0415
    from gateway.access.tokens import Expected, Tokens  # noqa: PLC0415

    fetch = _from_url(access.jwks, http) if "://" in access.jwks else _from_file(Path(access.jwks))
    expected = Expected(
        issuer=access.jwt_issuer or "",
        audience=access.jwt_audience or "",
        algorithms=_words(access.jwt_algorithms),
        leeway=access.jwt_leeway,
        claim=access.jwt_scope_claim,
        prefix=access.jwt_scope_prefix,
    )
    return Tokens(Jwks(fetch, refresh=access.jwks_refresh), expected, recheck=access.jwks_refresh)


def _from_file(path: Path) -> Fetch:
    return lambda: asyncio.to_thread(path.read_bytes)


def _from_url(url: str, http: httpx.AsyncClient) -> Fetch:
    async def fetch() -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(5), http.stream("GET", url) as answer:
                answer.raise_for_status()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _KEY_SET:
                        raise ValueError("too large")
        except httpx.HTTPError as error:
            raise OSError(type(error).__name__) from None
        return bytes(body)

    return fetch


def limits(settings: Settings) -> Limits:
    """Return what a request may amount to."""
    return msgspec.convert(settings.limits.model_dump(exclude={"suggestions"}), Limits)


def trusted(settings: Settings) -> TrustedDocuments:
    """Return the documents known by id."""
    chosen = settings.documents
    manifest = load(Path(chosen.manifest)) if chosen.manifest else None
    return TrustedDocuments(Mode(chosen.mode), manifest, remembered=chosen.remembered)


def purse(settings: Settings, server: Server | None) -> Purse | None:
    """Return everybody's points, counted in the server that replicas share; None where nobody counts."""
    points = settings.access.points_per_minute
    if not points:
        return None
    if server is None:
        return OwnPurse(points)
    # A gateway by itself takes less memory and starts sooner without what this needs.
    from gateway.access.shared_points import SharedPurse  # noqa: PLC0415

    processes = settings.lanes.replicas * settings.server.workers
    return SharedPurse(server, points, namespace=settings.lanes.namespace, replicas=processes)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
