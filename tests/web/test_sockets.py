"""Who may open a WebSocket."""

from __future__ import annotations

import asyncio
import base64

import aiohttp
import pytest

from tests.web.live import browser, gateway_here, socket


async def test_the_older_protocol_is_refused(environment: pytest.MonkeyPatch) -> None:
    """4406; and so is a client that names none."""
    async with gateway_here() as url:
        async with socket(url, protocol="graphql-ws") as client:
            assert await client.closed() == 4406
        async with browser() as session, session.ws_connect(url) as ws:
            await ws.receive()
            assert ws.close_code == 4406


async def test_odd_subprotocols_hurt_nobody(environment: pytest.MonkeyPatch) -> None:
    """Bytes outside ASCII where names should be."""
    async with gateway_here() as url:
        host, port = url.removeprefix("http://").split("/")[0].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        nonce = base64.b64encode(b"0123456789abcdef").decode()
        head = (
            f"GET /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n"
            "Sec-WebSocket-Protocol: gr\xe4ph\r\n\r\n"
        )
        writer.write(head.encode("latin-1"))
        assert await asyncio.wait_for(reader.read(12), 20)
        writer.close()
        async with socket(url, hello={}) as client:
            await client.tell(type="ping")
            assert await client.hear() == {"type": "pong"}


async def test_pages_from_elsewhere_open_no_socket(environment: pytest.MonkeyPatch) -> None:
    """Browsers let them, so the gateway has to look."""
    environment.setenv("GATEWAY_SERVER_CORS_ORIGINS", "https://app.example")
    async with gateway_here() as url:
        host = url.removeprefix("http://").split("/")[0]
        for origin in (f"http://{host}", "https://app.example"):
            async with socket(url, hello={}, Origin=origin):
                pass
        for origin in ("http://evil.example", "null", f"http://{host}.evil.example"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with socket(url, hello={}, Origin=origin):
                    pass
            assert refused.value.status == 403
