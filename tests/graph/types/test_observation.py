"""Observation: the honest origin and age of data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.conftest import Ask, Sandbox


async def test_a_task_tells_where_and_when_it_was_seen(ask: Ask, sandbox: Sandbox) -> None:
    """Operation, moment and the provider's request id come with every task; the answer tells its oldest."""
    [video] = sandbox.ids("vod", "running", 1)
    answer = await ask(
        "query($id: ID!) { video(id: $id) "
        "{ latestTask { observedAt observation { at operation requestId } } } }",
        id=video,
    )
    task = answer["data"]["video"]["latestTask"]
    assert task["observation"]["operation"] == "GetTranscodeSummary"
    assert task["observation"]["requestId"]
    assert task["observedAt"] == task["observation"]["at"]
    age = datetime.now(UTC) - datetime.fromisoformat(task["observedAt"])
    assert timedelta(0) <= age < timedelta(seconds=10)
    assert 0 <= answer["extensions"]["freshness"]["oldestMs"] < 10_000
