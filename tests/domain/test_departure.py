"""The gate that a request passes when it leaves."""

from __future__ import annotations

from gateway.domain.departure import depart, gated


async def test_a_request_waits_for_the_gate_of_its_own_context() -> None:
    """Inside, the gate is asked each time; outside there is none."""
    passed: list[str] = []

    async def gate() -> None:
        passed.append("once more")

    with gated(gate):
        await depart()
        await depart()
    await depart()
    assert passed == ["once more", "once more"]
