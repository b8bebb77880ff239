"""TaskConnection over HTTP: its pages, what they cost, and a provider's bad day."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gateway.app import create_app
from gateway.settings.reader import read
from tests.conftest import Ask, Sandbox
from tests.servers import serving

PAGE = """query($f: TaskFilter, $n: Int, $a: String) {
  tasks(filter: $f, first: $n, after: $a) {
    totalCount
    edges { cursor node { id provider providerId } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    sources { provider ok stale code message unreadable observedAt }
  }
}"""


async def _page(ask: Ask, **variables: Any) -> dict[str, Any]:
    answer = await ask(PAGE, **variables)
    assert "errors" not in answer, answer
    page: dict[str, Any] = answer["data"]["tasks"]
    return page


async def test_a_page_is_as_relay_wants_it(ask: Ask) -> None:
    """Edges and nodes agree, cursors are those of the edges, and what came before is known."""
    first = await _page(ask, n=4)
    assert [edge["node"]["id"] for edge in first["edges"]] == [node["id"] for node in first["nodes"]]
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": first["edges"][0]["cursor"],
        "endCursor": first["edges"][-1]["cursor"],
    }
    second = await _page(ask, n=2, a=first["edges"][1]["cursor"])
    assert second["nodes"] == first["nodes"][2:]
    assert second["pageInfo"]["hasPreviousPage"]
    assert [(one["provider"], one["ok"], one["stale"]) for one in first["sources"]] == [
        ("IMS", True, False),
        ("VISIONULAR", True, False),
    ]


async def test_every_page_costs_a_call_a_provider(ask: Ask, sandbox: Sandbox) -> None:
    """What one page took is in README; a second reader of the same page takes nothing."""
    page = await _page(ask, n=20)
    assert sandbox.calls() == {"ListMediaConvertJobs": 1, "list_task": 1}
    await _page(ask, n=20, a=page["pageInfo"]["endCursor"])
    assert sandbox.calls() == {"ListMediaConvertJobs": 2, "list_task": 2}
    await _page(ask, n=20, a=page["pageInfo"]["endCursor"])
    assert sandbox.calls() == {"ListMediaConvertJobs": 2, "list_task": 2}


async def test_only_visionular_alone_is_counted(ask: Ask) -> None:
    """The total is the first page's, and stays with the cursor."""
    assert (await _page(ask, n=1))["totalCount"] is None
    alone = {"providers": ["VISIONULAR"], "statuses": ["FAILED"]}
    page = await _page(ask, n=1, f=alone)
    assert page["totalCount"] > 100
    following = await _page(ask, n=1, f=alone, a=page["pageInfo"]["endCursor"])
    assert following["totalCount"] == page["totalCount"]


async def test_a_provider_that_fails_is_named_and_owes_its_part(ask: Ask, sandbox: Sandbox) -> None:
    """The others are delivered; the cursor brings what was missing when the provider is back."""
    sandbox.fault(provider="ims", kind="status", status=503)
    page = await _page(ask, n=5)
    ims, visionular = page["sources"]
    assert (ims["ok"], ims["code"], visionular["ok"]) == (False, "UPSTREAM_UNAVAILABLE", True)
    assert {edge["node"]["provider"] for edge in page["edges"]} == {"VISIONULAR"}
    sandbox.reset()
    later = await _page(ask, n=5, a=page["pageInfo"]["endCursor"])
    assert "IMS" in {edge["node"]["provider"] for edge in later["edges"]}
    both = page["nodes"] + later["nodes"]
    assert len({node["id"] for node in both}) == len(both)


async def test_a_slow_provider_does_not_use_up_the_request(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """It is waited for as long as leaves time to answer, and then named."""
    environment.setenv("GATEWAY_SERVER_REQUEST_TIMEOUT", "3")
    sandbox.fault(provider="visionular", kind="latency", ms=8000)
    with serving(create_app(read())) as url:
        async with httpx.AsyncClient(timeout=20) as client:
            answer = await client.post(f"{url}/graphql", json={"query": PAGE, "variables": {"n": 3}})
    ims, visionular = answer.json()["data"]["tasks"]["sources"]
    assert (ims["ok"], visionular["ok"]) == (True, False)
    assert visionular["code"] == "UPSTREAM_TIMEOUT"


async def test_a_provider_without_credentials_is_missed_only_by_name(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """Asking for everything asks those that are there; asking for one that is not says so."""
    for name in ("URL", "ACCESS_KEY", "SECRET_KEY"):
        environment.delenv(f"GATEWAY_VISIONULAR_{name}")
    with serving(create_app(read())) as url:
        async with httpx.AsyncClient(timeout=10) as client:

            async def sources(given: dict[str, Any]) -> list[tuple[str, str | None]]:
                variables = {"n": 1, "f": given}
                answer = await client.post(f"{url}/graphql", json={"query": PAGE, "variables": variables})
                return [(one["provider"], one["code"]) for one in answer.json()["data"]["tasks"]["sources"]]

            assert await sources({}) == [("IMS", None)]
            assert await sources({"providers": ["VISIONULAR", "IMS"]}) == [
                ("IMS", None),
                ("VISIONULAR", "PROVIDER_NOT_CONFIGURED"),
            ]


async def test_a_provider_that_cannot_answer_says_why(ask: Ask, sandbox: Sandbox) -> None:
    """VOD, asked for by name, wants videos named; the rest of the list is there."""
    page = await _page(ask, n=1, f={"providers": ["VOD", "IMS"]})
    assert page["sources"][0]["code"] == "NOT_OFFERED"
    assert "videoIds" in page["sources"][0]["message"]
    assert len(page["nodes"]) == 1
    assert "ListTranscodeTask" not in sandbox.calls()


async def test_cursors_are_good_on_other_replicas_with_the_secret(
    environment: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    """A replica that shares the secret goes on; one with another secret takes the cursor for made up."""
    answers = []
    cursor = None
    for secret in ("one", "one", "other"):
        environment.setenv("GATEWAY_SERVER_CURSOR_SECRET", secret)
        with serving(create_app(read())) as url:
            async with httpx.AsyncClient(timeout=10) as client:
                variables = {"n": 2, "a": cursor}
                answer = await client.post(f"{url}/graphql", json={"query": PAGE, "variables": variables})
        answers.append(answer.json())
        cursor = cursor or answers[0]["data"]["tasks"]["pageInfo"]["endCursor"]
    first, second = (answer["data"]["tasks"]["nodes"] for answer in answers[:2])
    assert len({node["id"] for node in first + second}) == 4
    [error] = answers[2]["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
