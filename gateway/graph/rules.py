"""The rules of the specification, as graphql-core has them, that know beforehand what they look at.

graphql-core asks every rule, for every kind of node in a document, whether it has a method for that kind; and
as rules are made for one document, it does so for every document anew. Most have none, and to find that out
takes a third of all that is done about a small document. It follows from a rule's class.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from graphql import ASTValidationRule, specified_rules
from graphql.language.visitor import EnterLeaveVisitor

_NEITHER = EnterLeaveVisitor(None, None)


class _Knowing(ASTValidationRule):
    """A rule that knows by its class what it looks at."""

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        """See `graphql.Visitor`."""
        rule: Any = type(self)
        enter, leave = _methods(rule, kind)
        if enter is None and leave is None:
            return _NEITHER
        return EnterLeaveVisitor(
            None if enter is None else getattr(self, enter), None if leave is None else getattr(self, leave)
        )


@cache
def _methods(rule: type[ASTValidationRule], kind: str) -> tuple[str | None, str | None]:
    """Return the names of a rule's methods for a kind of node; there are dozens of either."""
    enter, leave = (
        next((name for name in (f"{when}_{kind}", when) if hasattr(rule, name)), None)
        for when in ("enter", "leave")
    )
    return enter, leave


RULES: tuple[type[ASTValidationRule], ...] = tuple(
    type(rule.__name__, (_Knowing, rule), {}) for rule in specified_rules
)
"""What a document has to keep to."""
