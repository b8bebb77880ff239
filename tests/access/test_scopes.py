"""Scopes."""

from __future__ import annotations

import pytest

from gateway.access.scopes import MEANINGS, PROVIDERS, Scope, UnknownScope, scopes
from gateway.domain.records import Provider


def test_words_become_scopes() -> None:
    """Names and groups of names are understood, in any number."""
    assert scopes(["provider:vod", "urls"], strict=True) == {Scope.VOD, Scope.URLS}
    assert scopes(["provider:all"], strict=True) == set(PROVIDERS.values())
    assert scopes(["all"], strict=True) == set(Scope)
    assert scopes([], strict=True) == set()


def test_a_word_that_is_no_scope_is_a_mistake_of_ours_only() -> None:
    """A configuration with a slip does not start; a token may carry scopes of other services."""
    with pytest.raises(UnknownScope, match="provider:vod"):
        scopes(["provider:vodd"], strict=True)
    assert scopes(["openid", "urls"], strict=False) == {Scope.URLS}


def test_every_scope_is_explained_and_every_provider_has_one() -> None:
    """Nothing is left out of the help, and no provider is reachable without a scope."""
    assert set(MEANINGS) == set(Scope)
    assert set(PROVIDERS) == set(Provider)
