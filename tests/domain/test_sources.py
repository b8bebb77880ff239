"""Whom to ask."""

from __future__ import annotations

from gateway.domain.records import DEFAULT, Provider
from gateway.domain.sources import Source, name_of, provider_of, whom


def test_a_provider_stands_for_its_default_source() -> None:
    """There is one way to write each, so that either can be a key."""
    assert whom(Provider.VOD, DEFAULT) is Provider.VOD
    assert whom(Provider.VOD, "eu") == Source(Provider.VOD, "eu")
    assert (provider_of(Provider.IMS), name_of(Provider.IMS)) == (Provider.IMS, DEFAULT)
    assert (provider_of(Source(Provider.IMS, "eu")), name_of(Source(Provider.IMS, "eu"))) == (
        Provider.IMS,
        "eu",
    )
    assert f"{whom(Provider.VOD, 'eu')} {whom(Provider.VOD, DEFAULT)}" == "VOD/eu VOD"
