"""Readings of what counts for itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gateway.domain.provider import Verb
from gateway.domain.records import Provider
from gateway.telemetry import names, readings
from gateway.upstream.cache import Memory
from gateway.upstream.policy import MemoryPolicy
from gateway.upstream.status import LaneStatus

LANE = LaneStatus(
    provider=Provider.VOD,
    operation="GetTranscodeSummary",
    verbs=(Verb.LATEST_BY_VIDEO,),
    limit=14.0,
    rate=7.0,
    quota="own",
    used=3,
    waiting=5,
    estimated_wait=0.5,
    circuit="half_open",
    last_error=None,
    last_error_at=None,
    latency=None,
    hot=9,
    hits=10,
    stale_hits=4,
    misses=3,
    calls=2,
    keys=20,
    refreshes=7,
    retries=1,
    rescued=1,
    shed=6,
    shared_hits=2,
    joins=8,
    retry_budget=9.5,
)
OF = ("VOD", "GetTranscodeSummary")


def test_a_lane_is_told_in_full() -> None:
    """Hits are those that were fresh; exactly one state of the circuit is 1."""
    told = {(metric.name, labels): value for metric, labels, value in readings.lanes([LANE])}
    looked: Any = {labels[2]: v for (name, labels), v in told.items() if name == names.LOOKUPS.name}
    assert looked == {"hit": 6, "stale": 4, "miss": 3, "shared": 2, "rescued": 1}
    circuit: Any = {labels[2]: v for (name, labels), v in told.items() if name == names.CIRCUIT.name}
    assert circuit == {"closed": 0, "open": 0, "half_open": 1}
    expected = {
        names.JOINS: 8,
        names.REFRESHES: 7,
        names.RETRIES: 1,
        names.RETRY_BUDGET: 9.5,
        names.LANE_SHED: 6,
        names.QUOTA_LIMIT: 14,
        names.QUOTA_RATE: 7,
        names.LANE_WAITING: 5,
        names.LANE_HOT: 9,
    }
    assert {metric.name: told[metric.name, OF] for metric in expected} == {
        metric.name: value for metric, value in expected.items()
    }


class Open(SimpleNamespace):
    """Eight connections."""

    def __len__(self) -> int:
        return 8


def test_notifications_are_told_by_what_became_of_them() -> None:
    """By provider; and what came of all."""
    door = SimpleNamespace(provider=Provider.IMS, counts={"accepted": 3, "forged": 1}, changed=2)
    told = {(metric.name, labels): value for metric, labels, value in readings.door(door)}
    assert told == {
        (names.NOTIFICATIONS.name, ("IMS", "accepted")): 3,
        (names.NOTIFICATIONS.name, ("IMS", "forged")): 1,
        (names.NOTIFICATION_CHANGES.name, ("IMS",)): 2,
    }


def test_gate_memory_store_and_subscriptions_are_told() -> None:
    """Their own counts, by the metrics' names."""
    gate = SimpleNamespace(refused=1, running=2, waiting=3)
    told = [
        *readings.gate(gate),
        *readings.memory(Memory(MemoryPolicy())),
        *readings.store("points", SimpleNamespace(failures=4)),
        *readings.sessions(Open(subscriptions=5, sent=6, replaced=7)),
        *readings.watches(["a", "b"]),
    ]
    assert {(metric.name, labels): value for metric, labels, value in told} == {
        ("gateway_requests_shed_total", ()): 1,
        ("gateway_requests_running", ()): 2,
        ("gateway_requests_queued", ()): 3,
        ("gateway_memory_records", ()): 0,
        ("gateway_memory_bytes", ()): 0,
        ("gateway_memory_evictions_total", ()): 0,
        ("gateway_store_failures_total", ("points",)): 4,
        ("gateway_live_connections", ()): 8,
        ("gateway_watched_keys", ()): 2,
        ("gateway_subscriptions_active", ()): 5,
        ("gateway_subscription_events_total", ()): 6,
        ("gateway_subscription_events_dropped_total", ()): 7,
    }
