"""What a face offers, so that the application treats all three alike."""

from collections.abc import Mapping
from typing import ClassVar, Protocol

from gateway.sandbox.messages import Answer, RefusalError, Request

Listing = Mapping[str, list[str]]
"""Ids by the state they are in."""


class Face(Protocol):
    """One provider as its clients see it. Methods stand in the order in which a call meets them."""

    provider: ClassVar[str]
    operations: tuple[str, ...]

    def serves(self, request: Request) -> bool:
        """Tell whether a request is meant for this provider."""

    def operation(self, request: Request) -> str:
        """Name the operation called.

        Raises:
            RefusalError: If the provider has no such operation.
        """

    def authenticate(self, request: Request, now: float) -> None:
        """Check who signed the request.

        Raises:
            RefusalError: If the signature is missing, wrong, stale or used before.
        """

    def ids(self, request: Request) -> list[str]:
        """List the ids the call asks about."""

    def throttled(self) -> RefusalError:
        """Word the refusal of a call beyond the quota."""

    def broken(self, status: int) -> RefusalError:
        """Word the provider's own failure."""

    def answer(self, operation: str, request: Request) -> Answer:
        """Answer the call.

        Raises:
            RefusalError: If a parameter is missing or wrong, or the thing asked for does not exist.
        """

    def refuse(self, refusal: RefusalError) -> Answer:
        """Put a refusal into the provider's envelope."""

    def listings(self, limit: int) -> Mapping[str, Listing]:
        """List ids for whoever tests against the sandbox, by kind of thing and state."""

    def forget(self) -> None:
        """Forget the nonces seen."""
