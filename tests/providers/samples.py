"""The sample answers of each room."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from gateway.domain.records import Observation

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def sample(room: str, name: str) -> bytes:
    """Return a sample answer."""
    return (Path(__file__).parent / room / "samples" / f"{name}.json").read_bytes()


def names(room: str) -> list[str]:
    """Return the names of a room's samples."""
    return sorted(path.stem for path in (Path(__file__).parent / room / "samples").glob("*.json"))


def seen(operation: str, request_id: str | None = "request") -> Observation:
    """Return an observation."""
    return Observation(at=NOW, operation=operation, request_id=request_id)
