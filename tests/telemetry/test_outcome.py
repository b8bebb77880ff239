"""Outcomes of responses."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.telemetry.outcome import outcome

ERRORS = [{"message": "m", "extensions": {"code": "A"}}, {"message": "m", "extensions": {"code": "B"}}]


class _Projection(msgspec.Struct):
    a: Any
    b: Any


@pytest.mark.parametrize(
    ("body", "how", "expected"),
    [
        ({"data": {"a": None}}, {"executed": True}, ("ok", None, 0)),
        ({"data": msgspec.Raw(b"{}")}, {"executed": True}, ("ok", None, 0)),
        ({"data": {"a": None, "b": 1}, "errors": ERRORS}, {"executed": True}, ("partial", "A", 2)),
        ({"data": _Projection(None, 1), "errors": ERRORS}, {"executed": True}, ("partial", "A", 2)),
        ({"data": _Projection(None, None), "errors": ERRORS}, {"executed": True}, ("failed", "A", 2)),
        ({"data": {"a": None}, "errors": ERRORS}, {"executed": True}, ("failed", "A", 2)),
        ({"data": None, "errors": ERRORS}, {"executed": True}, ("failed", "A", 2)),
        ({"errors": ERRORS}, {"executed": False}, ("A", "A", 2)),
        ({"errors": [{"message": "m"}]}, {"executed": False}, ("INTERNAL", "INTERNAL", 1)),
    ],
)
def test_outcomes(body: dict[str, Any], how: dict[str, bool], expected: object) -> None:
    """Data makes the difference between partial and failed; a refusal is its code."""
    assert outcome(body, **how) == expected
