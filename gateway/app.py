"""The composition root: opens, wires, closes. The only place that knows every room."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import msgspec
from litestar import Litestar
from pydantic import SecretStr

from gateway import connections, entrance
from gateway.doors import doors
from gateway.graph.engine import Engine, Subscriptions
from gateway.graph.federation import subgraph
from gateway.graph.schema import schema
from gateway.listing.cursor import Cursors
from gateway.live.policy import WatchPolicy
from gateway.live.watches import Watches
from gateway.settings.reader import read
from gateway.settings.server import url_from_here
from gateway.settings.settings import Settings
from gateway.telemetry import readings
from gateway.telemetry.exposition import CONTENT_TYPE
from gateway.telemetry.room import Options, Telemetry
from gateway.transport.client import Client
from gateway.transport.pool import Pool
from gateway.upstream.policy import MemoryPolicy, Policy, QuotaPolicy, Windows
from gateway.upstream.stack import Upstream
from gateway.web import afterwards
from gateway.web.board import board_handlers
from gateway.web.bodies import Bodies
from gateway.web.callbacks import callback_handler
from gateway.web.drain import Application, Drain
from gateway.web.endpoint import GraphQLEndpoint
from gateway.web.metrics import metrics_handler
from gateway.web.overload import Gate
from gateway.web.pages import graphiql_page
from gateway.web.recall import Recall
from gateway.web.replies import Replies
from gateway.web.samples import samples
from gateway.web.sessions import SessionPolicy, Sessions
from gateway.web.site import PATH, site
from gateway.web.socket_services import SocketServices
from gateway.web.sockets import Sockets


def create_app(settings: Settings | None = None, drain: Drain | None = None) -> Application:
    """Return the gateway as an ASGI application.

    Args:
        settings: None reads this process's environment.
        drain: Knows whether the process is about to end; None never is.

    Raises:
        SettingsError: The environment's settings cannot be used.
    """
    settings = settings or read()
    drain = drain or Drain()
    telemetry = Telemetry(_told(settings))
    http = http_client(settings)
    telemetry.instrument(http)
    upstream = Upstream(
        connections.clients(settings, http),
        _policy(settings),
        observe=telemetry.calls,
        found=telemetry.found,
        store=_revealed(settings.lanes.store) or None,
        namespace=settings.lanes.namespace,
        scopes=connections.accounts(settings),
    )
    server, live = settings.server, settings.live
    watches = Watches(upstream, WatchPolicy(share=live.share, quick=live.quick, slow=live.slow))
    sessions = Sessions(_sessions(settings))
    drain.closes(sessions.close)
    engine = Engine(
        upstream,
        request_timeout=server.request_timeout,
        limits=entrance.limits(settings),
        suggestions=settings.limits.suggestions,
        purse=entrance.purse(settings, upstream.store),
        trusted=entrance.trusted(settings),
        cursors=Cursors(_revealed(server.cursor_secret) or None),
        graph=subgraph() if server.federation else schema,
        reuse=settings.answers.memory_bytes,
        incremental=settings.answers.incremental,
        subscriptions=Subscriptions(watches=watches, ids=live.ids),
    )

    @asynccontextmanager
    async def running(_app: Litestar) -> AsyncIterator[None]:
        async with telemetry.opened(), http:
            await upstream.start()
            try:
                yield
            finally:
                await sessions.close()
                watches.close()
                await upstream.close()

    page = None
    if server.graphiql:
        origin = url_from_here(server.host, server.port)
        page = graphiql_page(samples(_videos(settings)), endpoint=PATH, origin=origin)
    gate = Gate(running=server.concurrency, waiting=server.queue, patience=server.queue_timeout)
    telemetry.watch(lambda: readings.gate(gate))
    # Numbers are those of all workers: where each has a part of the quota, the whole is so many times that.
    parts = server.workers if settings.lanes.store is None else 1
    telemetry.watch(lambda: readings.lanes(upstream.status(), parts=parts))
    telemetry.watch(lambda: readings.memory(upstream.memory))
    telemetry.watch(lambda: readings.sessions(sessions))
    telemetry.watch(lambda: readings.watches(watches))
    if upstream.store is not None:
        telemetry.watch(partial(readings.store, "lanes", upstream.store))
    authentication = entrance.authentication(settings, http)
    replies = Replies(public=settings.answers.public, compress_from=settings.answers.compress_from)
    bodies = Bodies(most=server.max_body, seconds=server.body_timeout)
    endpoint = GraphQLEndpoint(
        engine,
        page,
        authentication=authentication,
        gate=gate,
        replies=replies,
        exchanges=telemetry.exchanges,
        sessions=sessions,
        sockets=Sockets(
            SocketServices(
                engine=engine,
                authentication=authentication,
                gate=gate,
                sessions=sessions,
                exchanges=telemetry.exchanges,
            ),
            origins=frozenset(server.cors_origins.replace(",", " ").split()),
        ),
        preflight=server.preflight,
        bodies=bodies,
    )
    callbacks = []
    for door in doors(settings.push, upstream):
        telemetry.watch(partial(readings.door, door))
        callbacks.append(
            callback_handler(door, Bodies(most=settings.push.max_body, seconds=server.body_timeout))
        )
    board = (
        board_handlers(_videos(settings), endpoint=PATH, calls=settings.limits.calls) if server.board else []
    )
    metrics = [metrics_handler(telemetry.exposition, CONTENT_TYPE)] if settings.telemetry.metrics else []
    app = site(
        endpoint,
        drain=drain,
        graphiql=server.graphiql,
        more=[*callbacks, *metrics, *board],
        hosts=server.hosts,
        cors_origins=server.cors_origins,
        lifespan=[running],
    )
    if settings.answers.memory_bytes:
        recall = Recall(
            PATH,
            engine,
            replies=replies,
            exchanges=telemetry.exchanges,
            authentication=authentication,
            closing=lambda: drain.draining,
        )
        app = recall.offered_by(app)
    return afterwards.around(app)


def _videos(settings: Settings) -> list[str]:
    return [video_id for video_id in settings.server.sample_videos.split(",") if video_id]


def _sessions(settings: Settings) -> SessionPolicy:
    chosen = settings.live.model_dump(exclude={"share", "quick", "slow", "ids"})
    return msgspec.convert(chosen, SessionPolicy)


def create_served() -> Application:
    """Return what `gateway serve` runs: the gateway of this environment, drained when it is told to end."""
    settings = read()
    drain = drain_of(settings)
    app = drain.around(create_app(settings, drain))
    # What is there now stays: looking for garbage among the graph's classes again and again would find none.
    # A request makes a hundred objects, nearly all of which are gone with it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    return app


def drain_of(settings: Settings) -> Drain:
    """Return how a process of these settings ends."""
    server = settings.server
    # A body, then a turn, then an answer: the longest that a request may take.
    patience = server.body_timeout + server.queue_timeout + server.request_timeout
    return Drain(window=server.drain_window, patience=patience)


def http_client(settings: Settings) -> Client:
    """Return the one client that all provider calls go through."""
    # Calls are bounded by the quota, not here; and a connection is kept as long as calls may need it again.
    pool = Pool(connect_timeout=settings.http.connect_timeout, keep=50, keep_for=30)
    return Client(
        pool, timeout=httpx.Timeout(settings.http.total_timeout, connect=settings.http.connect_timeout)
    )


def _policy(settings: Settings) -> Policy:
    lanes, usual = settings.lanes, Policy()
    replaced = msgspec.structs.replace
    moving = Windows(fresh=lanes.moving_fresh, stale=lanes.moving_stale, kept=usual.freshness.moving.kept)
    finished = replaced(usual.freshness.finished, fresh=lanes.finished_fresh)
    return Policy(
        freshness=replaced(usual.freshness, moving=moving, finished=finished),
        refresh=replaced(usual.refresh, share=lanes.refresh_share, hot_for=lanes.hot_for),
        quota=_quota(settings),
        queue=replaced(
            usual.queue, patience=settings.server.request_timeout, call_timeout=settings.http.total_timeout
        ),
        memory=MemoryPolicy(entries=lanes.memory_entries, bytes=lanes.memory_bytes),
        circuit=replaced(usual.circuit, measure_only=lanes.circuit_measure_only),
    )


def _quota(settings: Settings) -> QuotaPolicy:
    """Return what this process may use of the account's quota: with nobody to ask, its part and no more."""
    lanes = settings.lanes
    processes = lanes.replicas * settings.server.workers
    if lanes.store is None:
        return QuotaPolicy(share=lanes.quota_share / processes, burst=lanes.quota_burst)
    return QuotaPolicy(share=lanes.quota_share, burst=lanes.quota_burst, replicas=processes)


def _told(settings: Settings) -> Options:
    """Return what is told, and to whom."""
    told = settings.telemetry.model_dump(exclude={"metrics", "otlp_headers"})
    pairs = (pair.partition("=") for pair in _revealed(settings.telemetry.otlp_headers).split(",") if pair)
    return msgspec.convert(
        {**told, "otlp_headers": {name.strip(): value for name, _, value in pairs}}, Options
    )


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
