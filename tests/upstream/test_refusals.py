"""The errors that lanes speak."""

from __future__ import annotations

from gateway.domain.errors import ProviderError
from gateway.domain.records import Provider
from gateway.upstream.refusals import Refusals


def test_every_refusal_names_its_provider() -> None:
    """A client learns whose data is missing, and what to wait for."""
    refusals = Refusals(Provider.VOD, "Summary")
    errors = [
        refusals.exhausted(1.5),
        refusals.circuit_open("UPSTREAM_UNAVAILABLE", 5.0),
        refusals.timed_out(),
        refusals.garbled(),
        refusals.closing(),
    ]
    assert {error.provider for error in errors} == {Provider.VOD}
    assert [error.retry_after for error in errors[:2]] == [1.5, 5.0]
    assert all(error.operation == "Summary" for error in errors if isinstance(error, ProviderError))
