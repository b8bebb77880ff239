"""Scopes."""

from __future__ import annotations

import pytest

from gateway.access.scopes import MEANINGS, PROVIDERS, Scope, UnknownScope, may_see, scopes
from gateway.domain.records import Provider


def test_words_become_scopes() -> None:
    """Names and groups of names are understood, in any number."""
    assert scopes(["provider:vod", "urls"], strict=True) == {Scope.VOD, Scope.URLS}
    assert scopes(["provider:all"], strict=True) == set(PROVIDERS.values())
    assert scopes(["all"], strict=True) == {*Scope, "source:all"}
    assert scopes(["provider:vod", "source:eu-1"], strict=True) == {Scope.VOD, "source:eu-1"}
    assert scopes([], strict=True) == set()


def test_a_word_that_is_no_scope_is_a_mistake_of_ours_only() -> None:
    """A configuration with a slip does not start; a token may carry scopes of other services."""
    with pytest.raises(UnknownScope, match="provider:vod"):
        scopes(["provider:vodd"], strict=True)
    assert scopes(["openid", "urls"], strict=False) == {Scope.URLS}


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["provider:vod"], {"default"}),
        (["provider:vod", "source:eu"], {"eu"}),
        (["provider:vod", "source:eu", "source:default"], {"default", "eu"}),
        (["provider:vod", "source:all"], {"default", "eu", "us"}),
        (["all"], {"default", "eu", "us"}),
        ([], {"default"}),
    ],
)
def test_an_account_is_seen_by_whom_it_was_given_to(words: list[str], seen: set[str]) -> None:
    """Who is given none sees the default ones; an account that is added later is nobody's at first."""
    allowed = scopes(words, strict=True)
    assert {name for name in ("default", "eu", "us") if may_see(allowed, name)} == seen


def test_every_scope_is_explained_and_every_provider_has_one() -> None:
    """Nothing is left out of the help, and no provider is reachable without a scope."""
    assert set(MEANINGS) == set(Scope)
    assert set(PROVIDERS) == set(Provider)
