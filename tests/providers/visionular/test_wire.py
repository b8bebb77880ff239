"""The shape of Visionular's answers."""

from __future__ import annotations

import inspect

import msgspec
import pytest
from msgspec import Struct

from gateway.providers.visionular import wire
from tests.providers.samples import sample
from tests.providers.visionular.fields import FIELDS

STRUCTS = [kind for _, kind in inspect.getmembers(wire, inspect.isclass) if issubclass(kind, Struct)]


def test_every_field_has_a_place_in_the_table() -> None:
    """No name is declared that the table of fields does not know, and none is missing."""
    declared = {
        field.encode_name for kind in STRUCTS if kind is not Struct for field in msgspec.structs.fields(kind)
    }
    known = {name.removesuffix("[]") for _, path, _ in FIELDS for name in path.split(".")}
    # The envelope's own names are read by the client.
    assert declared == known - {"request_id", "data"}


@pytest.mark.parametrize("kind", [kind for kind in STRUCTS if kind is not Struct])
def test_every_field_may_be_absent(kind: type[Struct]) -> None:
    """Nothing is declared non-null by the provider."""
    assert msgspec.json.decode(b"{}", type=kind) == kind()


def test_unknown_keys_are_ignored() -> None:
    """Providers add fields without notice."""
    assert msgspec.json.decode(b'{"spend_time": 11, "task_id": "a"}', type=wire.Item).task_id == "a"


def test_the_documented_sample_decodes() -> None:
    """As the page has it, but for a quotation mark."""
    envelope = msgspec.json.decode(sample("visionular", "list_task"))
    listing = msgspec.convert({**envelope["data"], "list": msgspec.Raw()}, wire.Listing)
    assert (listing.num, listing.total) == (2, 2)
