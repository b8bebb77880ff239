"""The circuit."""

from __future__ import annotations

from gateway.upstream.circuit import Circuit, State
from gateway.upstream.policy import CircuitPolicy


def opened(at: float = 1.0, **policy: bool) -> Circuit:
    """Return a circuit that ten failures have opened."""
    circuit = Circuit(CircuitPolicy(**policy))
    for _ in range(10):
        circuit.started()
        circuit.failed(at)
    return circuit


def test_too_few_calls_mean_nothing() -> None:
    """Nine failures in a row leave the circuit closed, the tenth opens it."""
    circuit = Circuit(CircuitPolicy())
    for _ in range(9):
        circuit.failed(1.0)
    assert circuit.admits(1.0)
    circuit.failed(1.0)
    assert circuit.state(1.0) is State.OPEN
    assert not circuit.admits(1.0)


def test_the_ratio_decides_and_not_the_streak() -> None:
    """A few failures among many successes leave the circuit closed, however they follow each other."""
    circuit = Circuit(CircuitPolicy())
    for _ in range(30):
        circuit.succeeded(1.0)
    for _ in range(12):
        circuit.failed(2.0)
    assert circuit.state(2.0) is State.CLOSED


def test_old_failures_are_forgotten() -> None:
    """Only the rolling window counts."""
    circuit = Circuit(CircuitPolicy())
    for second in range(30):
        circuit.failed(second * 2.0)
    assert circuit.state(60.0) is State.CLOSED


def test_one_probe_at_a_time() -> None:
    """After the cool-down one call is admitted, and no other before it has ended."""
    circuit = opened(at=1.0)
    assert not circuit.admits(5.9)
    assert circuit.admits(6.0)
    assert circuit.state(6.0) is State.HALF_OPEN
    circuit.started()
    assert not circuit.admits(100.0)
    assert circuit.admits_at(100.0) == float("inf")


def test_a_successful_probe_closes() -> None:
    """One answer closes the circuit, and the failures before it are forgotten."""
    circuit = opened(at=1.0)
    circuit.started()
    circuit.succeeded(6.0)
    circuit.failed(6.1)
    assert circuit.state(6.1) is State.CLOSED


def test_a_failed_probe_waits_another_cool_down() -> None:
    """Probes of a dead provider are a cool-down apart."""
    circuit = opened(at=1.0)
    circuit.started()
    circuit.failed(6.0)
    assert circuit.admits_at(6.0) == 11.0
    assert circuit.wait(6.0) == 5.0


def test_an_undecided_probe_lets_another_go() -> None:
    """A probe that was throttled says nothing, and does not keep the circuit half open for ever."""
    circuit = opened(at=1.0)
    circuit.started()
    circuit.undecided()
    assert circuit.admits(6.0)


def test_measuring_only_refuses_nothing() -> None:
    """In measure-only mode the state is shown and every call admitted."""
    circuit = opened(at=1.0, measure_only=True)
    assert circuit.state(2.0) is State.OPEN
    assert circuit.admits(2.0)
