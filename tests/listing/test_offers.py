"""The table of offers against the provider rooms."""

from __future__ import annotations

import pytest

from gateway.domain.provider import Verb
from gateway.domain.records import Provider, Status
from gateway.listing.offers import OFFERS
from gateway.providers.ims import client as ims
from gateway.providers.ims import translate as ims_translate
from gateway.providers.ims import wire as ims_wire
from gateway.providers.visionular import client as visionular
from gateway.providers.visionular import translate as visionular_translate
from gateway.providers.vod import client as vod
from gateway.providers.vod import translate as vod_translate
from gateway.providers.vod import wire as vod_wire

ROOMS = {
    Provider.VOD: (vod.OPERATIONS, vod_translate.TASK_STATUSES, {}),
    Provider.IMS: (ims.OPERATIONS, ims_translate.TASK_STATUSES, ims.FILTERS),
    Provider.VISIONULAR: (visionular.OPERATIONS, visionular_translate.TASK_STATUSES, visionular.FILTERS),
}


@pytest.mark.parametrize("provider", list(Provider))
def test_the_table_is_what_the_rooms_do(provider: Provider) -> None:
    """Verbs, states and filters are those of the provider's own room."""
    operations, words, filters = ROOMS[provider]
    offer = OFFERS[provider]
    assert (Verb.TASKS_OF_VIDEO in operations) == offer.by_video
    assert (Verb.TASKS_IN_WINDOW in operations) != offer.by_video
    assert offer.states == {*words.values(), Status.UNKNOWN}
    assert offer.filtered == set(filters)


def test_pages_are_as_large_as_providers_allow() -> None:
    """No page asks for more than a provider's documents allow."""
    assert OFFERS[Provider.VOD].largest_page == vod_wire.MAX_PAGE_SIZE
    assert OFFERS[Provider.IMS].largest_page == ims_wire.MAX_PAGE_SIZE


def test_an_unknown_state_is_never_asked_for() -> None:
    """A word that the gateway does not know cannot be filtered by."""
    assert all(Status.UNKNOWN not in offer.filtered for offer in OFFERS.values())
