"""Task: which fields cost which calls."""

from __future__ import annotations

import pytest

from tests.conftest import Ask, Sandbox

SUMMARY = """
    id provider status providerStatus progress createdAt completedAt videoId templateGroupId observedAt
    observation { at operation requestId }
    jobs {
        id status progress template { id }
        output { format width height fps bitrate duration fileSize definition encryption watermarkIds }
    }
"""
FULL = """
    jobs {
        providerId priority input { url }
        output { url videoStreams { codecName } audioStreams { codecName } subtitleStreams { index } }
    }
"""
LATEST = "query($ids: [ID!]!) { videos(ids: $ids) { latestTask { %s } } }"


@pytest.mark.parametrize(
    ("fields", "operations"),
    [
        (SUMMARY, {"GetTranscodeSummary": 1}),
        ("providerId trigger", {"GetTranscodeSummary": 1, "ListTranscodeTask": 2}),
        ("inputs { url }", {"GetTranscodeSummary": 1, "ListTranscodeTask": 2, "GetTranscodeTask": 2}),
        (FULL, {"GetTranscodeSummary": 1, "ListTranscodeTask": 2, "GetTranscodeTask": 2}),
    ],
)
async def test_costlier_operations_are_called_only_for_their_fields(
    ask: Ask, sandbox: Sandbox, fields: str, operations: dict[str, int]
) -> None:
    """Two videos' latest tasks cost one summary; a second operation is asked when a field needs it, once."""
    answer = await ask(LATEST % fields, ids=sandbox.ids("vod", "succeeded", 2))
    assert "errors" not in answer
    assert sandbox.calls() == operations


async def test_a_listed_task_gets_its_jobs_when_asked(ask: Ask, sandbox: Sandbox) -> None:
    """IMS lists jobs without their outputs; selecting jobs asks for each task once."""
    query = "{ providerTasks(provider: IMS, pageSize: 2) { tasks { %s } } }"
    await ask(query % "id status createdAt name userData pipelineId inputs { location { uri } }")
    assert sandbox.calls() == {"ListMediaConvertJobs": 1}
    answer = await ask(query % "progress jobs { name output { fileSize } } error { code message }")
    assert "errors" not in answer
    assert sandbox.calls()["GetMediaConvertJob"] == 2


async def test_the_same_task_has_one_id(ask: Ask, sandbox: Sandbox) -> None:
    """A task and its jobs have the same ids in the summary, in the listing and in full."""
    [video] = sandbox.ids("vod", "succeeded", 1)
    summary = (await ask(LATEST % "id providerId jobs { id }", ids=[video]))["data"]["videos"][0][
        "latestTask"
    ]
    listing = await ask(
        "query($v: ID!) { providerTasks(provider: VOD, videoId: $v, pageSize: 10) "
        "{ tasks { id providerId jobs { id } } } }",
        v=video,
    )
    full = await ask(
        "query($t: ID!) { providerTask(provider: VOD, id: $t) { id providerId jobs { id } } }",
        t=summary["providerId"],
    )
    assert summary in listing["data"]["providerTasks"]["tasks"]
    assert full["data"]["providerTask"] == summary


async def test_a_task_of_ims_leads_to_its_video(ask: Ask, sandbox: Sandbox) -> None:
    """The video named in an IMS job's user data is the video in VOD."""
    answer = await ask(
        "{ providerTasks(provider: IMS, pageSize: 50) "
        "{ tasks { videoId video { videoId latestTask { provider } } } } }"
    )
    tasks = answer["data"]["providerTasks"]["tasks"]
    matched = [task for task in tasks if task["video"]]
    assert matched
    assert all(task["video"]["videoId"] == task["videoId"] for task in matched)
    assert any(task["video"]["latestTask"] for task in matched)
    assert [task for task in tasks if task["videoId"] is None and task["video"] is None]
