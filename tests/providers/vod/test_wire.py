"""The shape of ApsaraVideo VOD's answers."""

from __future__ import annotations

import inspect

import msgspec
import pytest
from msgspec import Struct

from gateway.providers.vod import wire
from tests.providers.samples import sample
from tests.providers.vod.fields import FIELDS

STRUCTS = [kind for _, kind in inspect.getmembers(wire, inspect.isclass) if issubclass(kind, Struct)]


def test_every_field_has_a_place_in_the_table() -> None:
    """No name is declared that the table of fields does not know, and none is missing."""
    declared = {
        field.encode_name for kind in STRUCTS if kind is not Struct for field in msgspec.structs.fields(kind)
    }
    known = {name.removesuffix("[]") for _, path, _ in FIELDS for name in path.split(".")}
    # The envelope's own name is read by `gateway.providers.alibaba`.
    assert declared == known - {"RequestId"}


@pytest.mark.parametrize("kind", [kind for kind in STRUCTS if kind is not Struct])
def test_every_field_may_be_absent(kind: type[Struct]) -> None:
    """Nothing is declared non-null by the provider."""
    assert msgspec.json.decode(b"{}", type=kind) == kind()


def test_unknown_keys_are_ignored() -> None:
    """Providers add fields without notice."""
    assert msgspec.json.decode(b'{"HDRType": "HDR10", "Index": 1}', type=wire.VideoStream).index == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ListTranscodeTask", wire.ListTranscodeTask),
        ("GetTranscodeSummary", wire.GetTranscodeSummary),
    ],
)
def test_the_documented_samples_decode(name: str, kind: type[Struct]) -> None:
    """As the pages have them."""
    assert msgspec.json.decode(sample("vod", name), type=kind) != kind()
