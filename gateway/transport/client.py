"""The client that calls go through: httpx's own, which takes the short way where there is one."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import httpx
from httpx import USE_CLIENT_DEFAULT

from gateway.transport.pool import Pool

if TYPE_CHECKING:
    from httpx._client import UseClientDefault
    from httpx._types import AuthTypes


class Client(httpx.AsyncClient):
    """An `httpx.AsyncClient` over a `Pool`.

    A request that is sent as it is (with ``stream``, without redirects, and with `httpx.Auth` itself, which
    adds nothing) has no use for what httpx does between client and transport, and that takes several times
    as long as the rest. Such a request goes straight to the transport; all others take the usual way.
    """

    def __init__(self, pool: Pool, *, timeout: httpx.Timeout) -> None:
        # The environment's proxies and .netrc are not asked: what is sent to whom is the configuration's
        # business alone. A redirect would carry a signed request to wherever the answer says.
        super().__init__(transport=pool, timeout=timeout, follow_redirects=False, trust_env=False)
        self._pool = pool

    def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: AuthTypes | UseClientDefault | None = USE_CLIENT_DEFAULT,
        follow_redirects: bool | UseClientDefault = USE_CLIENT_DEFAULT,
    ) -> Coroutine[Any, Any, httpx.Response]:
        """Send a request; as httpx does."""
        if not stream or type(auth) is not httpx.Auth or follow_redirects is not False:
            return super().send(request, stream=stream, auth=auth, follow_redirects=follow_redirects)
        return self._pool.handle_async_request(request)
