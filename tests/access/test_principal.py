"""Principals."""

from __future__ import annotations

import pytest

from gateway.access.principal import INSIDE, Principal
from gateway.access.scopes import Scope
from gateway.domain.errors import Forbidden
from gateway.domain.records import Provider

ONE = Principal(name="one", scopes=frozenset({Scope.VOD}), expires_at=100.0)


def test_a_scope_is_had_or_lacked() -> None:
    """What is lacked is named, and so is the provider it is about."""
    ONE.need(Scope.VOD)
    ONE.need_provider(Provider.VOD)
    with pytest.raises(Forbidden, match="urls"):
        ONE.need(Scope.URLS)
    with pytest.raises(Forbidden, match="provider:ims") as caught:
        ONE.need_provider(Provider.IMS)
    assert caught.value.provider is Provider.IMS


def test_a_credential_ends_at_its_second() -> None:
    """Whoever keeps a connection can tell when to close it; a key never ends."""
    assert not ONE.expired(99.9)
    assert ONE.expired(100.0)
    assert not INSIDE.expired(1e12)
