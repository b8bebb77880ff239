"""A toy schema with a bit of everything: a zoo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, ClassVar, NewType

import strawberry
from msgspec import Struct
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from gateway.execution import batched

Even = NewType("Even", int)


def _even(value: Any) -> int:
    if value % 2:
        raise ValueError("Even needs an even number.")
    return int(value)


@strawberry.enum
class Mood(StrEnum):
    """Encoded by its value, which is its name."""

    CALM = "CALM"
    WILD = "WILD"


@strawberry.enum
class Size(Enum):
    """Encoded by its name, which is not its value."""

    SMALL = 1
    LARGE = 2


class Tag(Struct):
    """A record without a type of its own."""

    text: str | None = "tag"
    made: Any = datetime(2026, 1, 1, tzinfo=UTC)


class Animal(Struct, kw_only=True):
    """The record behind animals; anything may be in it."""

    kind: str = "Cat"
    name: Any = "Tom"
    age: Any = 3
    weight: Any = 4.5
    mood: Any = Mood.CALM
    size: Any = Size.SMALL
    born: Any = date(2020, 2, 2)
    legs: Any = 4
    tags: Any = ()
    tag: Any = None
    words: Any = ()
    grid: Any = ((1, 2), (3,))
    friends: Any = ()
    strict: Any = ()


@strawberry.type(name="Tag")
class TagType:
    """A type whose values are plain."""

    text: str
    made: datetime | None


@strawberry.interface(name="Creature")
class Creature:
    """What animals have in common."""

    name: str
    age: int | None


class _Fields:
    """What was asked of batched fields, for tests to look at."""

    calls: ClassVar[list[int]] = []


@strawberry.type(name="Cat")
class Cat(Creature):
    """An object type with everything."""

    weight: float | None
    mood: Mood | None
    size: Size | None
    born: date | None
    legs: Even | None
    tags: list[TagType | None] | None
    tag: TagType | None
    words: list[str] | None
    grid: list[list[int]]
    friends: list[Creature | None]
    strict: list[TagType] | None

    @classmethod
    def is_type_of(cls, value: Any, _info: object) -> bool:
        """Tell cats."""
        return getattr(value, "kind", None) == "Cat"

    @strawberry.field
    @staticmethod
    def greeting(root: strawberry.Parent[Animal], info: Info[Any, None], *, loud: bool = False) -> str:
        """Greet."""
        text = f"{info.field_name} from {root.name}"
        return text.upper() if loud else text

    @strawberry.field
    @staticmethod
    async def later(root: strawberry.Parent[Animal]) -> int | None:
        """Return the age, asynchronously; fail for the young."""
        if root.age == 0:
            raise ValueError("too young")
        return root.age  # type: ignore[no-any-return]

    @strawberry.field(graphql_type=int | None)  # type: ignore[untyped-decorator]
    @staticmethod
    @batched
    def doubled(roots: strawberry.Parent[Sequence[Animal]], times: int = 2) -> Sequence[Any]:
        """Return ages doubled; an error for those without one."""
        _Fields.calls.append(len(roots))
        return [ValueError("no age") if root.age is None else root.age * times for root in roots]

    @strawberry.field(graphql_type=str)  # type: ignore[untyped-decorator]
    @staticmethod
    @batched
    async def shouted(roots: strawberry.Parent[Sequence[Animal]]) -> Sequence[Any]:
        """Return names in capitals."""
        return [root.name.upper() for root in roots]


@strawberry.type(name="Dog")
class Dog(Creature):
    """Another type of the interface."""

    mood: Mood

    @classmethod
    def is_type_of(cls, value: Any, _info: object) -> bool:
        """Tell dogs."""
        return getattr(value, "kind", None) == "Dog"


@strawberry.input
class Filter:
    """An input object."""

    name: str = "Tom"
    ages: list[int] | None = None


@strawberry.type
class Query:
    """The root; its parent is the list of animals."""

    @strawberry.field(graphql_type=list[Cat])  # type: ignore[untyped-decorator]
    @staticmethod
    def cats(root: strawberry.Parent[Any]) -> Any:
        """Return all animals as cats."""
        return root

    @strawberry.field(graphql_type=Cat | None)  # type: ignore[untyped-decorator]
    @staticmethod
    def cat(root: strawberry.Parent[Any], number: int = 0) -> Any:
        """Return one animal."""
        return root[number]

    @strawberry.field(graphql_type=list[Creature | None] | None)  # type: ignore[untyped-decorator]
    @staticmethod
    async def creatures(root: strawberry.Parent[Any]) -> Any:
        """Return all animals."""
        return root

    @strawberry.field
    @staticmethod
    def echo(  # noqa: PLR0917 - GraphQL passes arguments by name
        text: str | None = None,
        number: Annotated[int | None, strawberry.argument(name="theNumber")] = 7,
        share: float = 0.5,
        mood: Mood = Mood.CALM,
        size: Size | None = None,
        ids: list[strawberry.ID] | None = None,
        filter: Filter | None = None,  # noqa: A002 - clients say filter
        at: datetime | None = None,
        even: Even | None = None,
    ) -> str:
        """Return what it was called with."""
        return repr((text, number, share, mood, size, ids, filter, at, even))


@strawberry.type
class Mutation:
    """Something to do in order."""

    @strawberry.field
    @staticmethod
    def feed(amount: int) -> int:
        """Return the amount."""
        return amount


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[Cat, Dog],
    config=StrawberryConfig(
        scalar_map={Even: strawberry.scalar(name="Even", serialize=_even, parse_value=_even)}
    ),
)
calls = _Fields.calls
