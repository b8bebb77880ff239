"""The composition root, by effect: a whole gateway on the sandbox, and on a sandbox that misbehaves."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.app import _quota, create_app, http_client
from gateway.connections import clients
from gateway.domain.records import Provider
from gateway.settings.reader import read
from gateway.upstream.pace import Pace
from tests.conftest import Ask, Sandbox
from tests.servers import serving

THREE = """query($v: ID!, $i: ID!, $t: ID!) {
    vod: video(id: $v) { latestTask { status } }
    ims: providerTask(provider: IMS, id: $i) { status }
    visionular: providerTask(provider: VISIONULAR, id: $t) { status }
}"""


def _ids(sandbox: Sandbox) -> dict[str, str]:
    return {
        "v": sandbox.ids("vod", "succeeded")[0],
        "i": sandbox.ids("ims", "succeeded")[0],
        "t": sandbox.ids("visionular", "succeeded")[0],
    }


async def test_one_query_reaches_all_providers(ask: Ask, sandbox: Sandbox) -> None:
    """One graph over three providers, one signed call each."""
    answer = await ask(THREE, **_ids(sandbox))
    assert answer["data"] == {
        "vod": {"latestTask": {"status": "SUCCEEDED"}},
        "ims": {"status": "SUCCEEDED"},
        "visionular": {"status": "SUCCEEDED"},
    }
    assert sandbox.calls() == {"GetTranscodeSummary": 1, "GetMediaConvertJob": 1, "query_task": 1}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "status", "status": 500}, "UPSTREAM_UNAVAILABLE"),
        ({"kind": "html"}, "UPSTREAM_UNAVAILABLE"),
        ({"kind": "garbage"}, "UPSTREAM_BAD_RESPONSE"),
        ({"kind": "empty"}, "UPSTREAM_BAD_RESPONSE"),
        ({"kind": "reset"}, "UPSTREAM_UNAVAILABLE"),
        ({"kind": "oversize"}, "UPSTREAM_BAD_RESPONSE"),
        ({"kind": "gzip_bomb"}, "UPSTREAM_BAD_RESPONSE"),
    ],
)
@pytest.mark.parametrize("provider", ["vod", "ims", "visionular"])
async def test_one_providers_bad_day_is_its_own(
    ask: Ask, sandbox: Sandbox, fault: dict[str, Any], code: str, provider: str
) -> None:
    """A provider that fails nulls its own field with a coded error; the other two answer."""
    ids = _ids(sandbox)
    sandbox.fault(provider=provider, **fault)
    answer = await ask(THREE, **ids)
    assert {name for name, value in answer["data"].items() if value is None} == {provider}
    [error] = answer["errors"]
    assert error["path"] == [provider]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["provider"] == provider.upper()


async def test_a_field_that_does_not_fit_errs_alone(ask: Ask, sandbox: Sandbox) -> None:
    """A value of the wrong type is an error with the call's request id; the record around it is served."""
    [video] = sandbox.ids("vod", "succeeded", 1)
    sandbox.fault(provider="vod", kind="wrong_type", field="Width", value="wide")
    answer = await ask(
        "query($id: ID!) { video(id: $id) { latestTask { jobs { output { width height } } } } }", id=video
    )
    outputs = [job["output"] for job in answer["data"]["video"]["latestTask"]["jobs"]]
    assert [output["width"] for output in outputs] == [None] * len(outputs)
    assert any(output["height"] for output in outputs)
    assert len(answer["errors"]) == len(outputs)
    for error in answer["errors"]:
        assert error["path"][-1] == "width"
        assert error["extensions"]["code"] == "UPSTREAM_BAD_RESPONSE"
        assert error["extensions"]["operation"] == "GetTranscodeSummary"
        assert error["extensions"]["providerRequestId"]


def test_a_provider_without_credentials_says_so(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """What is not configured is a coded error of its own fields."""
    for variable in ("GATEWAY_IMS_ACCESS_KEY_ID", "GATEWAY_IMS_ACCESS_KEY_SECRET", "GATEWAY_VISIONULAR_URL"):
        environment.delenv(variable)
    with serving(create_app()) as url:
        answer = httpx.post(f"{url}/graphql", json={"query": THREE, "variables": _ids(sandbox)}).json()
    assert answer["data"]["vod"]
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["ims"], "PROVIDER_NOT_CONFIGURED"),
        (["visionular"], "PROVIDER_NOT_CONFIGURED"),
    ]


def test_a_wrong_secret_is_an_error_without_it(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """A provider that refuses our key is reported as that, and the key stays here."""
    environment.setenv("GATEWAY_VOD_ACCESS_KEY_SECRET", "s3cret")
    with serving(create_app()) as url:
        answer = httpx.post(f"{url}/graphql", json={"query": THREE, "variables": _ids(sandbox)})
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "UPSTREAM_AUTH"
    assert error["extensions"]["providerCode"] == "SignatureDoesNotMatch"
    assert "s3cret" not in answer.text


@pytest.mark.parametrize(
    "variables",
    [
        {"GATEWAY_VOD_SIGNATURE": "rpc", "GATEWAY_IMS_SIGNATURE": "rpc"},
        {"GATEWAY_VISIONULAR_AUTH": "basic"},
        {"GATEWAY_VISIONULAR_FINAL_NEWLINE": "true"},
        {
            "GATEWAY_VOD_ACCESS_KEY_ID": "sandboxStsKeyId",
            "GATEWAY_VOD_ACCESS_KEY_SECRET": "sandboxStsKeySecret",
            "GATEWAY_VOD_SECURITY_TOKEN": "sandboxSecurityToken",
        },
    ],
)
def test_every_way_to_sign_is_accepted(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    """Older signatures, temporary keys and HTTP Basic reach the same data."""
    for name, value in variables.items():
        environment.setenv(name, value)
    with serving(create_app()) as url:
        answer = httpx.post(f"{url}/graphql", json={"query": THREE, "variables": _ids(sandbox)}).json()
    assert "errors" not in answer


async def test_endpoints_follow_the_region(environment: pytest.MonkeyPatch) -> None:
    """Without an endpoint the documented host of the region is called, over TLS."""
    for section in ("VOD", "IMS"):
        environment.delenv(f"GATEWAY_{section}_ENDPOINT")
        environment.setenv(f"GATEWAY_{section}_REGION", "ap-southeast-1")
    asked: list[httpx.URL] = []

    async def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)

        async def body() -> AsyncIterator[bytes]:
            yield b'{"RequestId":"R","Code":"NoSuchResource","Message":"-"}'

        return httpx.Response(404, content=body())

    settings = read()
    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as http:
        for client in clients(settings, http):
            if client.provider is not Provider.VISIONULAR:
                await client.task_by_id(["a"])
    assert [f"{url.scheme}://{url.host}" for url in asked] == [
        "https://vod.ap-southeast-1.aliyuncs.com",
        "https://ice.ap-southeast-1.aliyuncs.com",
    ]


async def test_redirects_are_not_followed(environment: pytest.MonkeyPatch) -> None:
    """A signed request goes to the configured host and nowhere else."""
    async with http_client(read()) as http:
        assert http.follow_redirects is False
        assert http.trust_env is False


def test_a_gateway_by_itself_does_not_load_what_it_does_not_need(environment: pytest.MonkeyPatch) -> None:
    """Each of these takes megabytes of every worker, and time before it is ready."""
    script = "import sys; from gateway.app import create_app; create_app(); print(*sys.modules)"
    started = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    unwanted = {
        "redis": "GATEWAY_LANES_STORE",
        "aiocache": "GATEWAY_LANES_STORE",
        "limits": "GATEWAY_LANES_STORE",
        "google.protobuf": "GATEWAY_TELEMETRY_OTLP_ENDPOINT",
        "opentelemetry.instrumentation.httpx": "GATEWAY_TELEMETRY_OTLP_ENDPOINT",
        "opentelemetry.sdk.metrics": "GATEWAY_TELEMETRY_OTLP_METRICS",
        "cryptography": "GATEWAY_ACCESS_JWKS",
        "jwt": "GATEWAY_ACCESS_JWKS",
        "alibabacloud_credentials": "GATEWAY_VOD_CREDENTIALS",
        "httpcore": "nothing: see gateway.transport",
        "gateway.sandbox": "gateway dev",
    }
    assert not unwanted.keys() & set(started.stdout.split())


@pytest.mark.parametrize("burst", ["1", "3"])
@pytest.mark.parametrize("workers", ["1", "2", "4", "7"])
def test_processes_that_cannot_ask_anybody_divide_the_quota(
    environment: pytest.MonkeyPatch, workers: str, burst: str
) -> None:
    """What all of them do in any second, each at its rate and with its burst, is within the account's."""
    environment.setenv("GATEWAY_SERVER_WORKERS", workers)
    environment.setenv("GATEWAY_LANES_QUOTA_BURST", burst)
    quota = _quota(read())
    assert quota.replicas == 1
    pace = Pace(15, quota)
    assert int(workers) * math.floor(pace.full + pace.burst) <= 15


def test_processes_with_a_store_share_the_quota(environment: pytest.MonkeyPatch) -> None:
    """The store grants all of it to whoever needs it; every process counts when it is away."""
    environment.setenv("GATEWAY_SERVER_WORKERS", "2")
    environment.setenv("GATEWAY_LANES_REPLICAS", "3")
    assert _quota(read()).share == 1 / 6
    environment.setenv("GATEWAY_LANES_STORE", "redis://127.0.0.1:1")
    quota = _quota(read())
    assert (quota.share, quota.replicas) == (1.0, 6)
