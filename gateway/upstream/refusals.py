"""The errors that a lane itself speaks, in its provider's name."""

from __future__ import annotations

from typing import TypeVar

from gateway.domain.errors import (
    CircuitOpen,
    Garbled,
    GatewayError,
    QuotaExhausted,
    TimedOut,
    Unavailable,
)
from gateway.domain.sources import Source, Whom, provider_of

E = TypeVar("E", bound=GatewayError)


class Refusals:
    """Makes the errors of one operation."""

    def __init__(self, source: Whom, operation: str) -> None:
        self.source = source
        self.provider = provider_of(source)
        self.operation = operation
        self._name = f"{source} {operation}"

    def exhausted(self, wait: float) -> QuotaExhausted:
        """No call is possible in time; one is after a wait."""
        message = f"The quota of {self._name} allows no call within the deadline."
        return self._named(QuotaExhausted(message, provider=self.provider, retry_after=wait))

    def circuit_open(self, last_error: str | None, wait: float) -> CircuitOpen:
        """The operation has been failing; it is tried again after a wait."""
        message = f"{self._name} has been failing, last with {last_error}."
        return self._named(CircuitOpen(message, provider=self.provider, retry_after=wait))

    def timed_out(self) -> TimedOut:
        """A call is under way and has not been answered in time."""
        message = f"{self._name} did not answer within the deadline."
        return self._named(TimedOut(message, provider=self.provider, operation=self.operation))

    def garbled(self) -> Garbled:
        """There was an answer, but not to what was asked."""
        message = f"The answer of {self._name} could not be read."
        return self._named(Garbled(message, provider=self.provider, operation=self.operation))

    def closing(self) -> Unavailable:
        """The gateway is about to end."""
        message = "The gateway is shutting down."
        return self._named(Unavailable(message, provider=self.provider, operation=self.operation))

    def _named(self, error: E) -> E:
        if isinstance(self.source, Source):
            error.source = self.source.name
        return error
