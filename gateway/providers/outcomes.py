"""What reading an answer comes to besides its values: misfits, records of plain scalars, refusals. Pure."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import fields

from gateway.domain.errors import Garbled, NotFound
from gateway.domain.records import Misfit, Observation, Provider, Record
from gateway.providers.documented import Wire, as_it_comes, read

W = TypeVar("W", bound=Struct)
R = TypeVar("R", bound=Record)


def decoded(provider: Provider, body: bytes, kind: type[W], observation: Observation) -> W:
    """Return an answer in its wire type.

    Raises:
        Garbled: It is not of that type.
    """
    try:
        return read(body, kind)
    except (ValueError, RecursionError):
        raise garbled(provider, observation) from None


def unread(wire: type[W], **sent: object) -> W:
    """Return an object that others took apart; what nests in it is still raw."""
    return as_it_comes(wire, wire(**sent))


def twin(record: type[R], wire: Wire) -> R:
    """Return a record of plain scalars, made of the attributes that have the same names."""
    values = {name: getattr(wire, name) for name in _in_common(record, wire.__class__)}
    return record(**values, misfits=wire.misfits)


@cache
def _in_common(record: type[Record], wire: type[Wire]) -> list[str]:
    told = {field.name for field in fields(wire)}
    return [field.name for field in fields(record) if field.name in told]


def misfits_of(*parts: Wire) -> tuple[Misfit, ...]:
    """Return the misfits of a record that is made of several parts; each field is told once."""
    found: dict[str, Misfit] = {}
    for part in parts:
        for misfit in part.misfits:
            found.setdefault(misfit.field, misfit)
    return tuple(found.values())


def garbled(provider: Provider, observation: Observation) -> Garbled:
    """Return the outcome of an answer that cannot be read, by the call it came from."""
    return Garbled(
        "The provider's answer does not fit its documentation.",
        provider=provider,
        operation=observation.operation,
        request_id=observation.request_id,
    )


def not_found(provider: Provider) -> NotFound:
    """Return the outcome of a key that the provider says it does not know."""
    return NotFound("The provider knows no such thing.", provider=provider)
