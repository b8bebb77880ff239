"""The root fields, asked over HTTP, with the calls that the sandbox saw."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import Ask, Sandbox

VIDEOS = "query($ids: [ID!]!) { videos(ids: $ids) { videoId latestTask { status jobs { progress } } } }"

BACKWARDS = """{
    providerTasks(provider: IMS, createdAfter: "2026-02-01T00:00:00Z", createdBefore: "2026-01-01T00:00:00Z")
    { nextPage }
}"""
LONG = '{ providerTasks(provider: VISIONULAR, createdAfter: "2020-02-01T00:00:00Z") { nextPage } }'


async def test_thirty_videos_take_three_summary_calls(ask: Ask, sandbox: Sandbox) -> None:
    """Ten video ids share one call of GetTranscodeSummary."""
    ids = sandbox.ids("vod", "running", 30)
    answer = await ask(VIDEOS, ids=ids)
    assert "errors" not in answer
    assert [video["videoId"] for video in answer["data"]["videos"]] == ids
    assert all(video["latestTask"]["jobs"] for video in answer["data"]["videos"])
    assert sandbox.calls() == {"GetTranscodeSummary": 3}


async def test_lookups_beside_each_other_share_a_call(ask: Ask, sandbox: Sandbox) -> None:
    """Root fields of one query are grouped like the elements of one list."""
    first, second = sandbox.ids("vod", "succeeded", 2)
    answer = await ask(
        "query($a: ID!, $b: ID!) { a: video(id: $a) { videoId } b: video(id: $b) { videoId } }",
        a=first,
        b=second,
    )
    assert answer["data"] == {"a": {"videoId": first}, "b": {"videoId": second}}
    assert sandbox.calls() == {"GetTranscodeSummary": 1}


async def test_an_unknown_video_is_null(ask: Ask, sandbox: Sandbox) -> None:
    """No such video is an answer, not an error, and leaves its neighbours alone."""
    [known] = sandbox.ids("vod", "succeeded", 1)
    answer = await ask(VIDEOS, ids=["nosuchvideo", known])
    assert "errors" not in answer
    assert answer["data"]["videos"][0] is None
    assert answer["data"]["videos"][1]["videoId"] == known
    assert (await ask('{ video(id: "nosuchvideo") { id } }'))["data"] == {"video": None}


async def test_a_video_without_work_is_there(ask: Ask, sandbox: Sandbox) -> None:
    """A video that was never transcoded is a video without a latest task."""
    [never] = sandbox.ids("vod", "never", 1)
    answer = await ask(VIDEOS, ids=[never])
    assert answer["data"] == {"videos": [{"videoId": never, "latestTask": None}]}


FILTERED = "query ($filter: TaskFilter) { tasks(filter: $filter) { edges { cursor } } }"
LISTED = "{ tasks(filter: {videoIds: [" + '"x" ' * 51 + "]}) { edges { cursor } } }"


@pytest.mark.parametrize(
    ("query", "variables", "argument"),
    [
        (VIDEOS, {"ids": ["x"] * 51}, "ids"),
        (FILTERED, {"filter": {"videoIds": ["x"] * 51}}, "filter.videoIds"),
        (LISTED, {}, "filter.videoIds"),
        (VIDEOS, {"ids": [""]}, "ids"),
        (VIDEOS, {"ids": ["a\u0000b"]}, "ids"),
        (VIDEOS, {"ids": ["a,b"]}, "ids"),
        (VIDEOS, {"ids": ["a\nb"]}, "ids"),
        (VIDEOS, {"ids": ["x" * 257]}, "ids"),
        ('{ node(id: "nonsense") { id } }', {}, "id"),
        ('{ node(id: "") { id } }', {}, "id"),
        ('{ nodes(ids: ["nonsense"]) { id } }', {}, "ids"),
        ('{ task(id: "VmlkZW86MTph") { id } }', {}, "id"),
        ('{ job(id: "VmlkZW86MTph") { id } }', {}, "id"),
        ('{ video(id: "VmlkZW8nonsense") { id } }', {}, "id"),
        ('{ providerTask(provider: IMS, id: " ") { id } }', {}, "id"),
        ('{ video(id: "a", maxAge: -1) { id } }', {}, "maxAge"),
        ("{ providerTasks(provider: VOD) { nextPage } }", {}, "VOD"),
        ('{ providerTasks(provider: VOD, videoId: "a", status: FAILED) { nextPage } }', {}, "VOD"),
        ('{ providerTasks(provider: IMS, videoId: "a") { nextPage } }', {}, "videoId"),
        ("{ providerTasks(provider: IMS, pageSize: 51) { nextPage } }", {}, "pageSize"),
        ("{ providerTasks(provider: IMS, pageSize: 0) { nextPage } }", {}, "pageSize"),
        ('{ providerTasks(provider: IMS, page: "") { nextPage } }', {}, "page"),
        (BACKWARDS, {}, "createdBefore"),
        (BACKWARDS.replace("IMS", 'VOD, videoId: "a"'), {}, "createdBefore"),
        (LONG, {}, "createdAfter"),
    ],
)
async def test_bad_input_is_named_before_any_call(
    ask: Ask, sandbox: Sandbox, query: str, variables: dict[str, Any], argument: str
) -> None:
    """A malformed argument is refused by name, and no provider hears of it."""
    [error] = (await ask(query, **variables))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith(argument)
    assert sandbox.calls() == {}


async def test_a_time_without_a_zone_is_refused(ask: Ask, sandbox: Sandbox) -> None:
    """A time that could mean several moments is bad input, in a literal and in a variable."""
    literal = '{ providerTasks(provider: IMS, createdAfter: "2026-02-01T00:00:00") { nextPage } }'
    [error] = (await ask(literal))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith("createdAfter: ")
    variable = "query($t: DateTime) { providerTasks(provider: IMS, createdAfter: $t) { nextPage } }"
    [error] = (await ask(variable, t="2026-02-01T00:00:00"))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert sandbox.calls() == {}


@pytest.mark.parametrize(
    ("provider", "listing", "operations"),
    [
        ("IMS", "providerTasks(provider: IMS, pageSize: 3)", {"ListMediaConvertJobs": 1}),
        ("VISIONULAR", "providerTasks(provider: VISIONULAR, pageSize: 3)", {"list_task": 1}),
    ],
)
async def test_a_page_of_recent_work_is_one_call(
    ask: Ask, sandbox: Sandbox, provider: str, listing: str, operations: dict[str, int]
) -> None:
    """Listing the last day costs one call and says how to go on."""
    answer = await ask(f"{{ page: {listing} {{ tasks {{ provider createdAt providerId }} nextPage }} }}")
    page = answer["data"]["page"]
    assert [task["provider"] for task in page["tasks"]] == [provider] * 3
    # Older IMS jobs tell no time of creation in a listing.
    created = [task["createdAt"] for task in page["tasks"] if task["createdAt"]]
    assert created == sorted(created, reverse=True)
    assert page["nextPage"]
    assert sandbox.calls() == operations


@pytest.mark.parametrize("provider", ["IMS", "VISIONULAR"])
@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "RUNNING", "CANCELLED"])
async def test_a_page_holds_only_tasks_in_the_state_asked_for(ask: Ask, provider: str, status: str) -> None:
    """Whether or not the provider can filter by a state, no other comes through."""
    answer = await ask(
        "query($p: Provider!, $s: Status!) { providerTasks(provider: $p, status: $s) { tasks { status } } }",
        p=provider,
        s=status,
    )
    assert {task["status"] for task in answer["data"]["providerTasks"]["tasks"]} <= {status}


async def test_pages_follow_each_other(ask: Ask, sandbox: Sandbox) -> None:
    """The next page goes on where the first ended."""
    query = """query($page: String) {
        providerTasks(provider: IMS, pageSize: 5, page: $page, createdBefore: "%s") {
            tasks { providerId } nextPage
        }
    }"""
    query %= datetime.now(UTC).isoformat()
    first = (await ask(query))["data"]["providerTasks"]
    second = (await ask(query, page=first["nextPage"]))["data"]["providerTasks"]
    ids = [task["providerId"] for page in (first, second) for task in page["tasks"]]
    assert len(set(ids)) == 10


async def test_one_videos_history_is_listed(ask: Ask, sandbox: Sandbox) -> None:
    """VOD lists the tasks of one video."""
    [video] = sandbox.ids("vod", "running", 1)
    answer = await ask(
        "query($id: ID!) { providerTasks(provider: VOD, videoId: $id) { tasks { videoId providerId } } }",
        id=video,
    )
    tasks = answer["data"]["providerTasks"]["tasks"]
    assert tasks
    assert {task["videoId"] for task in tasks} == {video}
    assert all(task["providerId"] for task in tasks)
    assert sandbox.calls() == {"ListTranscodeTask": 1}


async def test_the_history_of_an_unknown_video_is_empty(ask: Ask) -> None:
    """Nothing is known of it, which is no error."""
    answer = await ask(
        '{ providerTasks(provider: VOD, videoId: "nosuchvideo") { tasks { id } nextPage totalCount } }'
    )
    assert answer["data"]["providerTasks"] == {"tasks": [], "nextPage": None, "totalCount": None}


async def test_a_task_is_found_by_its_providers_id(ask: Ask, sandbox: Sandbox) -> None:
    """Each provider's own task ids lead to tasks; unknown ones to null."""
    query = "query($p: Provider!, $id: ID!) { providerTask(provider: $p, id: $id) { provider providerId } }"
    known = {
        "VOD": sandbox.ids("vod_tasks", "succeeded", 1)[0],
        "IMS": sandbox.ids("ims", "succeeded", 1)[0],
        "VISIONULAR": sandbox.ids("visionular", "succeeded", 1)[0],
    }
    for provider, task_id in known.items():
        answer = await ask(query, p=provider, id=task_id)
        assert answer == {
            "data": {"providerTask": {"provider": provider, "providerId": task_id}},
            "extensions": answer["extensions"],
        }
        assert (await ask(query, p=provider, id="f" * 32))["data"] == {"providerTask": None}
    assert sandbox.calls() == {"GetTranscodeTask": 2, "GetMediaConvertJob": 2, "query_task": 2}


@pytest.mark.parametrize("provider", ["VOD", "IMS", "VISIONULAR"])
async def test_an_id_finds_its_object_again(ask: Ask, sandbox: Sandbox, provider: str) -> None:
    """The id of a task or job, whatever it was read from, leads back to the same object."""
    section = "vod_tasks" if provider == "VOD" else provider.lower()
    [task_id] = sandbox.ids(section, "succeeded", 1)
    found = await ask(
        "query($p: Provider!, $id: ID!) {"
        " providerTask(provider: $p, id: $id) { id providerId jobs { id status } } }",
        p=provider,
        id=task_id,
    )
    task = found["data"]["providerTask"]
    again = await ask(
        "query($id: ID!, $ids: [ID!]!) {"
        " node(id: $id) { __typename id } task(id: $id) { id providerId }"
        " nodes(ids: $ids) { __typename id ... on Job { status } } }",
        id=task["id"],
        ids=[job["id"] for job in task["jobs"]],
    )
    assert "errors" not in again
    assert again["data"]["node"] == {"__typename": "Task", "id": task["id"]}
    assert again["data"]["task"] == {"id": task["id"], "providerId": task_id}
    assert again["data"]["nodes"] == [{"__typename": "Job", **job} for job in task["jobs"]]


async def test_a_videos_id_is_a_node_id(ask: Ask, sandbox: Sandbox) -> None:
    """A video is found by its global id through node and through video."""
    [video_id] = sandbox.ids("vod", "succeeded", 1)
    video = (await ask("query($id: ID!) { video(id: $id) { id } }", id=video_id))["data"]["video"]
    again = await ask(
        "query($id: ID!) { node(id: $id) { ... on Video { videoId } } video(id: $id) { videoId } }",
        id=video["id"],
    )
    assert again["data"] == {"node": {"videoId": video_id}, "video": {"videoId": video_id}}


async def test_a_job_is_found_by_its_providers_id(ask: Ask, sandbox: Sandbox) -> None:
    """VOD's job ids lead to jobs, ten to a call; other providers say that they offer no such thing."""
    ids = sandbox.ids("vod_jobs", "succeeded", 3)
    field = 'j{}: providerJob(provider: VOD, id: "{}") {{ id providerId }}'
    answer = await ask("{" + " ".join(field.format(n, job) for n, job in enumerate(ids)) + "}")
    assert [job["providerId"] for job in answer["data"].values()] == ids
    assert sandbox.calls() == {"GetTranscodeTask": 1}
    node = await ask("query($id: ID!) { job(id: $id) { providerId } }", id=answer["data"]["j0"]["id"])
    assert node["data"]["job"]["providerId"] == ids[0]
    [error] = (await ask('{ providerJob(provider: IMS, id: "a") { id } }'))["errors"]
    assert error["extensions"]["code"] == "NOT_OFFERED"


ALL = """query($f: TaskFilter, $n: Int, $l: Int, $a: String) {
  tasks(filter: $f, first: $n, last: $l, after: $a) %s
}"""
TASKS = ALL % "{ nodes { id } }"


@pytest.mark.parametrize(
    ("variables", "argument"),
    [
        ({"n": 0}, "first"),
        ({"n": -5}, "first"),
        ({"n": 101}, "first"),
        ({"n": 5, "l": 5}, "last"),
        ({"l": 5}, "last"),
        ({"a": ""}, "after"),
        ({"a": "nonsense"}, "after"),
        ({"a": "AbCd" * 30}, "after"),
        (
            {"f": {"createdAfter": "2026-01-02T00:00:00Z", "createdBefore": "2026-01-01T00:00:00Z"}},
            "createdBefore",
        ),
        (
            {"f": {"createdAfter": "2026-01-02T00:00:00Z", "createdBefore": "2026-01-02T00:00:00Z"}},
            "createdBefore",
        ),
        ({"f": {"createdAfter": "2999-01-01T00:00:00Z"}}, "createdAfter"),
        ({"f": {"createdBefore": "2999-01-01T00:00:00Z"}}, "createdBefore"),
        ({"f": {"createdAfter": "2020-01-01T00:00:00Z"}}, "createdAfter"),
        ({"f": {"createdAfter": "2026-01-01T00:00:00"}}, "createdAfter"),
        ({"f": {"statuses": ["NONSENSE"]}}, "statuses"),
        ({"f": {"statuses": []}}, "statuses"),
        ({"f": {"videoIds": [""]}}, "videoIds"),
    ],
)
async def test_a_list_that_cannot_be_is_refused_by_name(
    ask: Ask, sandbox: Sandbox, variables: dict[str, Any], argument: str
) -> None:
    """Pages, cursors, windows and filters that make no sense are bad input, before any provider is asked."""
    [error] = (await ask(TASKS, **variables))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert argument in error["message"]
    assert sandbox.calls() == {}


async def test_a_cursor_is_refused_with_another_filter(ask: Ask, sandbox: Sandbox) -> None:
    """It is a place in one list, and none in another."""
    cursor = (await ask(ALL % "{ pageInfo { endCursor } }", n=1))["data"]["tasks"]["pageInfo"]["endCursor"]
    made = sandbox.calls()
    [error] = (await ask(TASKS, a=cursor, f={"statuses": ["FAILED"]}))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith("after: ")
    assert sandbox.calls() == made


async def test_ids_of_listed_tasks_find_them_again(ask: Ask, sandbox: Sandbox) -> None:
    """Whatever the list shows can be looked up by its id, one call each."""
    tasks = (await ask(ALL % "{ nodes { id provider status } }", n=6))["data"]["tasks"]["nodes"]
    sandbox.reset()
    again = await ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[task["id"] for task in tasks])
    assert [node["id"] for node in again["data"]["nodes"]] == [task["id"] for task in tasks]
    assert sum(sandbox.calls().values()) == 6
