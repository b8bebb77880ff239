"""The kinds of fault."""

from typing import Any, get_args

import msgspec
import pytest

from gateway.sandbox.faults import BadRuleError, Faults
from gateway.sandbox.rules import AnyRule

NEEDY = {"poison": {"ids": ("a",)}}
KINDS = [kind.__struct_config__.tag for kind in get_args(AnyRule)]


@pytest.fixture
def faults() -> Faults:
    """No rules yet."""
    return Faults(7, ["list_task"])


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(faults: Faults, kind: str) -> None:
    """Every kind needs no more than its name - but for the ids of a poison - also in a request's header."""
    rule = {"kind": kind, **NEEDY.get(kind, {})}
    faults.replace(faults.read(msgspec.json.encode(rule)))
    reported = faults.report()[0]
    assert {**reported, **rule} == reported
    if kind not in NEEDY:
        assert faults.read_header(kind) == faults.read(msgspec.json.encode([rule]))


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "latency", "ms": -1},
        {"kind": "empty", "probability": 1.5},
        {"kind": "empty", "count": 0},
        {"kind": "status", "status": 418},
        {"kind": "drip", "bytes_per_second": 0},
        {"kind": "truncate", "content_length": "short"},
        {"kind": "empty", "operation": "GetTranscodeSummary"},
    ],
)
def test_impossible_parameters(faults: Faults, rule: dict[str, Any]) -> None:
    """A parameter out of its range is an error."""
    with pytest.raises(BadRuleError):
        faults.read(msgspec.json.encode(rule))
