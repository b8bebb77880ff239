"""The retry budget."""

from __future__ import annotations

from gateway.upstream.policy import RetryPolicy
from gateway.upstream.retry import RetryBudget


def test_retries_are_a_tenth_of_calls() -> None:
    """Over many failing calls, one in ten is repeated, beside what was reserved."""
    budget = RetryBudget(RetryPolicy(reserve=2.0))
    retries = 0
    for _ in range(1000):
        budget.earn()
        retries += budget.spend()
    assert 99 <= retries <= 102


def test_savings_are_bounded() -> None:
    """A quiet day does not pay for a storm of retries."""
    budget = RetryBudget(RetryPolicy(reserve=3.0))
    for _ in range(10_000):
        budget.earn()
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
