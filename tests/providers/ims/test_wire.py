"""The shape of Intelligent Media Services's answers."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from gateway.providers.ims import wire
from tests.providers.ims.fields import FIELDS
from tests.providers.samples import sample

STRUCTS = [kind for _, kind in inspect.getmembers(wire, inspect.isclass) if issubclass(kind, Struct)]


def test_every_field_has_a_place_in_the_table() -> None:
    """No name is declared that the table of fields does not know, and none is missing."""
    declared = {
        field.encode_name for kind in STRUCTS if kind is not Struct for field in msgspec.structs.fields(kind)
    }
    known = {name.removesuffix("[]") for _, path, _ in FIELDS for name in path.split(".")}
    # What is inside user data is the client's, and found by a path.
    assert declared == known - {"videoId"}


@pytest.mark.parametrize("kind", [kind for kind in STRUCTS if kind is not Struct])
def test_every_field_may_be_absent(kind: type[Struct]) -> None:
    """Nothing is declared non-null by the provider."""
    assert msgspec.json.decode(b"{}", type=kind) == kind()


def test_unknown_keys_are_ignored() -> None:
    """Providers add fields without notice."""
    assert msgspec.json.decode(b'{"HDRType": "HDR10", "Index": 1}', type=wire.VideoStream).index == 1


def test_the_documented_sample_decodes() -> None:
    """As the page has it."""
    answer: Any = msgspec.json.decode(sample("ims", "GetMediaConvertJob"), type=wire.GetMediaConvertJob)
    assert msgspec.json.decode(answer.job, type=wire.MediaConvertJob).state == "Success"
