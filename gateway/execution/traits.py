"""What the author of a schema knows about its values, and the executor could not find out by itself.

Everything here is an opportunity, never a duty: without any of it the answers are the same, only slower.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec import Struct

Doubt = Callable[[Any], object]
Fits = Callable[[Sequence[Any]], bool]


class Native(Struct, frozen=True, kw_only=True):
    """Values of a custom scalar that the JSON encoder writes just as the scalar's serializer would.

    Attributes:
        annotation: Which those are, as msgspec understands it: ``Annotated[int, Meta(ge=0)]``.
        fits: A further condition, put to many of them at once; None where there is none.
    """

    annotation: Any
    fits: Fits | None = None


def _no_doubt(_kind: type) -> Doubt | None:
    return None


def _nobody(_context: Any) -> Hashable:
    return None


class Traits(Struct, frozen=True, kw_only=True):
    """What is special about a schema's values.

    Attributes:
        attribute: The schema's default resolver: how a field without a resolver reads its parent, which may
            differ from `getattr` only where that finds None, and only for parents that `doubt` points out.
        doubt: For a class of parents, what tells which of them `attribute` must be asked about; None where
            `getattr` will do for the whole class. It is called once per object, so let it be quick:
            ``attrgetter("problems")``.
        natives: Custom scalars, by their GraphQL names, that the encoder can write.
        class_tells_type: Whether ``is_type_of`` and ``resolve_type`` look at nothing but a value's class.
            Their verdict is then remembered by class.
        lasting: Types, by their GraphQL names, whose objects never change. What is said about them may be
            kept; see `gateway.execution.fragments`.
        viewer: What of the context a resolver marked `from_parent` may look at, such as a permission: what is
            kept is kept for each of them.
    """

    attribute: Callable[[Any, str], Any] = getattr
    doubt: Callable[[type], Doubt | None] = _no_doubt
    natives: Mapping[str, Native] = {}
    class_tells_type: bool = False
    lasting: AbstractSet[str] = frozenset()
    viewer: Callable[[Any], Hashable] = _nobody
