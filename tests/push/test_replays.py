"""Deliveries are remembered."""

from __future__ import annotations

import pytest

from gateway.push import replays
from gateway.push.replays import Replays


def test_a_delivery_counts_once() -> None:
    """Same second and same body is the same delivery; two events of one second are two."""
    seen = Replays(600)
    assert seen.note("1519375990", b"a", 0)
    assert not seen.note("1519375990", b"a", 599)
    assert seen.note("1519375990", b"b", 0)
    assert seen.note("1519375991", b"a", 0)


def test_memory_ends_with_the_window() -> None:
    """By then the proof holds no more."""
    seen = Replays(600)
    seen.note("1", b"a", 0)
    seen.note("1", b"b", 601)
    assert len(seen) == 1


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come, the oldest make room."""
    monkeypatch.setattr(replays, "_MOST", 3)
    seen = Replays(600)
    assert [seen.note("", bytes([number]), 0) for number in range(10)] == [True] * 10
    assert len(seen) == 3
