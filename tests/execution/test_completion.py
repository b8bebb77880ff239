"""Completion: leaves, lists, objects, and what becomes of values that are none of those."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.execution.alike import alike, data
from tests.execution.toy import Animal, Mood, Size, Tag, schema

EVERYTHING = """{ cats {
    name age weight mood size born legs words grid
    tags { text made } tag { text } friends { name } strict { text made }
} }"""
ODD: list[Any] = [
    None,
    0,
    -1,
    2**40,
    2.5,
    3.0,
    float("nan"),
    float("inf"),
    True,
    "",
    "7",
    "CALM",
    Mood.WILD,
    Size.LARGE,
    2,
]
ODD += [
    b"x",
    object(),
    ValueError("no"),
    [],
    ["a"],
    [None],
    {"a": 1},
    {"text": "x"},
    Tag(),
    [Tag()],
    [[1], [None]],
]
ODD += [[Tag(text=None)], [None, Tag()], [Tag(made=None), ValueError("no")], Animal(), [Animal(kind="Dog")]]
FIELDS = sorted(set(Animal.__struct_fields__) - {"kind"})


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", ODD, ids=map(str, range(len(ODD))))
async def test_odd_values_are_completed_alike(field: str, value: Any) -> None:
    """Whatever an attribute holds, it comes to the same value or the same error."""
    await alike(schema, EVERYTHING, root=[Animal(tag=Tag()), Animal(**{field: value})])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    animals=st.lists(
        st.fixed_dictionaries({}, optional={name: st.sampled_from(ODD) for name in FIELDS}), max_size=4
    )
)
async def test_odd_animals_are_completed_alike(animals: list[dict[str, Any]]) -> None:
    """However much is wrong at once, nulls spread as far and the same errors are told, in the same order."""
    await alike(schema, EVERYTHING, root=[Animal(**odd) for odd in animals])


async def test_a_null_spreads_to_the_nearest_place_that_may_be_null() -> None:
    """An error within a list of lists of objects takes what cannot be without it, and no more."""
    friends = [Animal(name=None), Animal()]
    result = await alike(schema, "{ cat { name friends { name } } }", root=[Animal(friends=friends)])
    assert data(result) == {"cat": {"name": "Tom", "friends": [None, {"name": "Tom"}]}}
    result = await alike(schema, "{ cat { strict { text } } }", root=[Animal(strict=[Tag(), Tag(text=None)])])
    assert data(result) == {"cat": {"strict": None}}
    assert [error.path for error in result.errors] == [["cat", "strict", 1, "text"]]


async def test_a_null_may_take_everything() -> None:
    """Where nothing on the way up may be null, there is no data."""
    result = await alike(schema, "{ cats { name } }", root=[Animal(), Animal(name=None)])
    assert result.data is None
    assert result.executed
    assert [error.path for error in result.errors] == [["cats", 1, "name"]]


async def test_no_objects_are_no_work() -> None:
    """An empty list is an empty list, and nothing below is resolved."""
    assert data(await alike(schema, "{ cats { shouted tags { text } } }", root=[])) == {"cats": []}
