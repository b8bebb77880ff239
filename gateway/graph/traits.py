"""What the compiled executor is told about the values of this graph."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any

from msgspec import Meta

from gateway.access.scopes import Scope
from gateway.domain.records import Record
from gateway.execution import Native, Traits
from gateway.graph.attribute import attribute
from gateway.graph.scalars import MAX_SAFE


def _doubt(kind: type) -> Any:
    """Only records that hold misfits may have an error in the place of a value."""
    return attrgetter("misfits") if issubclass(kind, Record) else None


TRAITS = Traits(
    attribute=attribute,
    doubt=_doubt,
    natives={
        # Records hold UTC, which the encoder ends in Z as the scalar does.
        "DateTime": Native(annotation=Annotated[datetime, Meta(tz=True)]),
        "BigInt": Native(annotation=Annotated[int, Meta(ge=-MAX_SAFE, le=MAX_SAFE)]),
    },
    class_tells_type=True,
    lasting={"Video", "Task", "Job"},
    viewer=lambda context: context.principal.may(Scope.URLS),
)
"""Records of one class are one type of the graph, and their attributes are what its fields show."""
