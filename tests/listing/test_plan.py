"""Plans: who is asked, and how."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.domain.records import Provider, Status
from gateway.domain.sources import Source, Whom
from gateway.listing.criteria import Criteria
from gateway.listing.plan import plan

VOD, IMS, VISIONULAR = Provider.VOD, Provider.IMS, Provider.VISIONULAR


def _names(**given: Any) -> list[str]:
    return [f"{route.name}{'*' if route.sifted else ''}" for route in plan(Criteria(**given)).routes]


@pytest.mark.parametrize(
    ("given", "routes"),
    [
        ({}, ["IMS", "VISIONULAR"]),
        ({"video_ids": ("a", "b")}, ["VOD0", "VOD1"]),
        ({"providers": (IMS, VOD), "video_ids": ("a",)}, ["IMS*", "VOD0"]),
        ({"template_id": "t"}, ["VISIONULAR*"]),
        ({"statuses": (Status.FAILED,)}, ["IMSFAILED", "VISIONULARFAILED"]),
        # Visionular has three words for what is running, and filters by one.
        ({"statuses": (Status.RUNNING,)}, ["IMSRUNNING", "VISIONULAR*"]),
        ({"statuses": (Status.FAILED, Status.QUEUED), "providers": (IMS,)}, ["IMSFAILED", "IMSQUEUED"]),
        # Nearly everything has succeeded: two listings would be a call more for a few rows less.
        ({"statuses": (Status.FAILED, Status.SUCCEEDED), "providers": (IMS,)}, ["IMS*"]),
        ({"statuses": (Status.FAILED, Status.PARTIAL), "providers": (IMS,)}, ["IMSFAILED"]),
        ({"statuses": (Status.UNKNOWN,), "providers": (IMS,)}, ["IMS*"]),
        ({"statuses": (Status.FAILED,), "video_ids": ("a",)}, ["VOD0*"]),
    ],
)
def test_who_is_asked_for_what(given: dict[str, Any], routes: list[str]) -> None:
    """States are pushed down where the provider can filter; a star marks what is sifted here."""
    assert _names(**given) == routes


@pytest.mark.parametrize(
    ("given", "provider", "word"),
    [
        ({"providers": (VOD, IMS)}, VOD, "videoIds"),
        ({"providers": (VISIONULAR,), "video_ids": ("a",)}, VISIONULAR, "videoIds"),
        ({"providers": (IMS,), "template_id": "t"}, IMS, "templateId"),
    ],
)
def test_who_was_named_and_cannot_answer_is_told(
    given: dict[str, Any], provider: Provider, word: str
) -> None:
    """The refusal names the argument to change; the others are asked all the same."""
    planned = plan(Criteria(**given))
    assert word in planned.refused[provider].message
    assert all(route.provider is not provider for route in planned.routes)


def test_who_can_have_no_such_task_is_not_asked() -> None:
    """Only VOD's tasks end in part: asking others is no call, and no trouble either."""
    planned = plan(Criteria(statuses=(Status.PARTIAL,)))
    assert (planned.routes, planned.idle, planned.refused) == ((), (IMS, VISIONULAR), {})


def test_a_window_is_demanded_by_those_who_list_by_it() -> None:
    """A video's history has none by itself."""
    assert plan(Criteria()).demands_window
    assert not plan(Criteria(video_ids=("a",))).demands_window


def test_only_one_listing_that_is_not_sifted_is_counted() -> None:
    """Two counts cannot be added up, for a task may be in both; and who sifts cannot count."""
    assert plan(Criteria(providers=(VISIONULAR,))).counted
    assert plan(Criteria(providers=(VISIONULAR,), statuses=(Status.FAILED,))).counted
    assert not plan(Criteria(providers=(VISIONULAR,), statuses=(Status.RUNNING,))).counted
    assert not plan(Criteria(providers=(IMS,))).counted
    assert not plan(Criteria()).counted


def test_every_account_has_a_listing() -> None:
    """Of the providers that answer; a question may name the accounts."""
    known: list[Whom] = [Provider.VISIONULAR, Source(Provider.IMS, "eu"), Source(Provider.VISIONULAR, "us")]
    assert [(route.name, route.source) for route in plan(Criteria(), known).routes] == [
        ("IMS", Provider.IMS),
        ("IMS/eu", Source(Provider.IMS, "eu")),
        ("VISIONULAR", Provider.VISIONULAR),
        ("VISIONULAR/us", Source(Provider.VISIONULAR, "us")),
    ]
    named = plan(Criteria(sources=("eu",)), known)
    assert [route.name for route in named.routes] == ["IMS/eu"]
    assert plan(Criteria(sources=("default",)), known) == plan(Criteria())
