"""Images: a selection of nothing but attributes, as a class that msgspec fills from an object in one call.

```text
{ id status output { width height } }

class Answer:                 class Answer:
    id: str                       width: Annotated[int, Meta(ge=-2³¹, le=2³¹-1)] | None
    status: Status                height: …
    output: Answer | None
```

A field that `usually` is an attribute passes for one: where it is not this time, the values do not fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from gateway.execution.fields import Column, Field
from gateway.execution.traits import Fits
from gateway.execution.values import all_fit, nested, present

if TYPE_CHECKING:
    from gateway.execution.routes import Routes


class Image(Struct, frozen=True):
    """What a selection of attributes makes of an object.

    Attributes:
        struct: The class.
        below: Attributes that are objects, how deep in lists, and where those go.
        conditions: Attributes whose values must fit, how deep in lists, and what they must fit.
        inner: Attributes below which there are conditions, how deep in lists, and the images that have them.
    """

    struct: Any
    below: list[tuple[str, int, Routes]]
    conditions: list[tuple[str, int, Fits]]
    inner: list[tuple[str, int, Image]]

    def fits(self, rows: Column) -> bool:
        """Return whether everything in these images fits."""
        for name, depth, condition in self.conditions:
            if not all_fit(condition, map(attrgetter(name), rows), depth):
                return False
        for name, depth, inner in self.inner:
            found = present(map(attrgetter(name), rows), depth)
            if found and not inner.fits(found):
                return False
        return True


def image(fields: Sequence[Field]) -> Image | None:
    """Return the image of a selection; None where it is not one of attributes only."""
    usuals = [field.usual for field in fields if field.usual is not None]
    names = [usual.attribute for usual in usuals]
    if len(set(names)) < len(fields) or not names or not all(name.isidentifier() for name in names):
        return None
    made = Image(None, [], [], [])
    annotations: list[tuple[str, Any]] = []
    for field, usual in zip(fields, usuals, strict=True):
        name = usual.attribute
        native = getattr(field.completion, "native", None)
        routes: Routes | None = getattr(field.completion, "routes", None)
        inner = routes.only.image if routes is not None and routes.only is not None else None
        if native is not None:
            annotation = native.annotation
            if native.fits is not None:
                made.conditions.append((name, field.depth, native.fits))
        elif routes is not None and inner is not None:
            annotation = inner.struct
            made.below.append((name, field.depth, routes))
            if inner.conditions or inner.inner:
                made.inner.append((name, field.depth, inner))
        else:
            return None
        nonnull = field.nonnull if usual.null else (True, *field.nonnull[1:])
        annotations.append((name, nested(annotation, nonnull)))
    keys = {name: field.key for field, name in zip(fields, names, strict=True)}
    struct = msgspec.defstruct("Answer", annotations, rename=keys, gc=False)
    return Image(struct, made.below, made.conditions, made.inner)
