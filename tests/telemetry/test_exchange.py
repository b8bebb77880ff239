"""The ids of requests."""

from __future__ import annotations

import re

import pytest

from gateway.telemetry.exchange import request_id


@pytest.mark.parametrize("given", ["a", "9f7c-01", "A" * 64, "trace:1/2.3_4+5="])
def test_a_well_formed_id_is_kept(given: str) -> None:
    """So that a client's own log and ours can be held against each other."""
    assert request_id(given) == given


@pytest.mark.parametrize("given", [None, "", "a b", "A" * 65, "a\n", "ä", '"', "<script>"])
def test_any_other_is_replaced(given: str | None) -> None:
    """By one that is new every time, and that no log has to escape."""
    assert re.fullmatch("[0-9a-f]{16}", request_id(given))
    assert request_id(given) != request_id(given)
