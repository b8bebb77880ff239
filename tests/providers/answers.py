"""Providers that give one prepared answer and keep the requests they got."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from gateway.providers.ims.client import ImsClient
from gateway.providers.signing import NoAuth
from gateway.providers.visionular.client import VisionularClient
from gateway.providers.vod.client import VodClient

LIMITS: Mapping[str, Any] = {"total_timeout": 5.0, "max_body_bytes": 1_000_000}


class Prepared(httpx.AsyncBaseTransport):
    """A transport that answers every request alike."""

    def __init__(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.body = body if isinstance(body, bytes) else msgspec.json.encode(body)
        self.status = status
        self.headers = dict(headers or {})

    @property
    def parameters(self) -> dict[str, str]:
        """The query of the only request."""
        [request] = self.requests
        return dict(request.url.params)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        self.requests.append(request)
        return httpx.Response(self.status, headers=self.headers, stream=httpx.ByteStream(self.body))

    @property
    def http(self) -> httpx.AsyncClient:
        """A client on this transport."""
        return httpx.AsyncClient(transport=self)

    def vod(self, **options: Any) -> VodClient:
        """ApsaraVideo VOD with this answer."""
        return VodClient(self.http, NoAuth(), "https://vod.example.com", **LIMITS, **options)

    def ims(self, **options: Any) -> ImsClient:
        """Intelligent Media Services with this answer."""
        return ImsClient(self.http, NoAuth(), "https://ice.example.com", **LIMITS, **options)

    def visionular(self, **options: Any) -> VisionularClient:
        """Visionular with this answer."""
        return VisionularClient(self.http, NoAuth(), "https://visionular.example.com", **LIMITS, **options)
