"""The error tree."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from gateway.domain import errors
from gateway.domain.errors import GatewayError, ProviderError
from gateway.domain.records import Provider


def _tree(root: type[GatewayError]) -> Iterator[type[GatewayError]]:
    for child in root.__subclasses__():
        yield child
        yield from _tree(child)


CODED = [error for error in _tree(GatewayError) if error is not ProviderError]


@pytest.mark.parametrize("error", CODED)
def test_every_error_has_a_code_of_its_own(error: type[GatewayError]) -> None:
    """Clients can tell any two kinds of error apart by their codes."""
    assert re.fullmatch(r"[A-Z_]+", error.code)
    assert [other for other in CODED if other.code == error.code] == [error]


def test_the_drawing_names_every_error() -> None:
    """The tree on top of the module is the tree."""
    drawn = set(re.findall(r"[├└] (\w+)", errors.__doc__ or ""))
    assert drawn == {error.__name__ for error in _tree(GatewayError)}


def test_only_passing_trouble_is_retryable() -> None:
    """A retry is advised where time may help, and nowhere else."""
    assert {error.code for error in CODED if error.retryable} == {
        "CIRCUIT_OPEN",
        "CREDENTIALS_UNAVAILABLE",
        "UPSTREAM_KEY_REPLACED",
        "UPSTREAM_QUOTA_EXHAUSTED",
        "UPSTREAM_THROTTLED",
        "UPSTREAM_TIMEOUT",
        "UPSTREAM_UNAVAILABLE",
    }


def test_a_provider_error_knows_its_call() -> None:
    """What support desks ask for travels with the error."""
    error = errors.Throttled(
        "Too many.", provider=Provider.VOD, operation="GetTranscodeSummary", request_id="R", retry_after=0.25
    )
    assert (error.operation, error.request_id, error.retry_after) == ("GetTranscodeSummary", "R", 0.25)
    assert str(error) == "Too many."
