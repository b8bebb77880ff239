"""Records."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from gateway.domain.records import Observation, Provider, Status, Task


def _task() -> Task:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Task(id="t", provider=Provider.VOD, observation=Observation(at=at, operation="X"))


def test_what_is_not_reported_survives_the_store() -> None:
    """A field that an operation does not report stays distinct from null through JSON and back."""
    task = msgspec.structs.replace(_task(), trigger=None)
    restored = msgspec.json.decode(msgspec.json.encode(task), type=Task)
    assert restored == task
    assert restored.provider_id is msgspec.UNSET
    assert restored.trigger is None


def test_records_are_immutable() -> None:
    """A record can be shared by all requests."""
    with pytest.raises(AttributeError):
        _task().status = Status.FAILED  # type: ignore[misc]


def test_the_age_of_a_task_is_that_of_its_observation() -> None:
    """A task was last seen when its call was answered."""
    assert _task().observed_at == datetime(2026, 11, 22, tzinfo=UTC)


def test_an_unknown_word_is_not_taken_for_an_end() -> None:
    """Only states that cannot change any more count as finished."""
    assert {status for status in Status if not status.finished} == {
        Status.QUEUED,
        Status.RUNNING,
        Status.UNKNOWN,
    }
