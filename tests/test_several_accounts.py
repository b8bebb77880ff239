"""One gateway over two accounts of each provider, which hold different worlds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from typer.testing import CliRunner

from gateway.access import keys
from gateway.app import create_app
from gateway.cli import app
from gateway.sandbox.app import create_app as create_sandbox
from gateway.sandbox.credentials import Credentials
from tests.conftest import QUICK, Sandbox
from tests.servers import serving

SECOND = Credentials(
    access_key_id="secondId",
    access_key_secret="secondSecret",
    visionular_access_key="secondKey",
    visionular_secret_key="secondSecret",
)

TABLES = f"""
[vod.sources.eu]
endpoint = "URL"
access_key_id = "{SECOND.access_key_id}"
access_key_secret = "{SECOND.access_key_secret}"
calls_per_second = {QUICK}

[ims.sources.eu]
endpoint = "URL"
access_key_id = "{SECOND.access_key_id}"
access_key_secret = "{SECOND.access_key_secret}"
calls_per_second = {QUICK}

[visionular.sources.eu]
url = "URL"
access_key = "{SECOND.visionular_access_key}"
secret_key = "{SECOND.visionular_secret_key}"
calls_per_second = {QUICK}
"""


@pytest.fixture(scope="module")
def _second() -> Iterator[Sandbox]:
    with serving(create_sandbox(seed=8, quota=float(QUICK), credentials=SECOND)) as url:
        yield Sandbox(url)


@pytest.fixture
def second(_second: Sandbox) -> Sandbox:
    """The other account's providers."""
    _second.reset()
    return _second


@pytest.fixture
def gateway(environment: pytest.MonkeyPatch, second: Sandbox, tmp_path: Path) -> Iterator[str]:
    """The URL of a gateway on both."""
    file = tmp_path / "gateway.toml"
    file.write_text(TABLES.replace("URL", second.url))
    environment.setenv("GATEWAY_CONFIG", str(file))
    with serving(create_app()) as url:
        yield url


def ask(url: str, query: str, key: str | None = None, **variables: Any) -> dict[str, Any]:
    """Ask over HTTP."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    body = {"query": query, "variables": variables}
    answer: dict[str, Any] = httpx.post(f"{url}/graphql", json=body, headers=headers, timeout=30).json()
    return answer


TASK = "id source provider status video { id source } jobs { id source output { width } }"
LATEST = f"""query($ids: [ID!]!, $s: String) {{
    videos(ids: $ids, source: $s) {{ id source latestTask {{ {TASK} }} }}
}}"""
NODES = """query($ids: [ID!]!) { nodes(ids: $ids) {
    id ... on Task { source } ... on Job { source } ... on Video { source }
} }"""


def test_each_account_has_its_own_world(gateway: str, sandbox: Sandbox, second: Sandbox) -> None:
    """An id is looked up where it is said to be, and only there; by default that is the default account."""
    here, there = sandbox.ids("vod", "succeeded")[0], second.ids("vod", "succeeded")[0]
    assert ask(gateway, LATEST, ids=[here, there])["data"]["videos"][1] is None
    [missing, found] = ask(gateway, LATEST, ids=[here, there], s="eu")["data"]["videos"]
    assert missing is None
    assert found["source"] == found["latestTask"]["source"] == "eu"
    assert {job["source"] for job in found["latestTask"]["jobs"]} == {"eu"}
    assert found["latestTask"]["video"] == {"id": found["id"], "source": "eu"}
    assert sandbox.calls() == second.calls() == {"GetTranscodeSummary": 1}


def test_every_id_leads_back_to_its_account(gateway: str, sandbox: Sandbox, second: Sandbox) -> None:
    """Videos, tasks and jobs of both, of all providers, in one list of ids, on a gateway that knows none."""
    query = f"""query($v: ID!, $i: ID!, $t: ID!, $s: String) {{
        video(id: $v, source: $s) {{ id latestTask {{ {TASK} }} }}
        ims: providerTask(provider: IMS, id: $i, source: $s) {{ {TASK} }}
        visionular: providerTask(provider: VISIONULAR, id: $t, source: $s) {{ {TASK} }}
    }}"""
    ids: list[tuple[str, str]] = []
    for world, source in ((sandbox, "default"), (second, "eu")):
        known = {
            name: world.ids(kind, "succeeded")[0]
            for name, kind in zip("vit", ("vod", "ims", "visionular"), strict=True)
        }
        data = ask(gateway, query, **known, s=source)["data"]
        tasks = [data["video"]["latestTask"], data["ims"], data["visionular"]]
        assert {task["source"] for task in tasks} == {source}
        found = [data["video"], *tasks, *(job for task in tasks for job in task["jobs"][:1])]
        ids += [(one["id"], source) for one in found]
    answer = ask(gateway, NODES, ids=[one for one, _ in ids])
    assert [(node["id"], node["source"]) for node in answer["data"]["nodes"]] == ids
    mixed = [one for one, _ in ids if one.startswith("VmlkZW8")]
    assert [video["source"] for video in ask(gateway, LATEST, ids=mixed)["data"]["videos"]] == [
        "default",
        "eu",
    ]


LIST = """query($filter: TaskFilter, $after: String) { tasks(filter: $filter, first: 20, after: $after) {
    nodes { id source provider createdAt } pageInfo { hasNextPage endCursor } sources { provider source ok }
} }"""


def test_the_list_is_of_all_accounts(gateway: str, sandbox: Sandbox, second: Sandbox) -> None:
    """Newest first over accounts as over providers, nothing twice, and each tells how it contributed."""
    seen: list[dict[str, Any]] = []
    after = None
    for _ in range(4):
        page = ask(gateway, LIST, after=after)["data"]["tasks"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        assert [(one["provider"], one["source"], one["ok"]) for one in page["sources"]] == [
            ("IMS", "default", True),
            ("IMS", "eu", True),
            ("VISIONULAR", "default", True),
            ("VISIONULAR", "eu", True),
        ]
    assert len({task["id"] for task in seen}) == len(seen) == 80
    assert {(task["provider"], task["source"]) for task in seen} == {
        (provider, source) for provider in ("IMS", "VISIONULAR") for source in ("default", "eu")
    }
    times = [task["createdAt"] for task in seen if task["createdAt"]]
    assert times == sorted(times, reverse=True)


def test_lists_of_one_account(gateway: str, sandbox: Sandbox, second: Sandbox) -> None:
    """By its name, or by the videos it has; nobody else is asked."""
    page = ask(gateway, LIST, filter={"sources": ["eu"], "providers": ["IMS"]})["data"]["tasks"]
    assert {task["source"] for task in page["nodes"]} == {"eu"}
    assert page["sources"] == [{"provider": "IMS", "source": "eu", "ok": True}]
    video = ask(gateway, LATEST, ids=second.ids("vod", "succeeded"), s="eu")["data"]["videos"][0]["id"]
    page = ask(gateway, LIST, filter={"videoIds": [video]})["data"]["tasks"]
    assert {task["source"] for task in page["nodes"]} == {"eu"}
    history = ask(gateway, "query($id: ID!) { video(id: $id) { tasks { nodes { id source } } } }", id=video)
    assert [task["id"] for task in history["data"]["video"]["tasks"]["nodes"]] == [
        task["id"] for task in page["nodes"]
    ]
    own = ask(
        gateway,
        'query { providerTasks(provider: VISIONULAR, source: "eu") { tasks { source } } }',
    )
    assert {task["source"] for task in own["data"]["providerTasks"]["tasks"]} == {"eu"}
    assert sandbox.calls() == {}


def test_what_cannot_be_is_said(gateway: str, second: Sandbox) -> None:
    """A name that nobody has; videos of two accounts in one filter; an id beside another account's name."""
    unknown = ask(gateway, LATEST, ids=["a"], s="us")["errors"][0]
    assert unknown["extensions"]["code"] == "PROVIDER_NOT_CONFIGURED"
    video = ask(gateway, LATEST, ids=second.ids("vod", "succeeded"), s="eu")["data"]["videos"][0]["id"]
    wrong: list[dict[str, Any]] = [
        {"sources": ["us"]},
        {"sources": []},
        {"videoIds": [video, "a"]},
        {"videoIds": [video], "sources": ["default"]},
        {"videoIds": [video], "sources": ["default", "eu"]},
    ]
    for one in wrong:
        [error] = ask(gateway, LIST, filter=one)["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT", error
    [error] = ask(gateway, LATEST, ids=[video], s="default")["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_an_account_in_trouble_is_named_and_alone(gateway: str, sandbox: Sandbox, second: Sandbox) -> None:
    """The other account of the same provider answers; the error tells which one did not."""
    second.fault(kind="status", status=500)
    query = """query($a: ID!, $b: ID!) {
        here: video(id: $a) { source } there: video(id: $b, source: "eu") { source }
    }"""
    answer = ask(gateway, query, a=sandbox.ids("vod", "failed")[0], b=second.ids("vod", "failed")[0])
    assert answer["data"] == {"here": {"source": "default"}, "there": None}
    [error] = answer["errors"]
    assert error["extensions"]["provider"] == "VOD"
    assert error["extensions"]["source"] == "eu"
    page = ask(gateway, LIST)["data"]["tasks"]
    assert [one["ok"] for one in page["sources"]] == [True, False, True, False]


def test_lanes_are_kept_apart(gateway: str, sandbox: Sandbox, second: Sandbox) -> None:
    """Each account has a quota, a queue and a circuit of its own, and Query.providers shows each."""
    ask(gateway, LATEST, ids=second.ids("vod", "failed"), s="eu")
    status = ask(gateway, "{ providers { provider source configured operations { name calls } } }")
    told = {(one["provider"], one["source"]): one for one in status["data"]["providers"]}
    assert list(told) == [
        *((provider, "default") for provider in ("VOD", "IMS", "VISIONULAR")),
        *((provider, "eu") for provider in ("VOD", "IMS", "VISIONULAR")),
    ]
    calls = {
        source: {one["name"]: one["calls"] for one in told["VOD", source]["operations"]}
        for source in ("default", "eu")
    }
    assert calls["eu"]["GetTranscodeSummary"] == 1
    assert calls["default"]["GetTranscodeSummary"] == 0


@pytest.mark.parametrize(
    ("scopes", "here", "there"),
    [
        ("provider:all", True, False),
        ("provider:all source:eu", False, True),
        ("provider:all source:default source:eu", True, True),
        ("provider:all source:all", True, True),
    ],
)
def test_clients_see_the_accounts_they_were_given(
    environment: pytest.MonkeyPatch,
    sandbox: Sandbox,
    second: Sandbox,
    tmp_path: Path,
    scopes: str,
    *,
    here: bool,
    there: bool,
) -> None:
    """By id, by listing and in the status; what is not given is neither shown nor asked for."""
    file = tmp_path / "gateway.toml"
    file.write_text(TABLES.replace("URL", second.url))
    environment.setenv("GATEWAY_CONFIG", str(file))
    key = keys.generate()
    environment.setenv("GATEWAY_ACCESS_ANONYMOUS", "false")
    environment.setenv("GATEWAY_ACCESS_KEYS", keys.entry("client", key, scopes.split()))
    seen = {name for name, given in (("default", here), ("eu", there)) if given}
    with serving(create_app()) as url:
        for source, world in (("default", sandbox), ("eu", second)):
            answer = ask(url, LATEST, key, ids=world.ids("vod", "succeeded"), s=source)
            if source in seen:
                assert answer["data"]["videos"][0]["source"] == source
            else:
                assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
                assert world.calls() == {}
        page = ask(url, LIST, key)["data"]["tasks"]
        assert {task["source"] for task in page["nodes"]} == seen
        assert {one["source"] for one in page["sources"]} == seen
        status = ask(url, "{ providers { source configured } }", key)["data"]["providers"]
        assert {one["source"] for one in status if one["configured"]} == seen


def test_check_probes_every_account(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, second: Sandbox, tmp_path: Path
) -> None:
    """An operator sees which one is wrong."""
    file = tmp_path / "gateway.toml"
    file.write_text(TABLES.replace("URL", second.url).replace("secondId", "thirdId"))
    environment.setenv("GATEWAY_CONFIG", str(file))
    result = CliRunner().invoke(app, ["check", "--probe"])
    assert result.exit_code == 1
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if "Get" in line or "query" in line}
    assert " ok, " in lines["VOD"]
    assert "InvalidAccessKeyId.NotFound" in lines["VOD/eu"]
    assert " ok, " in lines["VISIONULAR/eu"]


def test_work_of_any_account_can_be_watched(gateway: str, second: Sandbox) -> None:
    """A subscription follows the ids it is given to their account."""
    video = ask(gateway, LATEST, ids=second.ids("vod", "succeeded"), s="eu")["data"]["videos"][0]
    watched = """subscription($v: [ID!]!) { videos(ids: $v) { video { source latestTask { id source } } } }"""
    body = {"query": watched, "variables": {"v": [video["id"]]}}
    headers = {"accept": "text/event-stream"}
    with httpx.stream("POST", f"{gateway}/graphql", json=body, headers=headers, timeout=30) as answer:
        data = next(line for line in answer.iter_lines() if line.startswith("data: {"))
    told = msgspec.json.decode(data.removeprefix("data: "))["data"]["videos"]["video"]
    assert told == {"source": "eu", "latestTask": {"id": video["latestTask"]["id"], "source": "eu"}}
