"""Sources: the accounts of a provider, by the names that this deployment gives them.

Most deployments have one account of each provider, and need not know the word: a provider by itself stands
for its default source. Another account, or the same one at another region, is a source of its own, with its
own keys, endpoint and quota; what it holds is not what the default one holds, whatever the ids say.
"""

from __future__ import annotations

from msgspec import Struct

from gateway.domain.records import DEFAULT, Provider


class Source(Struct, frozen=True):
    """An account of a provider besides its default one.

    Attributes:
        provider: Whose.
        name: As the settings call it; never that of the default one.
    """

    provider: Provider
    name: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.name}"


Whom = Provider | Source
"""Whom to ask: a provider, by its default account, or another account of it."""


def whom(provider: Provider, name: str) -> Whom:
    """Return whom to ask for a source by its name."""
    return provider if name == DEFAULT else Source(provider, name)


def provider_of(asked: Whom) -> Provider:
    """Return whose source it is."""
    return asked.provider if isinstance(asked, Source) else asked


def name_of(asked: Whom) -> str:
    """Return the name of a source."""
    return asked.name if isinstance(asked, Source) else DEFAULT
