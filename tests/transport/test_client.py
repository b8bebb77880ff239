"""The short way and the usual one lead to the same answers."""

from __future__ import annotations

import httpx
import pytest

from gateway.transport.client import Client
from gateway.transport.pool import Pool
from tests.transport.servers import OK, Talk, serving


async def shown(talk: Talk) -> None:
    """Answer with the request's own head."""
    while True:
        head = await talk.asked()
        await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(head), head)


async def test_both_ways_send_the_same() -> None:
    """What takes the short way is the request as it was built."""
    async with Client(Pool(), timeout=httpx.Timeout(20)) as http, serving(shown) as url:
        request = http.build_request("POST", url, headers={"a": "b"})
        usual = await http.send(request)
        short = await http.send(request, stream=True, auth=httpx.Auth(), follow_redirects=False)
        assert await short.aread() == usual.content
        assert short.request is request


async def test_the_usual_way_does_what_httpx_does() -> None:
    """Authentication, redirects where they are wanted, and a closed client that says so."""

    async def redirecting(talk: Talk) -> None:
        while head := await talk.asked():
            if b"GET /here" in head:
                await talk.say(b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n")
            else:
                known = b"Authorization: Basic" in head
                await talk.say(OK if known else b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")

    http = Client(Pool(), timeout=httpx.Timeout(20))
    async with serving(redirecting) as url:
        assert (await http.get(f"{url}here")).status_code == 302
        answer = await http.get(f"{url}here", follow_redirects=True, auth=("name", "word"))
        assert (answer.status_code, answer.text) == (200, "text")
        await http.aclose()
        with pytest.raises(RuntimeError):
            await http.send(httpx.Request("GET", url), stream=True, auth=httpx.Auth(), follow_redirects=False)
