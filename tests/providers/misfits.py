"""Misfits as translators make them when tests call them without a client."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.domain.records import Misfit, Observation, Provider

READ = Observation(at=datetime(2026, 11, 22, tzinfo=UTC), operation="Operation", request_id="R")


def misfit(field: str, reason: str) -> Misfit:
    """Return what is kept in place of a value that does not fit."""
    return Misfit(field=field, reason=reason, provider=Provider.VOD, operation="Operation", request_id="R")
