"""What all sections of the settings are made of."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0, le=31_536_000)]
"""A year at most: what means "for ever" is none that an event loop could wait."""

Rate = Annotated[float, Field(gt=0, le=100_000)]


class Section(BaseModel):
    """Settings that belong together; their values are kept out of every error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _with_host(address: str) -> str:
    if not has_host(address if "://" in address else f"//{address}"):
        raise ValueError("this is no address: it needs a host, and a port only from 1 to 65535")
    return address


def has_host(url: str) -> bool:
    """Return whether a URL names a host, and a port there can be if any.

    A password that holds what ends a URL's host is taken for the port in part, and the host comes too late.
    """
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and "@" not in "".join(parts[2:])
    except ValueError:
        return False


Address = Annotated[str, AfterValidator(_with_host)]
