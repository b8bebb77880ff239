"""The retry budget: retries are a part of all calls, not a number per request.

Three tries per request sounds modest and triples the load on a provider at the moment it can bear it least.
A budget allows the same three tries while failures are rare and next to none when everything fails.
"""

from __future__ import annotations

from gateway.upstream.policy import RetryPolicy


class RetryBudget:
    """Every first call earns part of a retry; every retry spends one.

    Attributes:
        saved: Retries that are affordable.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self.saved = policy.reserve

    def earn(self) -> None:
        """Count a call."""
        self.saved = min(self.saved + self._policy.budget, self._policy.reserve)

    def spend(self) -> bool:
        """Whether a retry is affordable; if so, it is paid for."""
        if self.saved < 1:
            return False
        self.saved -= 1
        return True
