"""Questions and their windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.errors import BadUserInput
from gateway.domain.records import Job, Observation, Provider, Status, Template
from gateway.listing.criteria import DAY, Criteria, Window, window
from tests.listing.samples import task

NOW = datetime(2026, 11, 22, 12, 0, 30, 500_000, tzinfo=UTC)
MINUTE = int(datetime(2026, 11, 22, 12, 1, tzinfo=UTC).timestamp())


def test_a_question_has_a_name() -> None:
    """Equal questions have one name, others another."""
    assert Criteria(template_id="a").digest() == Criteria(template_id="a").digest()
    assert (
        len({Criteria().digest(), Criteria(template_id="a").digest(), Criteria(video_ids=("a",)).digest()})
        == 3
    )


def test_what_is_given_must_hold() -> None:
    """States, videos and templates are told apart."""
    job = Job(
        id="j",
        provider=Provider.VISIONULAR,
        template=Template(id="t"),
        observation=Observation(at=NOW, operation="X"),
    )
    one = task("a", 5, video_id="v", status=Status.FAILED, jobs=(job,), template_group_id="g")
    assert Criteria(statuses=(Status.FAILED,), video_ids=("v",), template_id="t").fits(one)
    assert Criteria(template_id="g").fits(one)
    assert not Criteria(template_id="x").fits(one)
    assert not Criteria(statuses=(Status.RUNNING,)).fits(one)
    assert not Criteria(video_ids=("w",)).fits(one)


def test_an_open_window_ends_with_the_minute() -> None:
    """It is a day where a provider demands one, and has no start otherwise."""
    assert window(Criteria(), NOW, demanded=True) == Window(MINUTE - DAY, MINUTE)
    assert window(Criteria(), NOW, demanded=False) == Window(None, MINUTE)


def test_bounds_are_whole_seconds() -> None:
    """Times within a second exclude what was created before them in it, as tasks tell whole seconds."""
    given = Criteria(created_after=NOW - timedelta(hours=1), created_before=NOW)
    assert window(given, NOW, demanded=True) == Window(MINUTE - 29 - 3600, MINUTE - 29)


def test_a_window_that_reaches_into_the_future_ends_now() -> None:
    """The end of today may be asked for in the morning."""
    given = Criteria(created_after=NOW - timedelta(hours=1), created_before=NOW + timedelta(hours=9))
    assert window(given, NOW, demanded=True).end == MINUTE


@pytest.mark.parametrize(
    ("after", "before", "argument"),
    [
        (timedelta(seconds=1), None, "createdAfter"),
        (timedelta(hours=-1), timedelta(hours=-2), "createdBefore"),
        (timedelta(hours=-1), timedelta(hours=-1), "createdBefore"),
        (None, timedelta(days=2), "createdBefore"),
        (timedelta(days=-367), None, "createdAfter"),
        (timedelta(days=-60 * 365), None, "createdAfter"),
        (None, timedelta(days=-60 * 365), "createdBefore"),
    ],
)
def test_windows_without_an_answer_are_refused(
    after: timedelta | None, before: timedelta | None, argument: str
) -> None:
    """The message begins with the argument that is wrong."""
    given = Criteria(
        created_after=None if after is None else NOW + after,
        created_before=None if before is None else NOW + before,
    )
    with pytest.raises(BadUserInput, match=f"^{argument}: "):
        window(given, NOW, demanded=True)
