"""Places: how an error finds the path to itself.

A plan handles a whole column of objects at once, and nobody carries their paths along: paths are needed only
when something fails. A *place* stands for one column of objects and remembers the column of values they were
read from. From those the path of the n-th object is worked out backwards when it is asked for.

```text
videos: [V0, None, V2]              the objects [V0, V2]        the place of `videos`
V0.jobs: [J0, J1]  V2.jobs: [J2]    the objects [J0, J1, J2]    the place of `jobs`, that of `videos` above it

J2 is object 2 of its place: item 0 of object 1 of the place above: videos.2.jobs.0
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from gateway.execution.fields import Field


class Step(NamedTuple):
    """One step of a path.

    Attributes:
        key: A response key or an index.
        order: Where the step stands among its siblings.
    """

    key: str | int
    order: int


class Origin(NamedTuple):
    """Where an object was read from: the owner's number in the place above, and indices within its value."""

    owner: int
    indices: tuple[int, ...]


class Place:
    """Where a column of objects stands.

    Args:
        up: The place of the objects that own these; None for the root, whose only object has an empty path.
        field: The field of the owners that these are the values of; None for the root.
        column: The field's values, one for each owner, in which nothing was left out but None.
        origins: Where each object came from, if more was left out than that.
    """

    __slots__ = ("column", "field", "origins", "up")

    def __init__(
        self,
        up: Place | None = None,
        field: Field | None = None,
        column: Sequence[Any] = (),
        origins: Sequence[Origin] | None = None,
    ) -> None:
        self.up = up
        self.field = field
        self.column = column
        self.origins = origins

    def only(self, numbers: Sequence[int]) -> Place:
        """Return the place of some of these objects."""
        return Place(self.up, self.field, self.column, [self.origin(number) for number in numbers])

    def origin(self, number: int) -> Origin:
        """Return where the object of a number was read from."""
        if self.origins is None:
            depth = 0 if self.field is None else self.field.depth
            self.origins = [
                Origin(owner, indices)
                for owner, value in enumerate(self.column)
                for indices in _present(value, depth)
            ]
        return self.origins[number]

    def steps(self, number: int) -> list[Step]:
        """Return the path of an object."""
        if self.up is None or self.field is None:
            return []
        owner, indices = self.origin(number)
        own = Step(self.field.key, self.field.order)
        return [*self.up.steps(owner), own, *(Step(index, index) for index in indices)]

    def outline(self) -> list[str]:
        """Return the path that all objects share, without indices."""
        if self.up is None or self.field is None:
            return []
        return [*self.up.outline(), self.field.key]

    def nulled(self, field: Field, level: int) -> int:
        """Return how many steps above a failed value the null comes to rest.

        Args:
            field: The field of these objects whose value failed.
            level: How many lists deep within the field's value the failure lies.
        """
        place: Place = self
        distance = 0
        while field.nonnull[level]:
            distance += 1
            if level:
                level -= 1
            elif place.up is None or place.field is None:
                break
            else:
                field, place = place.field, place.up
                level = field.depth
        return distance


def _present(value: Any, depth: int) -> Iterator[tuple[int, ...]]:
    """Yield the indices of the objects within a value that is lists so many levels deep."""
    if value is None:
        return
    if depth == 0:
        yield ()
        return
    for index, item in enumerate(value):
        for indices in _present(item, depth - 1):
            yield (index, *indices)
