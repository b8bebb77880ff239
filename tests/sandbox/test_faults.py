"""Which rules strike which calls."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from gateway.sandbox.faults import BadRuleError, Faults


def faults(*rules: dict[str, Any]) -> Faults:
    """Put rules in force."""
    made = Faults(7, ["list_task", "query_task"])
    made.replace(made.read(msgspec.json.encode(rules)))
    return made


def struck(subject: Faults, operation: str = "list_task", ids: Iterable[str] = ()) -> str | None:
    """Name the kind that spoils a call of Visionular's."""
    rule = subject.spoiler("VISIONULAR", operation, list(ids), [])
    return None if rule is None else str(rule.__struct_config__.tag)


def test_header_rules() -> None:
    """A header may hold a whole rule; what it cannot hold is refused."""
    subject = faults()
    rule = subject.read_header('{"kind":"poison","ids":["a"]}')
    struck_by = subject.spoiler("VOD", "GetTranscodeSummary", ["a"], rule)
    assert struck_by == rule[0]
    with pytest.raises(BadRuleError, match="flood"):
        subject.read_header("flood")
    with pytest.raises(BadRuleError, match="recursion"):
        subject.read(b"[" * 50_000)
    with pytest.raises(BadRuleError, match="ids"):
        subject.read_header("poison")


def test_whom_a_rule_strikes() -> None:
    """A rule may be meant for a provider or an operation; otherwise it strikes every call."""
    assert struck(faults({"kind": "empty"})) == "empty"
    assert struck(faults({"kind": "empty", "provider": "VOD"})) is None
    assert struck(faults({"kind": "empty", "provider": "VISIONULAR"})) == "empty"
    assert struck(faults({"kind": "empty", "provider": "visionular"})) == "empty"
    assert struck(faults({"kind": "empty", "operation": "query_task"})) is None


def test_poison_strikes_its_ids() -> None:
    """A poisoned call is one that carries one of the ids."""
    subject = faults({"kind": "poison", "ids": ["bad"]})
    assert struck(subject, ids=["a", "b"]) is None
    assert struck(subject, ids=["a", "bad"]) == "poison"


def test_count() -> None:
    """A rule with a count is spent after so many calls, and its record stays."""
    subject = faults({"kind": "empty", "count": 2})
    assert [struck(subject) for _ in range(3)] == ["empty", "empty", None]
    assert subject.report()[0]["fired"] == 2


def test_probability() -> None:
    """A rule strikes as often as its probability says, and the same calls after a reset."""
    rule = {"kind": "empty", "probability": 0.25}
    subject = faults(rule)
    first = [struck(subject) for _ in range(1000)]
    assert 200 < sum(kind == "empty" for kind in first) < 300
    subject.reset()
    subject.replace(subject.read(msgspec.json.encode(rule)))
    assert [struck(subject) for _ in range(1000)] == first


def test_first_spoiler_acts_alone() -> None:
    """Of two rules that replace the answer only the first fires."""
    subject = faults({"kind": "empty"}, {"kind": "html"})
    assert struck(subject) == "empty"
    assert [rule["fired"] for rule in subject.report()] == [1, 0]


def test_delays_and_skews_add_up() -> None:
    """Latencies and clock errors add up, jitter stays in its range, and neither spoils an answer."""
    subject = faults(
        {"kind": "latency", "ms": 100},
        {"kind": "latency", "ms": 50, "jitter": 50},
        {"kind": "clock_skew", "seconds": -600},
        {"kind": "clock_skew", "seconds": 60},
    )
    delays = [subject.delay("VOD", "list_task", []) for _ in range(100)]
    assert all(0.1 <= delay <= 0.2 for delay in delays)
    assert max(delays) - min(delays) > 0.05
    assert subject.skew("VOD", "list_task", []) == -540
    assert struck(subject) is None
