"""The table of prices against the records and the schema."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import UNSET

from gateway.domain import records
from gateway.domain.provider import Verb
from gateway.graph.prices import CALLS_PER_TASK, KEYS_PER_CALL, Origin
from gateway.graph.schema import schema
from gateway.providers.ims.client import OPERATIONS as IMS
from gateway.providers.visionular.client import OPERATIONS as VISIONULAR
from gateway.providers.vod.client import OPERATIONS as VOD

PRICED = {name for prices in CALLS_PER_TASK.values() for name in prices}


@pytest.mark.parametrize("name", sorted(PRICED))
def test_what_has_a_price_is_a_field(name: str) -> None:
    """No price is for a field that was renamed or is gone."""
    type_, field = name.split(".")
    assert field in schema._schema.type_map[type_].fields  # type: ignore[attr-defined]


def test_what_may_be_unknown_has_a_price() -> None:
    """Every field of a task, job or output that some operation leaves open is paid for somewhere."""
    for type_, record in (("Task", records.Task), ("Job", records.Job), ("Output", records.Output)):
        for field in msgspec.structs.fields(record):
            if field.default is UNSET:
                name = "".join(word.title() if at else word for at, word in enumerate(field.name.split("_")))
                assert f"{type_}.{name}" in PRICED


def test_what_is_whole_costs_nothing() -> None:
    """A task that was asked for by its id answers everything."""
    assert CALLS_PER_TASK[Origin.WHOLE] == {}


@pytest.mark.parametrize("verb", list(Verb))
def test_calls_carry_what_the_clients_send(verb: Verb) -> None:
    """As many ids share a call in the estimate as in the call."""
    for operations in (VOD, IMS, VISIONULAR):
        if verb in operations:
            assert operations[verb].max_keys == KEYS_PER_CALL.get(verb, 1)
