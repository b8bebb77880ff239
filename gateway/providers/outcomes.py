"""What reading an answer comes to where it does not come to a record. Pure."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct

from gateway.domain.errors import Garbled, NotFound
from gateway.domain.records import Observation, Provider

W = TypeVar("W", bound=Struct)


def decoded(provider: Provider, body: bytes, kind: type[W], observation: Observation) -> W:
    """Return an answer in its wire type.

    Raises:
        Garbled: It is not of that type.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (ValueError, RecursionError):
        raise garbled(provider, observation) from None


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
