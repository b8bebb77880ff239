"""What the settings of accounts have in common: parts that may be files, and tables of further accounts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

from pydantic import AfterValidator, Field, SecretStr

from gateway.settings.section import Section

_TAKEN = {"default", "all"}

SOURCES = "More accounts or regions: tables [section.sources.NAME] of the file, with these names"

SourceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]


class _Account(Protocol):
    @property
    def configured(self) -> bool: ...


A = TypeVar("A", bound=_Account)


def _usable(accounts: Mapping[str, A]) -> Mapping[str, A]:
    for name, account in accounts.items():
        if name in _TAKEN:
            raise ValueError(f"{name}: this name is taken; the section itself is the default source")
        if not account.configured:
            raise ValueError(f"{name}: holds nothing to ask with; give it keys, or an address")
    return accounts


USABLE = AfterValidator(_usable)


def one_of(section: Section, name: str) -> str | Path | None:
    """Return what a section holds by a name, the file it is to be read from, or None for neither.

    Raises:
        ValueError: It has both, or what it holds cannot be part of a request. Stores of secrets often end a
            value in a newline that the key does not have.
    """
    value, file = getattr(section, name), getattr(section, f"{name}_file")
    if value is not None and file is not None:
        raise ValueError(f"{name.upper()} and {name.upper()}_FILE exclude each other: set one")
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is not None and not (value == value.strip() and value.isascii() and value.isprintable()):
        raise ValueError(f"{name.upper()} must be printable ASCII, without spaces or a newline at its ends")
    held: str | Path | None = file if value is None else value
    return held
