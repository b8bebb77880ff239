"""Images: a selection of nothing but attributes, as a class that msgspec fills from an object in one call.

```text
{ id status output { width height } }

class Answer:                 class Answer:
    id: str                       width: Annotated[int, Meta(ge=-2³¹, le=2³¹-1)] | None
    status: Status                height: …
    output: Answer | None
```
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
    from gateway.execution.selection import Selection


class Image(Struct, frozen=True):
    """What a selection of attributes makes of an object.

    Attributes:
        struct: The class.
        below: Attributes that are objects, how deep in lists, and what is selected of them.
        conditions: Attributes whose values must fit, how deep in lists, and what they must fit.
    """

    struct: Any
    below: list[tuple[str, int, Selection]]
    conditions: list[tuple[str, int, Fits]]

    def fits(self, rows: Column) -> bool:
        """Return whether everything in these images fits."""
        for name, depth, condition in self.conditions:
            if not all_fit(condition, map(attrgetter(name), rows), depth):
                return False
        for name, depth, selection in self.below:
            inner = selection.image
            if inner is not None and (inner.conditions or inner.below):
                found = present(map(attrgetter(name), rows), depth)
                if found and not inner.fits(found):
                    return False
        return True


def image(fields: Sequence[Field]) -> Image | None:
    """Return the image of a selection; None where it is not one of attributes only."""
    names = [field.attribute for field in fields if field.attribute is not None]
    if len(set(names)) < len(fields) or not names or not all(name.isidentifier() for name in names):
        return None
    made = Image(None, [], [])
    annotations: list[tuple[str, Any]] = []
    for field, name in zip(fields, names, strict=True):
        native = getattr(field.completion, "native", None)
        selection = getattr(field.completion, "only", None)
        if native is not None:
            annotation = native.annotation
            if native.fits is not None:
                made.conditions.append((name, field.depth, native.fits))
        elif selection is not None and selection.image is not None:
            annotation = selection.image.struct
            made.below.append((name, field.depth, selection))
        else:
            return None
        annotations.append((name, nested(annotation, field.nonnull)))
    keys = {name: field.key for field, name in zip(fields, names, strict=True)}
    struct = msgspec.defstruct("Answer", annotations, rename=keys, gc=False)
    return Image(struct, made.below, made.conditions)
