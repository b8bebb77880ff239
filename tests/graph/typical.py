"""Typical pages of lists and the provider calls they take: README's table, and what the tests count."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

TASKS = "query($f: TaskFilter, $n: Int) { tasks(filter: $f, first: $n) { nodes { id status } } }"
HISTORY = "query($id: ID!, $n: Int) { video(id: $id) { tasks(first: $n) { nodes { id status } } } }"


class Page(Struct, frozen=True):
    """A page with nothing in memory.

    Attributes:
        title: What it shows.
        query, variables: How it is asked for; ``$videos`` stands for ten video ids.
        calls: By operation.
    """

    title: str
    query: str
    variables: dict[str, Any]
    calls: dict[str, int]


IMS, VISIONULAR = "ListMediaConvertJobs", "list_task"
BOTH = {IMS: 1, VISIONULAR: 1}

PAGES = (
    Page("20 newest tasks of the last day", TASKS, {}, BOTH),
    Page("20 failed tasks of the last day", TASKS, {"f": {"statuses": ["FAILED"]}}, BOTH),
    Page("100 newest tasks of the last day", TASKS, {"n": 100}, {IMS: 1, VISIONULAR: 2}),
    Page(
        "40 running tasks: IMS filters by that state, Visionular's are sifted here",
        TASKS,
        {"n": 40, "f": {"statuses": ["RUNNING"]}},
        {IMS: 1, VISIONULAR: 5},
    ),
    Page(
        "49 tasks of Visionular alone", TASKS, {"n": 49, "f": {"providers": ["VISIONULAR"]}}, {VISIONULAR: 1}
    ),
    Page("20 newest tasks of ten videos", TASKS, {"f": {"videoIds": "$videos"}}, {"ListTranscodeTask": 10}),
    Page(
        "a video with its 20 newest tasks",
        HISTORY,
        {"id": "$video"},
        {"GetTranscodeSummary": 1, "ListTranscodeTask": 1},
    ),
    Page(
        "tasks that ended in part, of the last day: only VOD has such",
        TASKS,
        {"f": {"statuses": ["PARTIAL"]}},
        {},
    ),
)
