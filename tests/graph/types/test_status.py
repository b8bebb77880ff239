"""ProviderStatus."""

from __future__ import annotations

import httpx
import pytest

from gateway.app import create_app
from tests.conftest import Ask, Sandbox
from tests.servers import serving

QUERY = """{
    providers {
        provider configured
        operations {
            name limit rate quota used waiting estimatedWaitMs circuit lastFailure { code at } latencyMs
            calls keys refreshes hot hits misses shed
        }
    }
}"""


async def test_every_operation_tells_its_state(ask: Ask, sandbox: Sandbox) -> None:
    """Quota, queue, circuit and counts of every operation are there, and asking for them calls nobody."""
    video = sandbox.ids("vod", "succeeded")[0]
    sandbox.fault(provider="vod", kind="latency", ms=50)
    await ask("query($id: ID!) { video(id: $id) { id } }", id=video)
    await ask("query($id: ID!) { video(id: $id) { id } }", id=video)
    answer = await ask(QUERY)
    assert "errors" not in answer
    assert sandbox.calls() == {"GetTranscodeSummary": 1}
    status = {one["provider"]: one for one in answer["data"]["providers"]}
    assert {name: one["configured"] for name, one in status.items()} == {
        "VOD": True,
        "IMS": True,
        "VISIONULAR": True,
    }
    [summary] = [one for one in status["VOD"]["operations"] if one["name"] == "GetTranscodeSummary"]
    assert (summary["calls"], summary["keys"], summary["hits"], summary["misses"]) == (1, 1, 1, 1)
    assert summary["circuit"] == "CLOSED"
    assert summary["quota"] == "OWN"
    assert summary["lastFailure"] is None
    # The event loop's clock ticks once a millisecond.
    assert summary["latencyMs"] >= 49


async def test_failures_show(ask: Ask, sandbox: Sandbox) -> None:
    """The last failure of an operation has its code and its time."""
    sandbox.fault(provider="ims", kind="status", status=500)
    await ask('{ providerTask(provider: IMS, id: "a") { id } }')
    status = (await ask(QUERY))["data"]["providers"][1]
    [job] = [one for one in status["operations"] if one["name"] == "GetMediaConvertJob"]
    assert job["lastFailure"]["code"] == "UPSTREAM_UNAVAILABLE"


def test_what_is_not_configured_shows(environment: pytest.MonkeyPatch) -> None:
    """A provider without credentials has no operations."""
    environment.delenv("GATEWAY_VISIONULAR_URL")
    with serving(create_app()) as url:
        answer = httpx.post(f"{url}/graphql", json={"query": QUERY}).json()
    assert answer["data"]["providers"][2] == {"provider": "VISIONULAR", "configured": False, "operations": []}
