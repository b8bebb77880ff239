"""Output: figures, streams and addresses."""

from __future__ import annotations

from tests.conftest import Ask, Sandbox


async def test_outputs_in_full_have_streams_and_addresses(ask: Ask, sandbox: Sandbox) -> None:
    """VOD's second operation adds what the summary lacks."""
    [video] = sandbox.ids("vod", "succeeded", 1)
    answer = await ask(
        "query($id: ID!) { video(id: $id) { latestTask { jobs { output { format url fileSize "
        "videoStreams { codecName width bitrate } audioStreams { codecName sampleRate } } } } } }",
        id=video,
    )
    outputs = [job["output"] for job in answer["data"]["video"]["latestTask"]["jobs"]]
    assert all(output["url"].startswith("http") for output in outputs)
    assert all(isinstance(output["fileSize"], int) for output in outputs)
    assert all(output["videoStreams"] or output["audioStreams"] for output in outputs)


async def test_sizes_exceed_thirty_two_bits(ask: Ask, sandbox: Sandbox) -> None:
    """A file larger than 2 GiB has its true size."""
    sizes: list[int] = []
    for start in range(0, 500, 50):
        ids = sandbox.ids("vod", "succeeded", 500)[start : start + 50]
        answer = await ask(
            "query($ids: [ID!]!) { videos(ids: $ids) { latestTask { jobs { output { fileSize } } } } }",
            ids=ids,
        )
        for video in answer["data"]["videos"]:
            jobs = video["latestTask"]["jobs"] if video and video["latestTask"] else []
            sizes += [job["output"]["fileSize"] or 0 for job in jobs if job["output"]]
        if max(sizes) > 2**31:
            return
    raise AssertionError(f"the largest of {len(sizes)} files has {max(sizes)} bytes")
