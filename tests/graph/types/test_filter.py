"""TaskFilter."""

from __future__ import annotations

from tests.conftest import Ask, Sandbox

FAILED = (
    "query($f: TaskFilter) { tasks(filter: $f, first: 5) { nodes { provider status createdAt videoId } } }"
)


async def test_all_failed_tasks_of_last_night(ask: Ask, sandbox: Sandbox) -> None:
    """The question a backend has every morning is one call to each provider that lists by time."""
    tasks = (await ask(FAILED, f={"statuses": ["FAILED"]}))["data"]["tasks"]["nodes"]
    assert {task["status"] for task in tasks} == {"FAILED"}
    assert sandbox.calls() == {"ListMediaConvertJobs": 1, "list_task": 1}


async def test_videos_are_vods_business(ask: Ask, sandbox: Sandbox) -> None:
    """Given videos and no provider, VOD is asked for each video's history."""
    ids = sandbox.ids("vod", "running", 2)
    tasks = (await ask(FAILED, f={"videoIds": ids}))["data"]["tasks"]["nodes"]
    assert {task["provider"] for task in tasks} == {"VOD"}
    assert {task["videoId"] for task in tasks} <= set(ids)
    assert sandbox.calls() == {"ListTranscodeTask": 2}
