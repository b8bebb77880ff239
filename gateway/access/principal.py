"""A principal: somebody or something that asks."""

from __future__ import annotations

from msgspec import Struct

from gateway.access.scopes import EVERYTHING, PROVIDERS, Scope, may_see
from gateway.domain.errors import Forbidden
from gateway.domain.records import Provider
from gateway.domain.sources import Whom, name_of, provider_of


class Principal(Struct, frozen=True, kw_only=True):
    """Who asks.

    Attributes:
        name: Tells principals apart, in limits and logs; no secret, and none can be found from it.
        scopes: What they may.
        expires_at: When their credential ends, in seconds since 1970; None for never.
    """

    name: str
    scopes: frozenset[str]
    expires_at: float | None = None

    def may(self, scope: Scope) -> bool:
        """Return whether they may."""
        return scope in self.scopes

    def need(self, scope: Scope) -> None:
        """Insist on a scope.

        Raises:
            Forbidden: They lack it.
        """
        if scope not in self.scopes:
            raise Forbidden(f"This needs the scope {scope}.")

    def need_provider(self, provider: Provider) -> None:
        """Insist on the scope of a provider.

        Raises:
            Forbidden: They lack it.
        """
        if PROVIDERS[provider] not in self.scopes:
            raise Forbidden(f"This needs the scope {PROVIDERS[provider]}.", provider=provider)

    def need_source(self, source: Whom) -> None:
        """Insist on the scopes of a provider and of one of its accounts.

        Raises:
            Forbidden: They lack one.
        """
        provider, name = provider_of(source), name_of(source)
        self.need_provider(provider)
        if not may_see(self.scopes, name):
            raise Forbidden(f"This needs the scope source:{name}.", provider=provider)

    def may_see(self, source: Whom) -> bool:
        """Return whether they may see what an account has."""
        return self.may(PROVIDERS[provider_of(source)]) and may_see(self.scopes, name_of(source))

    def expired(self, now: float) -> bool:
        """Return whether their credential has ended; a connection that outlives it must be closed."""
        return self.expires_at is not None and now >= self.expires_at


INSIDE = Principal(name="inside", scopes=EVERYTHING)
"""Code of this process that asks the graph. Never a client: those are always authenticated first."""
