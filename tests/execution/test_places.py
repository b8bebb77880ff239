"""Places: paths, worked out backwards."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gateway.execution.places import Place


def _field(key: str, order: int, *allowed: str) -> Any:
    nonnull = tuple(one == "never null" for one in allowed)
    return SimpleNamespace(key=key, order=order, depth=len(nonnull) - 1, nonnull=nonnull)


VIDEOS = _field("videos", 1, "null", "null")
JOBS = _field("jobs", 2, "never null", "never null")
OUTPUT = _field("output", 0, "never null")


def test_an_objects_path_leads_through_the_lists_above_it() -> None:
    """Indices count the nulls that the column of objects leaves out."""
    videos = Place(Place(), VIDEOS, [["V0", None, "V2"]])
    jobs = Place(videos, JOBS, [["J0", "J1"], ["J2"]])
    assert [step.key for step in jobs.steps(2)] == ["videos", 2, "jobs", 0]
    assert [step.order for step in jobs.steps(2)] == [1, 2, 2, 0]
    assert jobs.outline() == ["videos", "jobs"]
    assert Place().steps(0) == []


def test_some_objects_keep_their_paths() -> None:
    """Objects that part by their types stay where they are."""
    videos = Place(Place(), VIDEOS, [["V0", None, "V2"]])
    assert [step.key for step in videos.only([1]).steps(0)] == ["videos", 2]


def test_a_null_comes_to_rest_where_it_may() -> None:
    """The distance is counted in steps of the path, through items, lists and objects."""
    videos = Place(Place(), VIDEOS, [["V0"]])
    jobs = Place(videos, JOBS, [["J0"]])
    assert jobs.nulled(_field("name", 0, "null"), 0) == 0
    assert jobs.nulled(OUTPUT, 0) == 3  # output, the item, jobs: the video is null
    assert videos.nulled(JOBS, 1) == 2
    assert Place().nulled(OUTPUT, 0) == 1  # the whole answer
