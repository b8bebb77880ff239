"""The routes, on Litestar."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from litestar import Litestar, Request, Response, asgi
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.cors import CORSConfig
from litestar.exceptions import HTTPException
from litestar.handlers import ASGIRouteHandler
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from gateway.graph.errors import refusal
from gateway.server.shortcut import WHOLE
from gateway.web.drain import Application, Drain
from gateway.web.endpoint import GraphQLEndpoint
from gateway.web.graphiql_assets import assets_handler
from gateway.web.guards import PREFLIGHT, SECURITY
from gateway.web.health import health

PATH = "/graphql"

_ONLY_ORIGIN = (b"vary", b"Origin")
_VARY = (b"vary", SECURITY["Vary"].encode())


def site(
    endpoint: GraphQLEndpoint,
    *,
    drain: Drain,
    graphiql: bool,
    more: Sequence[ControllerRouterHandler] = (),
    hosts: str = "",
    cors_origins: str = "",
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = (),
) -> Application:
    """Return the application.

    Args:
        endpoint: What answers at ``/graphql``.
        drain: Knows whether the process is about to end.
        graphiql: Whether GraphiQL's files are served.
        more: Other routes: the board, and where providers send their notifications.
        hosts: Host headers that are answered, joined by commas; empty for any. Health and metrics are told to
            all: probes and Prometheus come by address.
        cors_origins: Origins whose pages may ask, joined by commas.
        lifespan: What is opened before the first request and closed after the last.
    """
    app = Litestar(
        route_handlers=[
            _mounted(endpoint),
            *health(drain),
            *([assets_handler(endpoint=PATH)] if graphiql else []),
            *more,
        ],
        lifespan=list(lifespan),
        openapi_config=None,
        allowed_hosts=_hosts(hosts),
        cors_config=_cors(cors_origins),
        exception_handlers={HTTPException: _plain},
        logging_config=None,
    )
    if hosts or cors_origins:
        return _varying(app) if cors_origins else app
    return _straight(endpoint, app)


def _straight(endpoint: GraphQLEndpoint, app: Application) -> Application:
    """Return the application with requests to the endpoint sent there straight.

    Nothing that stands in between does anything for them, and it takes as long as a small answer.
    """

    def straight(scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        if scope["type"] == "http" and scope["path"] == PATH:
            return endpoint(scope, receive, send)
        return app(scope, receive, send)

    return straight


def _hosts(hosts: str) -> AllowedHostsConfig | None:
    allowed = _words(hosts)
    if not allowed:
        return None
    return AllowedHostsConfig(allowed_hosts=allowed, exclude="^/(health/|metrics$)", www_redirect=False)


def _cors(origins: str) -> CORSConfig | None:
    allowed = _words(origins)
    if not allowed:
        return None
    # Credentials are headers that a page's script sets, so browsers need not send any of their own.
    return CORSConfig(
        allow_origins=allowed,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", "x-api-key", *PREFLIGHT],
        allow_credentials=False,
        expose_headers=["Age", "ETag", "Retry-After", "X-Request-Id"],
        max_age=600,
    )


def _varying(app: Litestar) -> Application:
    """Return the application with `Vary` as it was before CORS put a name of its own in the place of all."""

    async def varying(scope: Any, receive: Any, send: Any) -> None:
        async def mended(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                headers[:] = [_VARY if pair == _ONLY_ORIGIN else pair for pair in headers]
            await send(message)

        await app(scope, receive, mended)

    return varying


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _mounted(endpoint: GraphQLEndpoint) -> ASGIRouteHandler:
    @asgi(PATH, copy_scope=False)
    async def graphql(scope: Scope, receive: Receive, send: Send) -> None:
        scope.pop(WHOLE, None)  # type: ignore[misc]  # layers around may add headers to messages
        await endpoint(scope, receive, send)

    return graphql


def _plain(_request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, object]]:
    code = "NOT_FOUND" if error.status_code == 404 else "BAD_REQUEST"  # noqa: PLR2004 - HTTP's own number
    return Response(
        {"errors": [refusal(f"{error.status_code}: GraphQL is at {PATH}.", code)]},
        status_code=error.status_code,
        headers=SECURITY,
    )
