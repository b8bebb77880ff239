"""The composition root: opens, wires, closes. The only place that knows every room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

import httpx
import msgspec
from litestar import Litestar
from pydantic import SecretStr

from gateway import entrance
from gateway.domain.provider import Operation, ProviderClient, Verb
from gateway.domain.records import Provider
from gateway.graph.engine import Engine
from gateway.listing.cursor import Cursors
from gateway.providers import signing
from gateway.providers.ims.client import OPERATIONS as IMS_OPERATIONS
from gateway.providers.ims.client import ImsClient
from gateway.providers.signing import Credentials
from gateway.providers.visionular.client import OPERATIONS as VISIONULAR_OPERATIONS
from gateway.providers.visionular.client import VisionularClient
from gateway.providers.vod.client import OPERATIONS as VOD_OPERATIONS
from gateway.providers.vod.client import VodClient
from gateway.settings.providers import Alibaba, Visionular
from gateway.settings.reader import read
from gateway.settings.settings import Settings
from gateway.upstream.policy import MemoryPolicy, Policy, QuotaPolicy, Windows
from gateway.upstream.stack import Upstream
from gateway.web.endpoint import GraphQLEndpoint
from gateway.web.overload import Gate
from gateway.web.pages import graphiql_page
from gateway.web.samples import samples
from gateway.web.site import PATH, site


def create_app(settings: Settings | None = None) -> Litestar:
    """Return the gateway as an ASGI application.

    Args:
        settings: None reads this process's environment.

    Raises:
        SettingsError: The environment's settings cannot be used.
    """
    settings = settings or read()
    http = http_client(settings)
    upstream = Upstream(
        clients(settings, http),
        _policy(settings),
        store=_revealed(settings.lanes.store) or None,
        namespace=settings.lanes.namespace,
        scopes=_scopes(settings),
    )
    server = settings.server
    points = entrance.points_server(settings)
    engine = Engine(
        upstream,
        request_timeout=server.request_timeout,
        limits=entrance.limits(settings),
        suggestions=settings.limits.suggestions,
        purse=entrance.purse(settings, points),
        trusted=entrance.trusted(settings),
        cursors=Cursors(_revealed(server.cursor_secret) or None),
    )

    @asynccontextmanager
    async def running(_app: Litestar) -> AsyncIterator[None]:
        async with http:
            await upstream.start()
            try:
                yield
            finally:
                await upstream.close()
                if points is not None:
                    await points.close()

    page = None
    if server.graphiql:
        video_ids = [video_id for video_id in server.sample_videos.split(",") if video_id]
        origin = f"http://{server.host}:{server.port}"
        page = graphiql_page(samples(video_ids), endpoint=PATH, origin=origin)
    endpoint = GraphQLEndpoint(
        engine,
        page,
        authentication=entrance.authentication(settings, http),
        gate=Gate(running=server.concurrency, waiting=server.queue, patience=server.queue_timeout),
        preflight=server.preflight,
        max_body=server.max_body,
        body_timeout=server.body_timeout,
    )
    return site(
        endpoint,
        graphiql=server.graphiql,
        hosts=server.hosts,
        cors_origins=server.cors_origins,
        lifespan=[running],
    )


def http_client(settings: Settings) -> httpx.AsyncClient:
    """Return the one client that all provider calls go through."""
    timeout = httpx.Timeout(settings.http.total_timeout, connect=settings.http.connect_timeout)
    # A redirect would carry a signed request to wherever the answer says; the environment's proxies and
    # .netrc are not asked, since what is sent to whom is this configuration's business alone.
    return httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False)


def clients(settings: Settings, http: httpx.AsyncClient) -> Iterator[ProviderClient]:
    """Yield a client for every provider that is configured."""
    limits = settings.http
    if settings.vod.configured:
        yield VodClient(
            http,
            _alibaba_auth(settings.vod),
            _endpoint(settings.vod, "vod"),
            total_timeout=limits.total_timeout,
            max_body_bytes=limits.max_answer,
            operations=_paced(VOD_OPERATIONS, settings.vod.calls_per_second),
        )
    if settings.ims.configured:
        yield ImsClient(
            http,
            _alibaba_auth(settings.ims),
            _endpoint(settings.ims, "ice"),
            total_timeout=limits.total_timeout,
            max_body_bytes=limits.max_answer,
            operations=_paced(IMS_OPERATIONS, settings.ims.calls_per_second),
            video_id_path=settings.ims.video_id_path,
        )
    if settings.visionular.configured:
        yield VisionularClient(
            http,
            _visionular_auth(settings.visionular),
            settings.visionular.url or "",
            prefix=settings.visionular.path,
            total_timeout=limits.total_timeout,
            max_body_bytes=limits.max_answer,
            operations=_paced(
                {
                    verb: operation
                    for verb, operation in VISIONULAR_OPERATIONS.items()
                    if verb is not Verb.TASK_BY_ID or settings.visionular.query_task
                },
                settings.visionular.calls_per_second,
            ),
        )


def _policy(settings: Settings) -> Policy:
    lanes, usual = settings.lanes, Policy()
    replaced = msgspec.structs.replace
    moving = Windows(fresh=lanes.moving_fresh, stale=lanes.moving_stale, kept=usual.freshness.moving.kept)
    finished = replaced(usual.freshness.finished, fresh=lanes.finished_fresh)
    return Policy(
        freshness=replaced(usual.freshness, moving=moving, finished=finished),
        refresh=replaced(usual.refresh, share=lanes.refresh_share, hot_for=lanes.hot_for),
        quota=QuotaPolicy(share=lanes.quota_share, burst=lanes.quota_burst, replicas=lanes.replicas),
        queue=replaced(
            usual.queue, patience=settings.server.request_timeout, call_timeout=settings.http.total_timeout
        ),
        memory=MemoryPolicy(entries=lanes.memory_entries, bytes=lanes.memory_bytes),
        circuit=replaced(usual.circuit, measure_only=lanes.circuit_measure_only),
    )


def _scopes(settings: Settings) -> dict[Provider, str]:
    """Name account and endpoint of each provider, for the keys of a store that others may use too."""
    visionular = settings.visionular
    return {
        Provider.VOD: f"{settings.vod.access_key_id}@{_endpoint(settings.vod, 'vod')}",
        Provider.IMS: f"{settings.ims.access_key_id}@{_endpoint(settings.ims, 'ice')}",
        Provider.VISIONULAR: f"{visionular.access_key}@{visionular.url}{visionular.path}",
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


def _alibaba_auth(section: Alibaba) -> httpx.Auth:
    credentials = Credentials(
        access_key_id=section.access_key_id or "",
        access_key_secret=_revealed(section.access_key_secret),
        security_token=_revealed(section.security_token) or None,
    )
    scheme = signing.Acs3Auth if section.signature == "acs3" else signing.RpcSha1Auth
    return scheme(lambda: credentials)


def _visionular_auth(section: Visionular) -> httpx.Auth:
    credentials = Credentials(
        access_key_id=section.access_key or "", access_key_secret=_revealed(section.secret_key)
    )
    name, value = section.static_name or "", _revealed(section.static_value)
    match section.auth:
        case "hmac":
            return signing.VisionularAuth(lambda: credentials, final_newline=section.final_newline)
        case "basic":
            # The provider's own Go SDK sends this header beside HTTP Basic.
            return signing.BasicAuth(lambda: credentials, headers={"auth-type": "use-basic"})
        case "header":
            return signing.StaticHeaderAuth(name, value)
        case "query":
            return signing.StaticQueryAuth(name, value)
        case "none":
            return signing.NoAuth()


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
