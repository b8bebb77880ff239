"""How a field without a resolver gets its value: the record's attribute, or the error kept in its place."""

from __future__ import annotations

from typing import Any

from gateway.domain.errors import Garbled


def attribute(record: Any, name: str) -> Any:
    """Return an attribute of a record.

    Raises:
        Garbled: The provider sent a value there that does not fit its documented type.
    """
    value = getattr(record, name)
    if value is None:
        for misfit in getattr(record, "misfits", ()):
            if misfit.field == name:
                raise Garbled(
                    f"{misfit.provider} sent a value that is not {misfit.reason}.",
                    provider=misfit.provider,
                    operation=misfit.operation,
                    request_id=misfit.request_id,
                )
    return value
