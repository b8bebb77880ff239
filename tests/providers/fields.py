"""The tables of fields: which place in the graph each field on the wire has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Row = tuple[str, str, str]
"""Operation, path on the wire, and the places in the graph where its value is found."""


def rows(operation: str, fields: Mapping[str, str], *, under: str = "") -> Iterator[Row]:
    """Yield a row for each field of an object."""
    for name, place in fields.items():
        yield operation, f"{under}.{name}" if under else name, place


def table(*, names: str, places: str, record: str) -> dict[str, str]:
    """Return the fields of an object whose values are attributes of one record, in the same order."""
    return {name: f"{record}.{place}" for name, place in zip(names.split(), places.split(), strict=True)}
