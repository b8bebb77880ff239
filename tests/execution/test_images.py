"""Images: which selections have one, and what it holds objects to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.execution import Native, Traits
from gateway.execution.images import Image
from tests.execution.alike import alike, plan
from tests.execution.test_selection import SCHEMA, TRAITS
from tests.execution.toy import Animal, Tag, schema


def _image(query: str) -> Image | None:
    made = plan(SCHEMA, query, TRAITS)._variants[()]
    return made._fields[0].completion.only.image  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("query", "has_one"),
    [
        ("{ items { number text } }", True),
        ("{ items { number inner { inners { text } } } }", True),
        ("{ items { a: number b: number } }", False),
        ("{ items { number __typename } }", False),
        ("{ items { number inner { __typename } } }", False),
        ("{ items { number @skip(if: true) } }", False),
    ],
)
def test_a_selection_of_attributes_has_an_image(query: str, *, has_one: bool) -> None:
    """Each attribute once, all the way down, or the longer way."""
    assert (_image(query) is not None) == has_one


@pytest.mark.parametrize("zone", [None, UTC])
async def test_conditions_hold_for_what_lies_below(zone: Any) -> None:
    """A value that does not fit, however deep, is serialized as graphql-core does."""
    traits = Traits(
        natives={
            "DateTime": Native(
                annotation=datetime, fits=lambda times: {one.tzinfo for one in times} == {None}
            )
        }
    )
    time = datetime(2026, 1, 1, tzinfo=zone)
    animals = [Animal(tag=Tag(made=time), tags=[Tag(made=None), None], strict=[Tag(made=time)]), Animal()]
    await alike(
        schema, "{ cats { tag { made } tags { made } strict { made text } } }", root=animals, traits=traits
    )
