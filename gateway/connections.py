"""Wires how the providers are called: endpoints, keys and clients, made of settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import httpx
import msgspec

from gateway.credentials import chain
from gateway.credentials.files import Files
from gateway.credentials.guard import Guarded
from gateway.credentials.renewed import Renewed
from gateway.credentials.source import CredentialSource, Fixed
from gateway.domain.provider import Operation, ProviderClient, Verb
from gateway.domain.records import Provider
from gateway.domain.sources import Source, Whom, name_of, whom
from gateway.providers import alibaba, signing
from gateway.providers.ims.client import OPERATIONS as IMS_OPERATIONS
from gateway.providers.ims.client import ImsClient
from gateway.providers.signing import Credentials
from gateway.providers.visionular import client as visionular
from gateway.providers.vod.client import OPERATIONS as VOD_OPERATIONS
from gateway.providers.vod.client import VodClient
from gateway.settings.accounts import one_of
from gateway.settings.providers import (
    Alibaba,
    Ims,
    ImsAccount,
    Visionular,
    VisionularAccount,
    Vod,
    VodAccount,
)
from gateway.settings.settings import Settings

Account = VodAccount | ImsAccount | VisionularAccount


def problems(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with how providers are called, each with its variable and remedy."""
    for whose, section in _accounts(settings):
        setting = f"GATEWAY_{whose}" if isinstance(whose, Provider) else _table(whose)
        if isinstance(section, Alibaba) and section.credentials == "chain" and not chain.installed():
            yield f"{setting}_CREDENTIALS: {chain.MISSING}"
        if settings.lanes.store is not None and section.account_name is None:
            yield (
                f"{setting}_ACCOUNT: give the account a name, any, the same at all replicas: keys that "
                "change do not tell those who share GATEWAY_LANES_STORE whose records they share."
            )


def clients(settings: Settings, http: httpx.AsyncClient) -> Iterator[ProviderClient]:
    """Yield a client for every account of a provider that is configured."""
    limits = settings.http
    # Two products of one account ask for the same keys: one look-up serves both.
    renewed = cache(lambda role, sts: Renewed(chain.Chain(role_arn=role, sts_endpoint=sts)))
    for whose, section in _accounts(settings):
        name = name_of(whose)
        match section:
            case VodAccount():
                keys = _alibaba_keys(section, renewed)
                vod = VodClient(
                    http,
                    _alibaba_auth(section, keys),
                    _endpoint(section, "vod"),
                    operations=_paced(VOD_OPERATIONS, section.calls_per_second),
                    source=name,
                    total_timeout=limits.total_timeout,
                    max_body_bytes=limits.max_answer,
                )
                yield Guarded(vod, keys, alibaba.refuses_key)
            case ImsAccount():
                keys = _alibaba_keys(section, renewed)
                ims = ImsClient(
                    http,
                    _alibaba_auth(section, keys),
                    _endpoint(section, "ice"),
                    operations=_paced(IMS_OPERATIONS, section.calls_per_second),
                    video_id_path=section.video_id_path,
                    source=name,
                    total_timeout=limits.total_timeout,
                    max_body_bytes=limits.max_answer,
                )
                yield Guarded(ims, keys, alibaba.refuses_key)
            case VisionularAccount():
                keys = _visionular_keys(section)
                third = visionular.VisionularClient(
                    http,
                    _visionular_auth(section, keys),
                    section.url or "",
                    prefix=section.path,
                    operations=_paced(_offered(section), section.calls_per_second),
                    source=name,
                    total_timeout=limits.total_timeout,
                    max_body_bytes=limits.max_answer,
                )
                yield Guarded(third, keys, visionular.refuses_key)


def accounts(settings: Settings) -> dict[Whom, str]:
    """Name account and endpoint of each source, for the keys of a store that others may use too."""
    return {whose: f"{section.account_name}@{_address(section)}" for whose, section in _accounts(settings)}


def _accounts(settings: Settings) -> Iterator[tuple[Whom, Account]]:
    """Yield every account that is configured, the default ones first."""
    sections: tuple[tuple[Provider, Vod | Ims | Visionular], ...] = (
        (Provider.VOD, settings.vod),
        (Provider.IMS, settings.ims),
        (Provider.VISIONULAR, settings.visionular),
    )
    for provider, section in sections:
        if section.configured:
            yield provider, section
    for provider, section in sections:
        for name, account in section.sources.items():
            yield whom(provider, name), account


def _table(source: Source) -> str:
    return f"{source.provider.lower()}.sources.{source.name}"


def _address(section: Account) -> str:
    match section:
        case VodAccount():
            return _endpoint(section, "vod")
        case ImsAccount():
            return _endpoint(section, "ice")
        case VisionularAccount():
            return f"{section.url}{section.path}"


def _offered(section: VisionularAccount) -> dict[Verb, Operation]:
    return {
        verb: operation
        for verb, operation in visionular.OPERATIONS.items()
        if verb is not Verb.TASK_BY_ID or section.query_task
    }


def _paced(operations: Mapping[Verb, Operation], per_second: float) -> dict[Verb, Operation]:
    return {
        verb: msgspec.structs.replace(operation, per_second=per_second)
        for verb, operation in operations.items()
    }


def _endpoint(section: Alibaba, product: str) -> str:
    # The documented form, not the SDKs' endpoint map: the map sends most regions to a central host, where a
    # region's videos cannot be read.
    endpoint = section.endpoint or f"{product}.{section.region}.aliyuncs.com"
    return endpoint if "://" in endpoint else f"https://{endpoint}"


def _keys(
    key_id: str | Path | None, secret: str | Path | None, token: str | Path | None = None
) -> CredentialSource:
    if isinstance(key_id, Path) or isinstance(secret, Path) or isinstance(token, Path):
        return Files(key_id=key_id or "", secret=secret or "", token=token)
    return Fixed(
        Credentials(access_key_id=key_id or "", access_key_secret=secret or "", security_token=token or None)
    )


def _alibaba_keys(
    section: Alibaba, renewed: Callable[[str | None, str | None], CredentialSource]
) -> CredentialSource:
    if section.credentials == "chain":
        return renewed(section.role_arn, section.sts_endpoint)
    return _keys(
        one_of(section, "access_key_id"),
        one_of(section, "access_key_secret"),
        one_of(section, "security_token"),
    )


def _visionular_keys(section: VisionularAccount) -> CredentialSource:
    if section.auth in {"header", "query"}:
        return _keys(None, one_of(section, "static_value"))
    return _keys(one_of(section, "access_key"), one_of(section, "secret_key"))


def _alibaba_auth(section: Alibaba, source: CredentialSource) -> signing.Signature:
    scheme = signing.Acs3Auth if section.signature == "acs3" else signing.RpcSha1Auth
    return scheme(source.current)


def _visionular_auth(section: VisionularAccount, source: CredentialSource) -> signing.Signature:
    name = section.static_name or ""
    match section.auth:
        case "hmac":
            return signing.VisionularAuth(source.current, final_newline=section.final_newline)
        case "basic":
            # The provider's own Go SDK sends this header beside HTTP Basic.
            return signing.BasicAuth(source.current, headers={"auth-type": "use-basic"})
        case "header":
            return signing.StaticHeaderAuth(name, source.current)
        case "query":
            return signing.StaticQueryAuth(name, source.current)
        case "none":
            return signing.NoAuth()
