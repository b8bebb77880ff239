"""How a field without a resolver gets its value: the record's attribute, or the error kept in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter
from typing import Any

from msgspec import UNSET

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


def attributes(records: Sequence[Any], name: str) -> list[Any]:
    """Return an attribute of each record, or the error kept in its place."""
    values = list(map(attrgetter(name), records))
    if None in values:
        for number, value in enumerate(values):
            if value is None:
                try:
                    values[number] = attribute(records[number], name)
                except Garbled as error:
                    values[number] = error
    return values


def told(
    records: Sequence[Any], name: str, ask: Callable[[Any], Awaitable[Any]], *, absent: Any = None
) -> list[Any] | Awaitable[list[Any]]:
    """Return an attribute of each record, asking for those that the operation already asked does not tell.

    Args:
        records: The parents of the field.
        name: The attribute.
        ask: Returns the record in full, or raises.
        absent: What stands for a value that even the full record does not tell.
    """
    values = attributes(records, name)
    if UNSET not in values:
        return values if absent is None else [absent if value is None else value for value in values]
    return _asked(records, values, name, ask, absent)


async def _asked(
    records: Sequence[Any], values: list[Any], name: str, ask: Callable[[Any], Awaitable[Any]], absent: Any
) -> list[Any]:
    unknown = [number for number, value in enumerate(values) if value is UNSET]
    found = await asyncio.gather(*(ask(records[number]) for number in unknown), return_exceptions=True)
    for number, record in zip(unknown, found, strict=True):
        if isinstance(record, BaseException):
            values[number] = record
        else:
            [values[number]] = attributes([record], name)
    return [absent if value is None or value is UNSET else value for value in values]
