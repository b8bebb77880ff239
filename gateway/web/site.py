"""The routes, on Litestar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

from litestar import Litestar, Request, Response, asgi
from litestar.exceptions import HTTPException
from litestar.handlers import ASGIRouteHandler
from litestar.types import HTTPScope, Receive, Scope, Send

from gateway.graph.errors import refusal
from gateway.web.endpoint import GraphQLEndpoint
from gateway.web.health import live, ready
from gateway.web.pages import assets_handler

PATH = "/graphql"


def site(
    endpoint: GraphQLEndpoint,
    *,
    graphiql: bool,
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = (),
) -> Litestar:
    """Return the application.

    Args:
        endpoint: What answers at ``/graphql``.
        graphiql: Whether GraphiQL's files are served.
        lifespan: What is opened before the first request and closed after the last.
    """
    return Litestar(
        route_handlers=[
            _mounted(endpoint),
            live,
            ready,
            *([assets_handler(endpoint=PATH)] if graphiql else []),
        ],
        lifespan=list(lifespan),
        openapi_config=None,
        exception_handlers={HTTPException: _plain},
        logging_config=None,
    )


def _mounted(endpoint: GraphQLEndpoint) -> ASGIRouteHandler:
    @asgi(PATH, copy_scope=False)
    async def graphql(scope: Scope, receive: Receive, send: Send) -> None:
        await endpoint(cast("HTTPScope", scope), receive, send)

    return graphql


def _plain(_request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, object]]:
    code = "NOT_FOUND" if error.status_code == 404 else "BAD_REQUEST"  # noqa: PLR2004 - HTTP's own number
    return Response(
        {"errors": [refusal(f"{error.status_code}: GraphQL is at {PATH}.", code)]},
        status_code=error.status_code,
    )
