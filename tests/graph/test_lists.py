"""The merged list, compared with what the sandbox itself holds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway.domain.errors import Forbidden
from gateway.domain.provider import VideoPage, WindowPage
from gateway.domain.records import Provider, Status, Task, TaskPage
from gateway.domain.sources import Whom, provider_of
from gateway.graph.context import Context
from gateway.graph.lists import Listed, task_page
from gateway.listing.criteria import Criteria
from gateway.listing.cursor import Cursors
from gateway.listing.order import Key, key_of
from gateway.listing.stream import Read
from gateway.loaders import Loaders
from tests.conftest import Ask, Sandbox
from tests.graph.typical import PAGES, Page
from tests.listing.lab import Lab

HOUR = 3600

# A failing example is as readable long as short, and shrinking one takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


class _Direct:
    """Loaders without lanes, whose every page is a call."""

    def __init__(self, lab: Lab) -> None:
        self.page: Read = lab.read
        self.sources: Sequence[Whom] = ()

    def within(self, _age: float | None) -> _Direct:
        return self

    def patient(self, _part: float) -> _Direct:
        return self


async def _page(lab: Lab, criteria: Criteria, first: int, after: str | None) -> Listed:
    # A context of its own each time: the cursor is all that goes from page to page, as between replicas.
    context = Context(
        loaders=cast("Loaders", _Direct(lab)), request_id="r", cursors=Cursors("s3cret"), now=lab.now
    )
    return await task_page(context, criteria, first=first, after=after, max_age=None)


def _places(tasks: Sequence[Task]) -> list[Key]:
    """Return the places of tasks; some of IMS's do not say when they were created."""
    return [key for task in tasks if (key := key_of(task))]


def _own(tasks: Sequence[Task]) -> list[tuple[Provider, Any]]:
    return [(task.provider, task.provider_id) for task in tasks]


@st.composite
def _questions(draw: st.DrawFn) -> tuple[Criteria, float, float]:
    """Draw a question at noon about some time before, and its window in hours before noon."""
    lab = Lab()
    statuses = draw(st.none() | st.sets(st.sampled_from(list(Status)), min_size=1))
    # Work that moves changes its state between two pages; only of what is long over is the answer certain.
    until = draw(st.floats(0.5, 3)) if statuses else draw(st.just(0.0) | st.floats(0, 3))
    since = until + draw(st.floats(0.01, 1.5))
    providers = draw(st.none() | st.sets(st.sampled_from(list(Provider)), min_size=1))
    video_ids = None
    if providers and Provider.VOD in providers:
        video_ids = tuple(sorted(lab.videos(draw(st.integers(1, 5)))))
        providers = {Provider.VOD}
    criteria = Criteria(
        providers=tuple(sorted(providers)) if providers else None,
        statuses=tuple(sorted(statuses)) if statuses else None,
        video_ids=video_ids,
        created_after=lab.now() - timedelta(hours=since),
        created_before=lab.now() - timedelta(hours=until) if until else None,
    )
    return criteria, lab.time - since * HOUR, lab.time - until * HOUR


@settings(max_examples=30, deadline=None, phases=PHASES)
@given(
    question=_questions(),
    sizes=st.lists(st.integers(1, 100), min_size=1, max_size=5),
    pauses=st.lists(st.integers(0, 40), min_size=1, max_size=5),
    trouble=st.none() | st.tuples(st.sampled_from(list(Provider)), st.integers(0, 3), st.integers(1, 3)),
)
def test_paging_delivers_everything_once(
    question: tuple[Criteria, float, float],
    sizes: list[int],
    pauses: list[int],
    trouble: tuple[Provider, int, int] | None,
) -> None:
    """However pages are sized, time goes on and providers fail, nothing is there twice and nothing lacks."""
    asyncio.run(_everything_once(question, sizes, pauses, trouble))


async def _everything_once(
    question: tuple[Criteria, float, float],
    sizes: list[int],
    pauses: list[int],
    trouble: tuple[Provider, int, int] | None,
) -> None:
    lab = Lab()
    criteria, since, until = question
    # An open end is the end of the minute.
    until = until if criteria.created_before else lab.time + 60
    before = lab.truth(criteria, since, until)
    tasks: list[Task] = []
    after: str | None = None
    troubled = False
    for number in range(2000):
        lab.down = set()
        if trouble and trouble[1] <= number < trouble[1] + trouble[2]:
            lab.down = {trouble[0]}
        page = await _page(lab, criteria, sizes[number % len(sizes)], after)
        troubled |= not all(source.ok for source in page.sources)
        assert len(page.edges) <= sizes[number % len(sizes)]
        shown = [edge.node for edge in page.edges]
        assert _places(shown) == sorted(_places(shown))
        tasks += shown
        if shown:
            assert page.edges[-1].make_cursor() == page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
        lab.time += pauses[number % len(pauses)]
    else:
        raise AssertionError("the list does not end")
    delivered = _own(tasks)
    assert len(delivered) == len(set(delivered)), "twice"
    # VOD forgets the oldest tasks of a lively video as new ones come.
    later = lab.truth(criteria, since, until)
    assert before & later <= set(delivered), "missing"
    # IMS does not tell the times of some; at the window's ends those may be a second off.
    vague = set(_own([task for task in tasks if task.created_at is None]))
    vague &= lab.truth(criteria, since - 2, until + 2)
    assert set(delivered) - vague <= before | later, "not asked for"
    if not troubled:
        assert _places(tasks) == sorted(_places(tasks))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
async def test_typical_pages_take_the_calls_that_readme_says(ask: Ask, sandbox: Sandbox, page: Page) -> None:
    """Counted at the sandbox, with nothing in memory; asked again at once, a page takes none."""
    videos = sandbox.ids("vod", "running", 10)
    variables = {"n": 20, **page.variables}
    if variables.get("f", {}).get("videoIds"):
        variables["f"] = {"videoIds": videos}
    if "id" in variables:
        variables["id"] = videos[0]
    answer = await ask(page.query, **variables)
    assert "errors" not in answer
    assert sandbox.calls() == page.calls
    cost = answer["extensions"]["cost"]["calls"]
    assert cost["actual"] == sum(page.calls.values()) <= cost["requested"]
    again = await ask(page.query, **variables)
    assert sandbox.calls() == page.calls
    assert again["extensions"]["cost"]["calls"]["actual"] == 0


async def test_who_may_not_be_asked_is_missed_only_by_name() -> None:
    """Without the right to see a provider the list is of the others; with the right to none there is none."""
    lab, hidden = Lab(), {Provider.IMS}

    async def read(provider: Whom, page: VideoPage | WindowPage) -> TaskPage:
        if provider in hidden:
            raise Forbidden("no", provider=provider_of(provider))
        return await lab.read(provider, page)

    async def sources(criteria: Criteria) -> list[tuple[Provider, str | None]]:
        direct = _Direct(lab)
        direct.page = read
        context = Context(loaders=cast("Loaders", direct), request_id="r", now=lab.now)
        page = await task_page(context, criteria, first=3, after=None, max_age=None)
        assert page.page_info.has_next_page == (Provider.VISIONULAR not in hidden)
        return [(source.provider, source.code) for source in page.sources]

    assert await sources(Criteria()) == [(Provider.VISIONULAR, None)]
    assert (Provider.IMS, "FORBIDDEN") in await sources(
        Criteria(providers=(Provider.IMS, Provider.VISIONULAR))
    )
    hidden.add(Provider.VISIONULAR)
    with pytest.raises(Forbidden):
        await sources(Criteria())


async def test_old_pages_are_called_stale() -> None:
    """A page that could not be renewed says so, and from when it is."""
    lab = Lab()
    context = Context(
        loaders=cast("Loaders", _Direct(lab)), request_id="r", now=lambda: lab.now() + timedelta(minutes=1)
    )
    page = await task_page(context, Criteria(), first=3, after=None, max_age=None)
    assert [(source.stale, source.observed_at) for source in page.sources] == [(True, lab.now())] * 2


async def test_an_absurd_total_is_none() -> None:
    """A provider that counts more than a number may say spoils no list."""
    lab = Lab()
    direct = _Direct(lab)

    async def read(provider: Whom, page: VideoPage | WindowPage) -> TaskPage:
        return msgspec.structs.replace(await lab.read(provider, page), total_count=2**70)

    direct.page = read
    context = Context(loaders=cast("Loaders", direct), request_id="r", now=lab.now)
    criteria = Criteria(providers=(Provider.VISIONULAR,))
    page = await task_page(context, criteria, first=3, after=None, max_age=None)
    assert page.total_count is None
    assert page.page_info.end_cursor
