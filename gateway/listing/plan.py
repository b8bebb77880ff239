"""Which listings a question needs, and which providers it cannot be put to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from gateway.domain.errors import NotOffered
from gateway.domain.records import Provider, Status
from gateway.domain.sources import Source, Whom, name_of, provider_of
from gateway.listing.criteria import Criteria
from gateway.listing.offers import OFFERS, Offer


class Route(Struct, frozen=True, kw_only=True):
    """One listing to be read.

    Attributes:
        name: Names it within its plan, in cursors.
        source: Whose.
        video_id: The video whose history it is; None for a window of time.
        status: What the provider filters by; None for nothing.
        sifted: Whether it also holds tasks that were not asked for.
    """

    name: str
    source: Whom
    video_id: str | None = None
    status: Status | None = None
    sifted: bool = False

    @property
    def provider(self) -> Provider:
        """Whose."""
        return provider_of(self.source)


class Plan(Struct, frozen=True, kw_only=True):
    """How a question is answered.

    Attributes:
        routes: The listings, in an order that depends on the question alone.
        refused: Providers that were named and cannot answer this, and why.
        idle: Providers that were named and can have no such task; they are not asked.
        demands_window: Whether a listing exists only for a window of time.
        counted: Whether the only listing tells how many tasks there are.
    """

    routes: tuple[Route, ...]
    refused: Mapping[Provider, NotOffered]
    idle: tuple[Provider, ...]
    demands_window: bool
    counted: bool


def plan(criteria: Criteria, sources: Iterable[Whom] = ()) -> Plan:
    """Return how a question is answered.

    A provider that was not named and cannot answer is left out without a word; one that was is refused.

    Args:
        criteria: The question.
        sources: All that can be asked. A provider's default one is taken to be there, and tells otherwise
            itself.
    """
    routes: list[Route] = []
    refused: dict[Provider, NotOffered] = {}
    idle: list[Provider] = []
    for provider in criteria.providers or _able(criteria):
        offer = OFFERS[provider]
        reason = _reason_against(criteria, offer)
        if reason:
            refused[provider] = NotOffered(f"{provider} {reason}", provider=provider)
        elif criteria.statuses is not None and not offer.states.intersection(criteria.statuses):
            idle.append(provider)
        else:
            for source in _sources(criteria, provider, sources):
                routes += _routes(criteria, source, offer)
    first = routes[0] if len(routes) == 1 else None
    return Plan(
        routes=tuple(routes),
        refused=refused,
        idle=tuple(idle),
        demands_window=any(route.video_id is None for route in routes),
        counted=first is not None and not first.sifted and OFFERS[first.provider].counts,
    )


def _sources(criteria: Criteria, provider: Provider, known: Iterable[Whom]) -> list[Whom]:
    """Return the accounts of a provider that a question is put to."""
    besides = [one for one in known if isinstance(one, Source) and one.provider is provider]
    wanted = criteria.sources
    every: list[Whom] = [provider, *besides]
    return [one for one in every if wanted is None or name_of(one) in wanted]


def _able(criteria: Criteria) -> Iterator[Provider]:
    """Yield the providers that answer by their own means.

    IMS can be searched for a video's tasks, which some of its tasks name, but only by reading everything in
    the window: it does so when it is asked to by name.
    """
    for provider, offer in OFFERS.items():
        own = offer.by_video if criteria.video_ids is not None else not offer.by_video
        if own and not _reason_against(criteria, offer):
            yield provider


def _reason_against(criteria: Criteria, offer: Offer) -> str | None:
    if offer.by_video and criteria.video_ids is None:
        return "lists the tasks of given videos only: name them in videoIds."
    if criteria.video_ids is not None and not offer.tells_video:
        return "does not tell which video a task belongs to: leave videoIds out, or ask others."
    if criteria.template_id is not None and not offer.tells_template:
        return "does not tell templates in its listing: leave templateId out, or ask others."
    return None


def _routes(criteria: Criteria, source: Whom, offer: Offer) -> Iterator[Route]:
    wanted = None if criteria.statuses is None else offer.states.intersection(criteria.statuses)
    if offer.by_video:
        for number, video_id in enumerate(criteria.video_ids or ()):
            yield Route(
                name=f"{source}{number}",
                source=source,
                video_id=video_id,
                sifted=wanted is not None or criteria.template_id is not None,
            )
        return
    sifted = criteria.video_ids is not None or criteria.template_id is not None
    # Several states are as many listings, unless the one that nearly all tasks end in is among them: then
    # one listing of everything holds little else.
    pushed = wanted is not None and wanted <= offer.filtered
    if wanted is not None and pushed and (len(wanted) == 1 or Status.SUCCEEDED not in wanted):
        for status in sorted(wanted):
            yield Route(name=f"{source}{status}", source=source, status=status, sifted=sifted)
    else:
        yield Route(name=f"{source}", source=source, sifted=sifted or wanted is not None)
