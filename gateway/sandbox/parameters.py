"""Parameters of the Alibaba Cloud operations: read, checked, and refused in the family's words."""

from calendar import timegm
from collections.abc import Mapping
from functools import lru_cache
from time import strptime
from typing import Final

from gateway.sandbox.messages import RefusalError

MOST_IDS: Final = 10  # in one parameter
DATE: Final = "%Y-%m-%dT%H:%M:%SZ"


@lru_cache(maxsize=64)
def instant(text: str) -> int | None:
    """Read a time in the one format accepted; None for anything else."""
    try:
        return timegm(strptime(text, DATE))
    except ValueError:
        return None


def missing(name: str) -> RefusalError:
    """Word the refusal the gateway gives when a mandatory parameter is absent."""
    return RefusalError(400, f"Missing{name}", f"{name} is mandatory for this action.")


def invalid(name: str) -> RefusalError:
    """Word the refusal a product gives when it cannot use a value."""
    return RefusalError(400, "InvalidParameter", f"The parameter {name} is invalid.")


def identifiers(text: str) -> list[str]:
    """Split a parameter of comma-separated ids, each once, in the order given."""
    return list(dict.fromkeys(one for part in text.split(",") if (one := part.strip())))


def moment(parameters: Mapping[str, str], name: str) -> int | None:
    """Read an optional time."""
    text = parameters.get(name)
    if not text:
        return None
    value = instant(text)
    if value is None:
        raise invalid(name)
    return value


def window(parameters: Mapping[str, str], start: str, end: str) -> tuple[int | None, int | None]:
    """Read an optional window of time, whose end must come after its start."""
    since, until = moment(parameters, start), moment(parameters, end)
    if since is not None and until is not None and until <= since:
        raise invalid(end)
    return since, until


def whole(parameters: Mapping[str, str], name: str, *, default: int, most: int) -> int:
    """Read an optional count from 1 to ``most``."""
    text = parameters.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise invalid(name)
    return int(text)
