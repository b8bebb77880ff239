"""Where a task is seen."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from gateway.domain import identity
from gateway.domain.errors import NotFound
from gateway.domain.identity import TaskRef
from gateway.domain.provider import Verb
from gateway.domain.records import Provider, TaskPage
from gateway.domain.sources import Source
from gateway.live.places import pick, places, superseded
from tests.upstream.conftest import task, video

CREATED = datetime(2030, 1, 1, tzinfo=UTC)
OF_A_VIDEO = TaskRef(provider=Provider.VOD, video_id="a", template_group_id="g", created_at=CREATED)
BY_ID = TaskRef(provider=Provider.VISIONULAR, provider_id="7", created_at=CREATED)


def test_a_task_without_an_id_is_seen_at_its_video() -> None:
    """The summary of ten videos is one call."""
    [place] = places(OF_A_VIDEO)
    assert (place.source, place.verb, place.key) == (Provider.VOD, Verb.LATEST_BY_VIDEO, "a")


def test_a_deployment_without_look_ups_sees_it_in_the_list_of_its_second() -> None:
    """Where it was made is known."""
    first, second = places(BY_ID)
    assert (first.verb, first.key, second.verb) == (Verb.TASK_BY_ID, "7", Verb.TASKS_IN_WINDOW)


def test_a_task_is_found_in_whatever_shows_it() -> None:
    """And in nothing else."""
    ours = replace(task("a"), id=identity.encode(OF_A_VIDEO))
    assert pick(OF_A_VIDEO, ours) is ours
    assert pick(OF_A_VIDEO, replace(video("a"), latest_task=ours)) is ours
    assert pick(OF_A_VIDEO, TaskPage(tasks=(task("b"), ours))) is ours
    assert pick(OF_A_VIDEO, TaskPage(tasks=(task("b"),))) is None
    assert pick(OF_A_VIDEO, NotFound("No such id.")) is None


def test_another_latest_task_is_in_the_way() -> None:
    """An older task is not shown by its video."""
    ours = replace(task("a"), id=identity.encode(OF_A_VIDEO))
    assert superseded(OF_A_VIDEO, video("a"))
    assert not superseded(OF_A_VIDEO, replace(video("a"), latest_task=ours))
    assert not superseded(OF_A_VIDEO, NotFound("No such id."))


def test_a_task_of_another_account_is_seen_there() -> None:
    """Whatever else it is asked by."""
    refs = [msgspec.structs.replace(ref, source="eu") for ref in (OF_A_VIDEO, BY_ID)]
    assert {place.source for ref in refs for place in places(ref)} == {
        Source(Provider.VOD, "eu"),
        Source(Provider.VISIONULAR, "eu"),
    }
