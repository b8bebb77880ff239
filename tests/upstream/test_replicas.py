"""What replicas share."""

from __future__ import annotations

from collections.abc import Hashable

from gateway.domain.provider import Verb, VideoPage
from gateway.domain.records import TaskPage
from gateway.upstream.cache import Entry, Memory
from gateway.upstream.flight import Desk
from gateway.upstream.freshness import Answer, Term
from gateway.upstream.policy import MemoryPolicy, RefreshPolicy, StorePolicy, Windows
from gateway.upstream.replicas import Known, Replicas
from gateway.upstream.rotation import Rotation
from gateway.upstream.server import Server
from tests.upstream.conftest import SharedServer, now, video
from tests.upstream.test_bulletin import eventually
from tests.upstream.test_line import _unused

REAL_TIME = True


def replica(link: Server, *, ahead: float = 0.0) -> Replicas:
    """Return a replica whose wall clock runs ahead by some seconds."""
    return Replicas(link, StorePolicy(), namespace="test", wall=lambda: 1000.0 + now() + ahead)


def desk(name: str = "desk", verb: Verb = Verb.LATEST_BY_VIDEO) -> Desk:
    """Return a desk."""
    return Desk(name, verb, seats=10, fetch=_unused, rotation=Rotation(RefreshPolicy()))


def entry(at: Desk, key: Hashable, answer: Answer, *, age: float = 0.0) -> Entry:
    """Remember something at a desk."""
    windows = Windows(fresh=1.0, stale=10.0, kept=100.0)
    memory = Memory(MemoryPolicy())
    observed = now() - age
    (known,) = memory.put(at.shelf, {key: answer}, lambda kind: Term.of(kind, windows, observed), now())
    return known


async def test_what_one_was_told_the_other_knows_with_its_age(link: Server) -> None:
    """A record reaches the other replica, and is as old there as it is here."""
    one, two, began = replica(link), replica(link), now()
    await one.tell(desk(), [entry(desk(), "a", video("a"), age=2.0)])
    known = await two.look(desk(), ["a", "b"])
    assert set(known) == {"a"}
    assert known["a"].answer == video("a")
    assert 2.0 <= known["a"].age <= 2.0 + now() - began


async def test_a_clock_that_runs_ahead_makes_no_record_younger_than_now(link: Server) -> None:
    """Replicas' clocks differ a little; a record from the future counts as new."""
    await replica(link, ahead=60.0).tell(desk(), [entry(desk(), "a", video("a"))])
    assert (await replica(link).look(desk(), ["a"]))["a"].age == 0.0


async def test_accounts_do_not_mix(link: Server) -> None:
    """The desk's name, account and region included, is part of the key."""
    one = replica(link)
    await one.tell(desk("VOD:alice"), [entry(desk(), "a", video("a"))])
    assert await one.look(desk("VOD:bob"), ["a"]) == {}


async def test_pages_are_keys_too(link: Server) -> None:
    """A listing is shared under its window and page, in the store and in the news."""
    one, two, page = replica(link), replica(link), VideoPage(video_id="v", page="2")
    listing, heard = desk(verb=Verb.TASKS_OF_VIDEO), dict[Hashable, Known]()
    entry(listing, page, TaskPage(tasks=()), age=5.0)
    two.subscribe(listing, lambda _, known: heard.update(known))
    two.start()
    await eventually(lambda: two._listening is not None)
    while page not in heard:
        await one.tell(listing, [entry(listing, page, TaskPage(tasks=()))])
        await eventually(lambda: True)
        assert page in await two.look(listing, [page])
    await two.close()


async def test_news_nobody_cares_about_are_not_read(link: Server) -> None:
    """A replica decodes only what it holds or waits for."""
    one, two, at, heard = replica(link), replica(link), desk(), dict[Hashable, Known]()
    two.subscribe(at, lambda _, known: heard.update(known))
    two.start()
    entry(at, "mine", video("mine"))
    while "mine" not in heard:
        await one.tell(desk(), [entry(desk(), key, video(key)) for key in ("mine", "other")])
    assert set(heard) == {"mine"}
    await two.close()


async def test_without_a_server_every_key_is_ours(link: Server, valkey: SharedServer) -> None:
    """Nothing known, everything to be fetched here, and no error."""
    valkey.kill()
    one = replica(link)
    assert await one.look(desk(), ["a"]) == {}
    assert await one.claim(desk(), ["a", "b"]) == {"a", "b"}
    await one.release(desk(), ["a"])
    await one.tell(desk(), [entry(desk(), "a", video("a"))])
    assert not one.present
