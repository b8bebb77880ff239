"""Whether a valid operation is executed: what it needs, what it amounts to, and whether that is paid for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import OperationType
from msgspec import Struct

from gateway.access.points import READING, Balance, Purse, price
from gateway.access.principal import Principal
from gateway.access.scopes import Scope
from gateway.domain.errors import Forbidden
from gateway.graph.documents import Document, only
from gateway.graph.errors import refusal
from gateway.graph.limits import Exceeded, Limits, check

Estimate = Callable[[Document, str | None, Mapping[str, Any]], int]
"""Returns how many provider calls an operation could take, by its name and variables.

Raises `Exceeded` for variables that a limit does not allow.
"""


class Denied(Exception):
    """An operation is not executed.

    Args:
        refusal: Why, as the client sees it.
        status: HTTP's word for it; None where the media type decides.
        retry_after: Seconds after which trying again makes sense.
    """

    def __init__(
        self, refusal: dict[str, Any], *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(refusal["message"])
        self.refusal = refusal
        self.status = status
        self.retry_after = retry_after


class Ticket(Struct, frozen=True):
    """An operation that may be executed.

    Attributes:
        principal: Whose it is.
        calls: Provider calls it could take.
        fields: Fields it asks for.
        requested: Points it could cost; taken for it where somebody counts.
    """

    principal: Principal
    calls: int
    fields: int
    requested: int


class Admission:
    """Decides.

    Args:
        limits: What an operation may amount to.
        estimate: Foretells its provider calls.
        purse: Everybody's points; None where nobody counts.
    """

    def __init__(self, limits: Limits, estimate: Estimate, purse: Purse | None = None) -> None:
        self._limits = limits
        self._estimate = estimate
        self._purse = purse

    async def to_read(self, principal: Principal) -> None:
        """Let a document be read that was not read before.

        Raises:
            Denied: The principal's points are used up.
        """
        if self._purse is not None:
            await self._pay(self._purse, principal, READING)

    async def to_execute(
        self, document: Document, operation: str | None, variables: Mapping[str, Any], principal: Principal
    ) -> Ticket:
        """Let an operation of a valid document be executed.

        Raises:
            Denied: It is not allowed, too large, or cannot be paid for.
        """
        kind = only(document.operations, operation)
        try:
            if document.introspects:
                principal.need(Scope.INTROSPECT)
            if kind is OperationType.SUBSCRIPTION:
                principal.need(Scope.SUBSCRIBE)
            calls = self._estimate(document, operation, variables)
            check(self._limits, "calls", calls)
        except Forbidden as forbidden:
            raise Denied(refusal(forbidden.message, forbidden.code), status=403) from None
        except Exceeded as exceeded:
            raise Denied(exceeded.refusal) from None
        points = price(calls=calls, fields=document.fields)
        if self._purse is not None:
            await self._pay(self._purse, principal, points)
        return Ticket(principal, calls, document.fields, points)

    async def to_repeat(self, principal: Principal, *, calls: int, fields: int) -> dict[str, Any]:
        """Let an answer be given that was given before; return what that costs, as `extensions.cost`.

        Args:
            principal: Who asks, and may see it.
            calls: Provider calls that it could have taken.
            fields: Fields that it holds.

        Raises:
            Denied: The principal's points are used up.
        """
        points = price(calls=0, fields=fields)
        balance = None if self._purse is None else await self._purse.spend(principal.name, points)
        return _repeated(points, balance, calls, fields)

    def to_repeat_at_once(self, principal: Principal, *, calls: int, fields: int) -> dict[str, Any] | None:
        """Do as `to_repeat`; return None where somebody else has to be asked for the points.

        Raises:
            Denied: The principal's points are used up.
        """
        points = price(calls=0, fields=fields)
        if self._purse is None:
            return _repeated(points, None, calls, fields)
        balance = self._purse.spend_at_once(principal.name, points)
        return None if balance is None else _repeated(points, balance, calls, fields)

    async def settle(self, ticket: Ticket, calls: int) -> dict[str, Any]:
        """Return what an operation cost, as `extensions.cost`, and give back what it did not.

        Args:
            ticket: The operation's.
            calls: Provider calls it did take.
        """
        actual = min(ticket.requested, price(calls=calls, fields=ticket.fields))
        cost: dict[str, Any] = {
            "requested": ticket.requested,
            "actual": actual,
            "calls": {"requested": ticket.calls, "actual": calls},
        }
        if self._purse is not None:
            balance = await self._purse.give_back(ticket.principal.name, ticket.requested - actual)
            cost["remaining"] = balance.remaining
        return cost

    @staticmethod
    async def _pay(purse: Purse, principal: Principal, points: int) -> None:
        _granted(await purse.take(principal.name, points), points)


def _repeated(points: int, balance: Balance | None, calls: int, fields: int) -> dict[str, Any]:
    cost: dict[str, Any] = {
        "requested": price(calls=calls, fields=fields),
        "actual": points,
        "calls": {"requested": calls, "actual": 0},
    }
    if balance is not None:
        cost["remaining"] = _granted(balance, points).remaining
    return cost


def _granted(balance: Balance, points: int) -> Balance:
    """Return what is left after points were taken.

    Raises:
        Denied: They were not.
    """
    if not balance.granted:
        raise Denied(
            refusal(
                f"This costs {points} points, and {balance.remaining} are left.",
                "RATE_LIMITED",
                retryable=True,
                retryAfterMs=round(balance.retry_after * 1000),
                requested=points,
                remaining=balance.remaining,
            ),
            status=429,
            retry_after=balance.retry_after,
        )
    return balance
