"""How often something watched is looked at."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from gateway.domain.errors import NotFound
from gateway.domain.records import Status, TaskPage, Video
from gateway.live.policy import WatchPolicy, moving
from tests.upstream.conftest import task, video

POLICY = WatchPolicy(quick=1.0, slow=15.0)


@pytest.mark.parametrize(("unchanged", "pause"), [(0.0, 1.0), (5.0, 1.0), (60.0, 6.0), (3600.0, 15.0)])
def test_what_has_not_changed_for_long_is_looked_at_seldom(unchanged: float, pause: float) -> None:
    """Quickly after a change, then ever slower."""
    assert POLICY.pause(video("a"), unchanged) == pytest.approx(pause)


def test_what_is_about_to_end_is_looked_at_often() -> None:
    """People wait for the last percents."""
    near = replace(task("a"), progress=95)
    assert POLICY.pause(near, 40.0) == 1.0
    assert POLICY.pause(replace(near, progress=50), 40.0) == 4.0


@pytest.mark.parametrize(
    "answer", [NotFound("No such id."), Video(id="v", video_id="v", latest_task=None), TaskPage(tasks=())]
)
def test_what_does_not_exist_yet_is_looked_at_without_haste(answer: object) -> None:
    """It may come at any time, or never."""
    assert POLICY.pause(answer, 0.0) == 5.0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answer",
    [task("a", Status.FAILED), video("a", Status.SUCCEEDED), TaskPage(tasks=(task("a", Status.CANCELLED),))],
)
def test_what_has_ended_is_not_looked_at(answer: object) -> None:
    """Nothing more is to be seen."""
    assert POLICY.pause(answer, 0.0) is None  # type: ignore[arg-type]


def test_looks_in_vain_become_rarer() -> None:
    """Up to the slowest pace."""
    assert [POLICY.backed_off(failures) for failures in (0, 1, 3, 50)] == [1.0, 2.0, 8.0, 15.0]


def test_an_unknown_state_is_taken_for_moving() -> None:
    """A word that nobody knows is no end."""
    assert moving(task("a", Status.UNKNOWN)) == [task("a", Status.UNKNOWN)]
