"""Job: groups, errors, and what its provider tells only in full."""

from __future__ import annotations

from tests.conftest import Ask, Sandbox


async def test_jobs_in_a_group_say_so(ask: Ask, sandbox: Sandbox) -> None:
    """An IMS output group is told on each of its jobs."""
    answer = await ask(
        "{ providerTasks(provider: IMS, pageSize: 15) { tasks { jobs { provider name priority fileName "
        "group { name type manifestName status providerStatus } } } } }"
    )
    jobs = [job for task in answer["data"]["providerTasks"]["tasks"] for job in task["jobs"]]
    grouped = [job for job in jobs if job["group"]]
    assert grouped
    assert len(grouped) < len(jobs)
    assert all(job["group"]["type"] for job in grouped)


async def test_a_failed_job_tells_why(ask: Ask, sandbox: Sandbox) -> None:
    """A failed VOD job carries the provider's code and message, and no made-up figures."""
    [video] = sandbox.ids("vod", "failed", 1)
    answer = await ask(
        "query($id: ID!) { video(id: $id) { latestTask { jobs { status error { code message } "
        "output { width fileSize url } } } } }",
        id=video,
    )
    jobs = answer["data"]["video"]["latestTask"]["jobs"]
    failed = [job for job in jobs if job["status"] == "FAILED"]
    assert all(job["error"]["code"] for job in failed)
    assert all(not job["output"] or job["output"]["width"] is None for job in failed)


async def test_a_visionular_task_has_one_job(ask: Ask, sandbox: Sandbox) -> None:
    """Visionular applies one template to one input."""
    [task] = sandbox.ids("visionular", "succeeded", 1)
    answer = await ask(
        "query($id: ID!) { providerTask(provider: VISIONULAR, id: $id) { jobs { status template { id name } "
        "input { url bitrate location { uri } } "
        "output { url bitrate location { type uri bucket objectKey region } } } } }",
        id=task,
    )
    [job] = answer["data"]["providerTask"]["jobs"]
    assert job["status"] == "SUCCEEDED"
    assert job["template"]["name"]
    assert job["output"]["location"]["bucket"]
    assert job["output"]["url"]
    assert job["input"]["bitrate"]
