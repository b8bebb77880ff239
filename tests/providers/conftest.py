"""The three clients, on the sandbox."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, cast

import httpx
import pytest

from gateway.domain.provider import ProviderClient
from gateway.domain.records import Provider
from gateway.providers.ims.client import ImsClient
from gateway.providers.scalars import reading
from gateway.providers.signing import Acs3Auth, Credentials, VisionularAuth
from gateway.providers.visionular.client import VisionularClient
from gateway.providers.vod.client import VodClient
from gateway.transport.client import Client
from gateway.transport.pool import Pool
from tests.providers.misfits import READ

if TYPE_CHECKING:
    from tests.conftest import Sandbox

ALIBABA = Credentials(access_key_id="sandboxAccessKeyId", access_key_secret="sandboxAccessKeySecret")
VISIONULAR = Credentials(access_key_id="sandboxAccessKey", access_key_secret="sandboxSecretKey")

# Reading the certificates takes longer than most tests.
TLS = ssl.create_default_context()


@pytest.fixture(scope="session", autouse=True)
def _reading() -> Iterator[None]:
    """Translators are also called on their own, as if a client had just received an answer."""
    with reading(Provider.VOD, READ):
        yield


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client as the composition root makes it."""
    async with Client(Pool(verify=TLS), timeout=httpx.Timeout(5)) as client:
        yield client


def on_sandbox(
    http: httpx.AsyncClient, url: str, *, total_timeout: float = 5, max_body_bytes: int = 1_000_000
) -> dict[str, ProviderClient]:
    """Return the three clients by room; that they fulfil the protocol, mypy checks here."""
    acs3, hmac = Acs3Auth(lambda: ALIBABA), VisionularAuth(lambda: VISIONULAR)
    return {
        "vod": VodClient(http, acs3, url, total_timeout=total_timeout, max_body_bytes=max_body_bytes),
        "ims": ImsClient(http, acs3, url, total_timeout=total_timeout, max_body_bytes=max_body_bytes),
        "visionular": VisionularClient(
            http, hmac, url, total_timeout=total_timeout, max_body_bytes=max_body_bytes
        ),
    }


@pytest.fixture
def vod(http: httpx.AsyncClient, sandbox: Sandbox) -> VodClient:
    """ApsaraVideo VOD."""
    return cast("VodClient", on_sandbox(http, sandbox.url)["vod"])


@pytest.fixture
def ims(http: httpx.AsyncClient, sandbox: Sandbox) -> ImsClient:
    """Intelligent Media Services."""
    return cast("ImsClient", on_sandbox(http, sandbox.url)["ims"])
