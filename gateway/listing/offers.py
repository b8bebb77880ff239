"""What a provider's listing can do for a question over all of them.

A table, so that planning and merging are the same for every provider; tests hold it against the provider
rooms.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from gateway.domain.records import Provider, Status

_ANY = frozenset({Status.RUNNING, Status.SUCCEEDED, Status.FAILED, Status.UNKNOWN})


class Offer(Struct, frozen=True, kw_only=True):
    """One provider's listing.

    Attributes:
        by_video: It lists the history of one video, in an order that is not documented; otherwise it lists
            everything in a window of time, newest first.
        tells_video: Its tasks say which video they belong to.
        tells_template: Its listed tasks say which template, or group of templates, they were made with.
        states: What its tasks can be.
        filtered: States it can filter by, one at a time.
        largest_page: Tasks on one page.
        counts: It tells how many tasks there are in all.
    """

    by_video: bool
    tells_video: bool
    tells_template: bool
    states: frozenset[Status]
    filtered: frozenset[Status]
    largest_page: int
    counts: bool


OFFERS: Mapping[Provider, Offer] = {
    Provider.VOD: Offer(
        by_video=True,
        tells_video=True,
        tells_template=True,
        states=_ANY | {Status.PARTIAL},
        filtered=frozenset(),
        largest_page=50,
        counts=False,
    ),
    Provider.IMS: Offer(
        by_video=False,
        tells_video=True,
        tells_template=False,
        states=_ANY | {Status.QUEUED, Status.CANCELLED},
        filtered=frozenset({Status.QUEUED, Status.RUNNING, Status.SUCCEEDED, Status.FAILED}),
        largest_page=100,
        counts=False,
    ),
    # 50 is the documented default of list_task; what it allows beyond that is not documented.
    Provider.VISIONULAR: Offer(
        by_video=False,
        tells_video=False,
        tells_template=True,
        states=_ANY | {Status.QUEUED},
        filtered=frozenset({Status.QUEUED, Status.SUCCEEDED, Status.FAILED}),
        largest_page=50,
        counts=True,
    ),
}
