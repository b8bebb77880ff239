"""In one word, how an operation went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


def outcome(body: Mapping[str, Any], *, executed: bool) -> tuple[str, str | None, int]:
    """Return the outcome of a response, the code of its first error, and how many errors it has.

    Args:
        body: The response object.
        executed: Whether any of the operation ran.

    Returns:
        ok; partial, for data and errors; failed, for errors and no data worth the name; else a code.
    """
    errors = body.get("errors")
    if not errors:
        return "ok", None, 0
    code: str = errors[0].get("extensions", {}).get("code", "INTERNAL")
    if not executed:
        return code, code, len(errors)
    return "partial" if _holds_data(body.get("data")) else "failed", code, len(errors)


def _holds_data(data: Any) -> bool:
    """Whether any root field has a value."""
    if isinstance(data, msgspec.Struct):
        return any(value is not None for value in msgspec.structs.astuple(data))
    if isinstance(data, Mapping):
        return any(value is not None for value in data.values())
    return data is not None
