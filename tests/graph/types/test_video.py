"""Video: its latest task."""

from __future__ import annotations

from tests.conftest import Ask, Sandbox


async def test_a_video_read_twice_is_asked_for_once(ask: Ask, sandbox: Sandbox) -> None:
    """Within one query the same video is one record, wherever it is reached."""
    [video] = sandbox.ids("vod", "succeeded", 1)
    answer = await ask(
        "query($id: ID!) { video(id: $id) { latestTask { video { latestTask { video { videoId } } } } } }",
        id=video,
    )
    inner = answer["data"]["video"]["latestTask"]["video"]["latestTask"]["video"]
    assert inner == {"videoId": video}
    assert sandbox.calls() == {"GetTranscodeSummary": 1}
