"""The settings."""

from __future__ import annotations

import msgspec
import pytest

from gateway.upstream.policy import Policy, Windows


def test_policies_are_frozen() -> None:
    """A policy can be shared by all lanes because nobody can change it."""
    with pytest.raises(AttributeError):
        Policy().quota.share = 0.5  # type: ignore[misc]


def test_a_policy_can_be_built_from_plain_data() -> None:
    """Settings of any source become a policy; what they leave out keeps its default."""
    policy = msgspec.convert({"quota": {"share": 0.5}, "refresh": {"hot_for": 9}}, Policy)
    assert (policy.quota.share, policy.refresh.hot_for) == (0.5, 9)
    assert policy.freshness.moving == Windows(fresh=1.0, stale=10.0, kept=300.0)


def test_nothing_unknown_is_older_than_what_is_known() -> None:
    """Every window is at least as wide for what changes less."""
    freshness = Policy().freshness
    assert freshness.moving.fresh < freshness.resting.fresh < freshness.finished.fresh
    assert freshness.absent.stale == 0
