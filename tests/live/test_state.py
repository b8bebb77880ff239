"""What watchers are shown."""

from __future__ import annotations

from msgspec.structs import replace

from gateway.domain.errors import CircuitOpen
from gateway.live.state import TaskState, trouble_of
from tests.upstream.conftest import START, task, unavailable


def test_the_same_trouble_is_told_once_and_a_second_one_has_the_age_of_the_first() -> None:
    """Watchers want to know since when there is no news."""
    first = trouble_of(unavailable(), None)
    assert trouble_of(unavailable(), first) is first
    second = trouble_of(CircuitOpen("left alone", retry_after=1.5), first)
    assert (second.code, second.since, second.retry_after_ms) == ("CIRCUIT_OPEN", first.since, 1500)


def test_a_state_that_shows_nothing_new_tells_the_same() -> None:
    """When it was seen is no news by itself."""
    state = TaskState(id="t", task=task("a"), observed_at=START)
    assert state.tells_the_same(replace(state, observed_at=START.replace(year=2031)))
    assert not state.tells_the_same(state.troubled(unavailable()))
    assert not state.tells_the_same(replace(state, finished=True))
