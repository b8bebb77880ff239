"""Fragments: said once, and never of another object, to another viewer, or after something changed."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any
from weakref import ref

import msgspec
import pytest
import strawberry
from graphql import parse
from msgspec import Struct

from gateway.execution import Compiler, Plan, Traits, batched, from_parent


class Book(Struct, frozen=True, weakref=True, kw_only=True):
    """A record that never changes."""

    title: str
    pages: int | None = None
    shelf: str | None = None


class Made(list[Any]):
    """Which objects were looked at, by which resolver."""


class Seen(Struct):
    """The context."""

    books: Sequence[Any]
    may: bool = True
    made: Made = msgspec.field(default_factory=Made)


@strawberry.type(name="Book")
class BookType:
    """A lasting type."""

    title: str
    pages: int

    @strawberry.field(graphql_type=str | None)  # type: ignore[untyped-decorator]
    @staticmethod
    @batched
    @from_parent
    def shelf(roots: strawberry.Parent[Sequence[Book]], info: strawberry.Info) -> Any:
        """Wait for the shelf of a book that does not tell it."""
        context: Seen = info.context
        context.made += [root.title for root in roots]
        if any(root.shelf is None for root in roots):
            return _asked(roots)
        return [root.shelf for root in roots]

    @strawberry.field(graphql_type=str)  # type: ignore[untyped-decorator]
    @staticmethod
    @from_parent
    def secret(root: strawberry.Parent[Book], info: strawberry.Info) -> str:
        """Depend on the viewer."""
        if not info.context.may:
            raise PermissionError("not for you")
        return f"secret of {root.title}"

    @strawberry.field(graphql_type=int)  # type: ignore[untyped-decorator]
    @staticmethod
    def asked(root: strawberry.Parent[Book], info: strawberry.Info) -> int:
        """Depend on more than that."""
        info.context.made.append(root.title)
        return len(info.context.made)


async def _asked(roots: Sequence[Book]) -> list[str]:
    return [root.shelf or "found" for root in roots]


@strawberry.type
class Query:
    """The root."""

    @strawberry.field(graphql_type=list[BookType | None])  # type: ignore[untyped-decorator]
    @staticmethod
    def books(info: strawberry.Info) -> Any:
        """Return those of the context."""
        return info.context.books


SCHEMA = strawberry.Schema(Query)._schema
TRAITS = Traits(lasting={"Book"}, viewer=lambda context: context.may, class_tells_type=True)
PLAIN = "{ books { title shelf } }"


def _plan(text: str, room: int = 100_000) -> Plan:
    plan = Compiler(SCHEMA, TRAITS, fragment_bytes=room).compile(parse(text))
    assert isinstance(plan, Plan)
    return plan


async def _answer(plan: Plan, seen: Seen) -> tuple[Any, list[Any]]:
    result = await plan.execute(seen)
    return msgspec.json.decode(msgspec.json.encode(result.data)), [error.path for error in result.errors]


async def test_an_object_seen_again_is_not_looked_at() -> None:
    """The third answer takes the second one's words for the objects they share, new ones in between."""
    plan = _plan(PLAIN)
    a, b, c = (Book(title=name, shelf=name.upper()) for name in "abc")
    first, second = Seen([a, None, b]), Seen([b, c, None, a, b])
    expected = {name: {"title": name, "shelf": name.upper()} for name in "abc"}
    for _ in range(2):
        assert await _answer(plan, first) == ({"books": [expected["a"], None, expected["b"]]}, [])
    data, errors = await _answer(plan, second)
    assert data == {"books": [expected["b"], expected["c"], None, expected["a"], expected["b"]]}
    assert not errors
    assert first.made == ["a", "b"] * 2
    assert second.made == ["c"]


async def test_an_equal_object_is_another_one() -> None:
    """Identity counts: an object in the place of one that is gone is looked at."""
    plan = _plan(PLAIN)
    for number in range(20):
        seen = Seen([Book(title=str(number), shelf="s")])
        data, _ = await _answer(plan, seen)
        assert data["books"][0]["title"] == str(number)
        assert seen.made == [str(number)]
        del seen


async def test_what_is_kept_keeps_no_object_alive() -> None:
    """The application decides how long its records live."""
    plan = _plan(PLAIN)
    book = Book(title="a", shelf="s")
    watcher = ref(book)
    for _ in range(2):
        await _answer(plan, Seen([book]))
    del book
    gc.collect()
    assert watcher() is None


async def test_what_was_waited_for_is_not_kept() -> None:
    """An answer that came from elsewhere may be another one next time."""
    plan = _plan(PLAIN)
    told, untold = Book(title="a", shelf="s"), Book(title="b")
    seen = Seen([told, untold])
    data = {"books": [{"title": "a", "shelf": "s"}, {"title": "b", "shelf": "found"}]}
    for _ in range(2):
        assert await _answer(plan, seen) == (data, [])
    assert seen.made == ["a", "b", "a", "b"]
    for _ in range(2):
        await _answer(plan, Seen([told]))
    again = Seen([told, untold])
    assert (await _answer(plan, again))[0] == data
    assert again.made == ["b"]


async def test_errors_are_not_kept() -> None:
    """An error has its path in every answer, beside objects that come from what is kept."""
    plan = _plan("{ books { title pages } }")
    good, bad = Book(title="a", pages=3), Book(title="b")
    for _ in range(2):
        assert await _answer(plan, Seen([good])) == ({"books": [{"title": "a", "pages": 3}]}, [])
    for books, path in ([good, bad], ["books", 1, "pages"]), ([bad, None, good], ["books", 0, "pages"]):
        data, errors = await _answer(plan, Seen(books))
        assert data["books"][books.index(bad)] is None
        assert data["books"][books.index(good)] == {"title": "a", "pages": 3}
        assert errors == [path]


async def test_each_viewer_has_their_own() -> None:
    """What one may see is not shown to another who has the same object."""
    plan = _plan("{ books { secret } }")
    book = Book(title="a")
    for _ in range(3):
        assert await _answer(plan, Seen([book])) == ({"books": [{"secret": "secret of a"}]}, [])
        data, errors = await _answer(plan, Seen([book], may=False))
        assert data == {"books": [None]}
        assert errors == [["books", 0, "secret"]]


async def test_what_depends_on_more_is_not_kept() -> None:
    """A resolver that is not marked is called for every answer."""
    plan = _plan("{ books { title asked } }")
    seen = Seen([Book(title="a")])
    assert [(await _answer(plan, seen))[0]["books"][0]["asked"] for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("room", [0, 1000])
async def test_the_room_is_a_bound(room: int) -> None:
    """With little room, or none, answers are the same and more objects are looked at."""
    plan = _plan(PLAIN, room)
    books = [Book(title=str(number), shelf="s") for number in range(20)]
    seen = Seen(books)
    for _ in range(3):
        data, _errors = await _answer(plan, seen)
        assert [one["title"] for one in data["books"]] == [book.title for book in books]
    assert len(seen.made) >= 40


class Fixed(Struct, frozen=True, gc=False):
    """A record that the garbage collector does not see, and nothing refers to weakly."""

    title: str
    shelf: str
    text: Any = ""


async def test_an_object_that_cannot_be_referred_to_weakly_is_held() -> None:
    """It is known again as any other, and no other is taken for it."""
    plan = _plan(PLAIN)
    seen = Seen([Fixed("a", "s")])
    for _ in range(4):
        assert (await _answer(plan, seen))[0] == {"books": [{"title": "a", "shelf": "s"}]}
    assert seen.made == ["a", "a"]
    for number in range(20):
        again = Seen([Fixed(str(number), "s")])
        for _ in range(2):
            assert (await _answer(plan, again))[0]["books"][0]["title"] == str(number)
        del again


@pytest.mark.parametrize("text", ["x" * 5000, object()])
async def test_what_an_object_takes_counts_while_it_is_held(text: Any) -> None:
    """One too large for the room is looked at, and so is one that nobody can weigh."""
    plan = _plan(PLAIN, room=10_000)
    seen = Seen([Fixed("a", "s", text)])
    for _ in range(4):
        assert (await _answer(plan, seen))[0] == {"books": [{"title": "a", "shelf": "s"}]}
    assert seen.made == ["a"] * 4
