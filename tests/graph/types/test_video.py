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


HISTORY = """query($id: ID!, $n: Int, $a: String, $s: [Status!]) {
  video(id: $id) {
    tasks(first: $n, after: $a, statuses: $s) {
      nodes { id videoId status }
      pageInfo { hasNextPage endCursor }
      totalCount
      sources { provider ok }
    }
  }
}"""


async def test_a_videos_whole_history_is_paged_through(ask: Ask, sandbox: Sandbox) -> None:
    """VOD keeps a dozen tasks and more of a busy video; each page is one call of the listing."""
    [video] = sandbox.ids("vod", "running", 1)
    seen: list[str] = []
    after = None
    while True:
        page = (await ask(HISTORY, id=video, n=5, a=after))["data"]["video"]["tasks"]
        assert {task["videoId"] for task in page["nodes"]} == {video}
        assert page["sources"] == [{"provider": "VOD", "ok": True}]
        seen += [task["id"] for task in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) >= 12
    assert sandbox.calls()["ListTranscodeTask"] == -(-len(seen) // 5)


async def test_a_task_has_one_id_whichever_way_it_was_found(ask: Ask, sandbox: Sandbox) -> None:
    """The latest task by the summary is the first of the history, and the id finds it again."""
    [video] = sandbox.ids("vod", "running", 1)
    query = "query($id: ID!) { video(id: $id) { latestTask { id } tasks(first: 1) { nodes { id } } } }"
    found = (await ask(query, id=video))["data"]["video"]
    assert [found["latestTask"]] == found["tasks"]["nodes"]


async def test_a_history_is_filtered_here(ask: Ask, sandbox: Sandbox) -> None:
    """VOD cannot filter by state, so the page is read and sifted."""
    [video] = sandbox.ids("vod", "running", 1)
    page = (await ask(HISTORY, id=video, n=100, s=["RUNNING"]))["data"]["video"]["tasks"]
    assert {task["status"] for task in page["nodes"]} == {"RUNNING"}
    assert page["totalCount"] is None
