"""The provider protocol."""

from __future__ import annotations

from gateway.domain.provider import ProviderClient, Verb


def test_every_verb_is_a_method_of_the_protocol() -> None:
    """A lane can call a verb by its name."""
    assert all(callable(getattr(ProviderClient, verb.value)) for verb in Verb)
