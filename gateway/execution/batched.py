"""`batched`: one function for all parents of a field, whichever executor calls it.

```python
@strawberry.field(graphql_type=int | None)
@staticmethod
@batched
async def followers(users: strawberry.Parent[Sequence[User]], info: Info) -> Sequence[int | Exception]:
    return await info.context.counts.of([user.id for user in users])
```

The function returns as many results as it was given parents, in their order. An exception among them is the
error of its own parent; an exception raised is every parent's. It may return its results at once, or an
awaitable of them: a function that usually has them at hand saves the event loop's time by being a plain
``def`` that returns an awaitable only when it must.

The compiled plan calls it once for all parents of a level. graphql-core, which walks depth-first, calls it
with one parent at a time, and what it loads is grouped by the loader below, as ever.

Whichever of the two it is, a function may be marked `from_parent`: what it returns at once follows from the
parent alone, and so may be kept with it. Of those, one that most often returns an attribute of the parent as
it is may say so by `usually`: then many parents are read at once, with all that is below, and it need not be
called.

Strawberry reads the GraphQL type off a return annotation. The annotation here speaks of many parents, so the
type is given to ``strawberry.field``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from msgspec import Struct

MANY = "__batched__"
"""The attribute of the function for one parent that holds the function for many."""

FROM_PARENT = "__from_parent__"
"""The attribute of a function whose results may be kept with its parent."""

USUAL = "__usual__"
"""The attribute of a function that holds what it usually returns."""

Resolver = TypeVar("Resolver", bound=Callable[..., Any])
Batch = Callable[..., Sequence[Any] | Awaitable[Sequence[Any]]]


def batched(function: Batch) -> Callable[..., Awaitable[Any]]:
    """Make a function over many parents serve a field.

    Args:
        function: Takes the parents by its first parameter, arguments by name.

    Returns:
        The function for one parent, as executors that know nothing of batches call it.
    """
    first = next(iter(inspect.signature(function).parameters))

    @functools.wraps(function)
    async def one(*args: Any, **kwargs: Any) -> Any:
        if args:
            args = ([args[0]], *args[1:])
        else:
            kwargs[first] = [kwargs[first]]
        results = function(*args, **kwargs)
        [value] = await results if inspect.isawaitable(results) else results
        if isinstance(value, Exception):
            raise value
        return value

    setattr(one, MANY, function)
    return one


def from_parent(function: Resolver) -> Resolver:
    """Mark a resolver whose results follow from its parent alone, unless it returns an awaitable of them.

    It may look at what `Traits.viewer` returns of the context besides, and has no arguments. It goes below
    `batched`, where both are used.
    """
    setattr(function, FROM_PARENT, True)
    return function


class Usual(Struct, frozen=True):
    """An attribute of the parent, wherever that is a value of the field's type.

    Attributes:
        attribute: Its name.
        null: Whether it may be None.
    """

    attribute: str
    null: bool = True


def usually(attribute: str, *, null: bool = True) -> Callable[[Resolver], Resolver]:
    """Mark a resolver that is `from_parent` and usually returns an attribute of its parent.

    It is called where the attribute holds anything but a value of the field's type, or is in doubt by
    `Traits.doubt`.

    Args:
        attribute: The attribute.
        null: Whether it is returned also where it is None.
    """

    def mark(function: Resolver) -> Resolver:
        setattr(function, USUAL, Usual(attribute, null))
        return function

    return mark
