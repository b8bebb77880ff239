"""A gateway as `gateway serve` runs it, on the sandbox, with a key for everything and keys for less."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest

from gateway.access import keys
from gateway.app import create_app
from gateway.cli.dev import OPEN, sandbox_environment
from gateway.settings.reader import read
from tests.conftest import QUICK, Sandbox
from tests.servers import serving

KEYS = {
    "all": ["all"],
    "plain": ["provider:all"],
    "vod": ["provider:vod", "urls"],
    "nothing": [],
}
SECRETS = {name: keys.generate() for name in KEYS}
ENTRIES = ";".join(keys.entry(name, SECRETS[name], words) for name, words in KEYS.items())

Start = Callable[..., AbstractContextManager["Client"]]


class Client:
    """Asks a gateway, as the owner of one of the keys."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(timeout=20)

    def ask(
        self, query: str, variables: dict[str, Any] | None = None, *, key: str = "all", **headers: str
    ) -> httpx.Response:
        """Post a query."""
        body = {"query": query, **({"variables": variables} if variables else {})}
        return self.http.post(f"{self.url}/graphql", json=body, headers={**bearer(key), **headers})

    def post(
        self, content: bytes, content_type: str | None = "application/json", key: str = "all"
    ) -> httpx.Response:
        """Post whatever."""
        headers = {**bearer(key), **({"content-type": content_type} if content_type else {})}
        return self.http.post(f"{self.url}/graphql", content=content, headers=headers)


def bearer(key: str) -> dict[str, str]:
    """Return the header of a key's owner."""
    return {"authorization": f"Bearer {SECRETS[key]}"}


@pytest.fixture(scope="module")
def start(_running_sandbox: Sandbox) -> Start:
    """Starts gateways with the defaults of `serve`, but for what a test sets."""

    @contextmanager
    def start(**settings: str) -> Iterator[Client]:
        environment = sandbox_environment(httpx.URL(_running_sandbox.url).port or 0)
        for name in OPEN:
            del environment[name]
        environment |= {
            f"GATEWAY_{section}_CALLS_PER_SECOND": QUICK for section in ("VOD", "IMS", "VISIONULAR")
        }
        environment |= {"GATEWAY_ACCESS_KEYS": ENTRIES, "GATEWAY_ACCESS_POINTS_PER_MINUTE": "0"}
        environment |= {f"GATEWAY_{name}": value for name, value in settings.items()}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            app = create_app(read())
        with serving(app) as url:
            client = Client(url)
            with client.http:
                yield client

    return start


@pytest.fixture(scope="module")
def client(start: Start) -> Iterator[Client]:
    """A gateway with the defaults of `serve`."""
    with start() as client:
        yield client
