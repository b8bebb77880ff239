"""The errors that a lane itself speaks, in its provider's name."""

from __future__ import annotations

from gateway.domain.errors import CircuitOpen, Garbled, QuotaExhausted, TimedOut, Unavailable
from gateway.domain.records import Provider


class Refusals:
    """Makes the errors of one operation."""

    def __init__(self, provider: Provider, operation: str) -> None:
        self.provider = provider
        self.operation = operation
        self._name = f"{provider} {operation}"

    def exhausted(self, wait: float) -> QuotaExhausted:
        """No call is possible in time; one is after a wait."""
        message = f"The quota of {self._name} allows no call within the deadline."
        return QuotaExhausted(message, provider=self.provider, retry_after=wait)

    def circuit_open(self, last_error: str | None, wait: float) -> CircuitOpen:
        """The operation has been failing; it is tried again after a wait."""
        message = f"{self._name} has been failing, last with {last_error}."
        return CircuitOpen(message, provider=self.provider, retry_after=wait)

    def timed_out(self) -> TimedOut:
        """A call is under way and has not been answered in time."""
        message = f"{self._name} did not answer within the deadline."
        return TimedOut(message, provider=self.provider, operation=self.operation)

    def garbled(self) -> Garbled:
        """There was an answer, but not to what was asked."""
        message = f"The answer of {self._name} could not be read."
        return Garbled(message, provider=self.provider, operation=self.operation)

    def closing(self) -> Unavailable:
        """The gateway is about to end."""
        message = "The gateway is shutting down."
        return Unavailable(message, provider=self.provider, operation=self.operation)
