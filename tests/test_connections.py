"""How the providers are called, by effect: keys in files, keys of the chain, keys that change under load."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from alibabacloud_credentials.utils import auth_util

from gateway.app import create_app
from gateway.connections import accounts, clients, problems
from gateway.credentials import chain
from gateway.credentials.guard import Guarded
from gateway.domain.records import Provider
from gateway.settings.reader import read
from tests.conftest import Sandbox
from tests.servers import serving

THREE = """query($v: ID!, $i: ID!, $t: ID!) {
    vod: video(id: $v, maxAge: 0) { latestTask { status } }
    ims: providerTask(provider: IMS, id: $i, maxAge: 0) { status }
    visionular: providerTask(provider: VISIONULAR, id: $t, maxAge: 0) { status }
}"""


class Mounted:
    """The keys of a sandbox as a secret volume, swapped by one rename."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._turn = 0

    def write(self, **values: str) -> None:
        """Put other values in place of those that are there."""
        self._turn += 1
        folder = self._root / f"..{self._turn}"
        folder.mkdir()
        for name, value in values.items():
            (folder / name).write_text(value)
            if not (self._root / name).is_symlink():
                (self._root / name).symlink_to(f"..data/{name}")
        link = self._root / "..data_tmp"
        link.symlink_to(folder.name)
        link.rename(self._root / "..data")
        shutil.rmtree(self._root / f"..{self._turn - 1}", ignore_errors=True)


@pytest.fixture
def mounted(environment: pytest.MonkeyPatch, tmp_path: Path) -> Mounted:
    """The environment of a gateway whose keys are in files."""
    for section, names in {
        "VOD": ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET"),
        "IMS": ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET"),
        "VISIONULAR": ("ACCESS_KEY", "SECRET_KEY"),
    }.items():
        for name in names:
            environment.delenv(f"GATEWAY_{section}_{name}")
            file = tmp_path / (name.lower() if section != "VISIONULAR" else f"visionular_{name.lower()}")
            environment.setenv(f"GATEWAY_{section}_{name}_FILE", str(file))
    return Mounted(tmp_path)


def keys(turn: int) -> dict[str, str]:
    """Return the sandbox's keys of a turn."""
    names = ("access_key_id", "access_key_secret", "visionular_access_key", "visionular_secret_key")
    return {name: f"{name}{turn}" for name in names}


async def test_keys_change_under_load_and_no_request_is_lost(mounted: Mounted, sandbox: Sandbox) -> None:
    """A new key, the files, the old key off: calls signed before and refused after are made again."""
    videos, jobs, tasks = (sandbox.ids(kind, "succeeded", 10) for kind in ("vod", "ims", "visionular"))
    sandbox.rotate(keys(0))
    mounted.write(**keys(0))
    # What is on its way when the old key is switched off is refused.
    sandbox.fault(kind="latency", ms=40)
    failed: list[Any] = []
    asked = 0
    rotating = True

    async def client(url: str, number: int) -> None:
        nonlocal asked
        variables = {"v": videos[number], "i": jobs[number], "t": tasks[number]}
        async with httpx.AsyncClient(timeout=30) as http:
            while rotating:
                answer = await http.post(f"{url}/graphql", json={"query": THREE, "variables": variables})
                asked += 1
                if "errors" in answer.json():
                    failed.append(answer.json()["errors"])

    with serving(create_app()) as url:
        crowd = [asyncio.create_task(client(url, number)) for number in range(10)]
        for turn in range(1, 4):
            until = asked + 20
            while asked < until:  # noqa: ASYNC110  many clients count
                await asyncio.sleep(0.01)
            await asyncio.to_thread(sandbox.rotate, keys(turn), keep=True)
            mounted.write(**keys(turn))
            await asyncio.to_thread(sandbox.rotate)
        rotating = False
        await asyncio.gather(*crowd)
    assert failed == []
    assert asked >= 60


async def test_expired_session_tokens_are_replaced_under_load(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """A token that ends early is refused once, looked up once for both products, and nobody is told."""
    videos, jobs = sandbox.ids("vod", "succeeded", 20), sandbox.ids("ims", "succeeded", 20)
    for section in ("VOD", "IMS"):
        environment.delenv(f"GATEWAY_{section}_ACCESS_KEY_ID")
        environment.delenv(f"GATEWAY_{section}_ACCESS_KEY_SECRET")
        environment.setenv(f"GATEWAY_{section}_CREDENTIALS", "chain")
    environment.setattr(auth_util, "environment_access_key_id", "sandboxStsKeyId")
    environment.setattr(auth_util, "environment_access_key_secret", "sandboxStsKeySecret")
    environment.setattr(auth_util, "environment_security_token", "sandboxSecurityToken")
    looked_up = 0
    look_up = chain.Chain.__call__

    def counted(self: chain.Chain, *, anew: bool) -> Any:
        nonlocal looked_up
        looked_up += anew
        return look_up(self, anew=anew)

    environment.setattr(chain.Chain, "__call__", counted)
    query = """query($v: ID!, $i: ID!) {
        vod: video(id: $v, maxAge: 0) { latestTask { status } }
        ims: providerTask(provider: IMS, id: $i, maxAge: 0) { status }
    }"""
    with serving(create_app()) as url:
        async with httpx.AsyncClient(timeout=30) as http:

            async def ask(number: int) -> dict[str, Any]:
                variables = {"v": videos[number], "i": jobs[number]}
                answer = await http.post(f"{url}/graphql", json={"query": query, "variables": variables})
                found: dict[str, Any] = answer.json()
                return found

            first = await asyncio.gather(*map(ask, range(20)))
            environment.setattr(auth_util, "environment_security_token", "next")
            await asyncio.to_thread(sandbox.rotate, {"security_token": "next"})
            second = await asyncio.gather(*map(ask, range(20)))
    assert [answer.get("errors") for answer in (*first, *second)] == [None] * 40
    assert looked_up == 1


def test_keys_that_nobody_hands_out_are_a_coded_error(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The other providers answer; the client is told to come back, and not why."""
    environment.delenv("GATEWAY_VOD_ACCESS_KEY_SECRET")
    environment.setenv("GATEWAY_VOD_ACCESS_KEY_SECRET_FILE", str(tmp_path / "missing"))
    variables = {
        "v": sandbox.ids("vod", "succeeded")[0],
        "i": sandbox.ids("ims", "succeeded")[0],
        "t": sandbox.ids("visionular", "succeeded")[0],
    }
    with serving(create_app()) as url:
        answer = httpx.post(f"{url}/graphql", json={"query": THREE, "variables": variables}, timeout=30)
    [error] = answer.json()["errors"]
    assert error["path"] == ["vod"]
    told = {"code": "CREDENTIALS_UNAVAILABLE", "provider": "VOD", "retryable": True}
    assert error["extensions"].items() >= told.items()
    assert "missing" not in answer.text


@pytest.mark.parametrize("auth", ["header", "query"])
async def test_a_static_value_may_be_a_file(
    environment: pytest.MonkeyPatch, tmp_path: Path, auth: str
) -> None:
    """It is sent as the file has it at that moment."""
    file = tmp_path / "value"
    file.write_text("first")
    environment.setenv("GATEWAY_VISIONULAR_AUTH", auth)
    environment.setenv("GATEWAY_VISIONULAR_STATIC_NAME", "x-key")
    environment.setenv("GATEWAY_VISIONULAR_STATIC_VALUE_FILE", str(file))
    sent: list[str | None] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("x-key") or request.url.params.get("x-key"))

        async def body() -> AsyncIterator[bytes]:
            yield b'{"code":1004,"msg":"empty result"}'

        return httpx.Response(404, content=body())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = next(one for one in clients(read(), http) if one.provider is Provider.VISIONULAR)
        for value in ("first", "second"):
            file.write_text(value)
            await client.task_by_id(["a"])
    assert sent == ["first", "second"]


async def test_both_products_of_an_account_share_a_look_up(environment: pytest.MonkeyPatch) -> None:
    """One chain with one role is one source; another role is another."""
    for section in ("VOD", "IMS"):
        environment.delenv(f"GATEWAY_{section}_ACCESS_KEY_ID")
        environment.delenv(f"GATEWAY_{section}_ACCESS_KEY_SECRET")
        environment.setenv(f"GATEWAY_{section}_CREDENTIALS", "chain")

    def sources() -> set[int]:
        made = [one for one in clients(read(), http) if isinstance(one, Guarded)]
        return {id(one._keys) for one in made if one.provider is not Provider.VISIONULAR}

    async with httpx.AsyncClient() as http:
        assert len(sources()) == 1
        environment.setenv("GATEWAY_IMS_ROLE_ARN", "acs:ram::1234567890123456:role/gateway")
        assert len(sources()) == 2


def test_a_shared_store_needs_a_name_for_accounts_whose_keys_change(
    mounted: Mounted, environment: pytest.MonkeyPatch
) -> None:
    """Replicas could not tell by their keys whether they share an account."""
    assert list(problems(read())) == []
    environment.setenv("GATEWAY_LANES_STORE", "redis://127.0.0.1:9")
    named = [problem.partition(":")[0] for problem in problems(read())]
    assert named == ["GATEWAY_VOD_ACCOUNT", "GATEWAY_IMS_ACCOUNT", "GATEWAY_VISIONULAR_ACCOUNT"]
    for variable in named:
        environment.setenv(variable, "main")
    assert list(problems(read())) == []
    assert accounts(read())[Provider.VOD].startswith("main@")


def test_the_chain_needs_its_extra(environment: pytest.MonkeyPatch) -> None:
    """What is missing is told before anybody asks."""
    environment.delenv("GATEWAY_VOD_ACCESS_KEY_ID")
    environment.delenv("GATEWAY_VOD_ACCESS_KEY_SECRET")
    environment.setenv("GATEWAY_VOD_CREDENTIALS", "chain")
    assert list(problems(read())) == []
    environment.setattr(chain, "installed", lambda: False)
    [problem] = problems(read())
    assert "transcode-gateway[alibaba]" in problem
