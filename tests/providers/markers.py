"""Nothing gets lost: every value of an answer has to turn up in the records made from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from gateway.domain.errors import GatewayError
from tests.providers.fields import Row


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and value of each scalar, also of those in JSON text."""
    if isinstance(value, str) and value.startswith(("{", "[{")):
        value = msgspec.json.decode(value)
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for element in value:
            yield from leaves(element, f"{path}[]")
    else:
        yield path, value


def lost(sample: bytes, operation: str, table: Iterable[Row], outcomes: Mapping[Any, Any]) -> set[str]:
    """Return the paths of a sample whose values are nowhere in the outcomes, or that the table lacks."""
    known = {path: place for name, path, place in table if name == operation}
    records = [
        [key, None if isinstance(outcome, GatewayError) else outcome] for key, outcome in outcomes.items()
    ]
    found = {_plain(value) for _, value in leaves(msgspec.json.decode(msgspec.json.encode(records)))}
    # A place with a colon is not a value but a fact, such as the length of a list.
    return {
        path
        for path, value in leaves(msgspec.json.decode(sample))
        if path not in known or (": " not in known[path] and _plain(value) not in found)
    }


def _plain(value: Any) -> float | str:
    """Return what numbers in text, times in any spelling and words in any case have in common."""
    try:
        return float(value)
    except (TypeError, ValueError):
        text = str(value)
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return text.lower()
