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
parent alone, and so may be kept with it.

Strawberry reads the GraphQL type off a return annotation. The annotation here speaks of many parents, so the
type is given to ``strawberry.field``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

MANY = "__batched__"
"""The attribute of the function for one parent that holds the function for many."""

FROM_PARENT = "__from_parent__"
"""The attribute of a function whose results may be kept with its parent."""

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
