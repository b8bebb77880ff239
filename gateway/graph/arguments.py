"""What clients may write where an id is asked for, checked before any provider is asked.

An id goes into a provider's request, and ten of them into one comma-separated parameter. So a comma or a
control character in one id would change what is asked for the other nine.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.domain import identity
from gateway.domain.errors import BadUserInput
from gateway.domain.identity import VideoRef

MAX_IDS = 50
"""Ids in one list argument: five full summary calls."""

_MAX_PROVIDER_ID = 256
_VIDEO_PREFIX = "VmlkZW8"
"""How the base64 of every global id of a Video begins."""


def provider_id(text: str, argument: str) -> str:
    """Return a provider's own id.

    Raises:
        BadUserInput: It is empty, too long, or holds a character that no provider's id has.
    """
    if not text or len(text) > _MAX_PROVIDER_ID:
        raise BadUserInput(f"{argument}: an id has 1 to {_MAX_PROVIDER_ID} characters.")
    if not text.isprintable() or any(character in ',"' or character.isspace() for character in text):
        raise BadUserInput(f"{argument}: an id holds no commas, quotes, spaces or control characters.")
    return text


def video_id(text: str, argument: str) -> str:
    """Return VOD's id of a video, given that or the global id of a Video.

    Raises:
        BadUserInput: As for `provider_id`, or a global id is damaged.
    """
    if text.startswith(_VIDEO_PREFIX):
        ref = node_id(text, argument)
        if isinstance(ref, VideoRef):
            return ref.video_id
    return provider_id(text, argument)


def node_id(text: str, argument: str) -> identity.Ref:
    """Return what a global id names.

    Raises:
        BadUserInput: It is not one of our ids.
    """
    try:
        ref = identity.decode(text)
    except BadUserInput as error:
        raise BadUserInput(f"{argument}: {error.message}") from None
    for part in identity.provider_ids(ref):
        provider_id(part, argument)
    return ref


def limited(ids: Sequence[str], argument: str) -> Sequence[str]:
    """Return the list of ids.

    Raises:
        BadUserInput: There are more than `MAX_IDS`.
    """
    if len(ids) > MAX_IDS:
        raise BadUserInput(f"{argument}: at most {MAX_IDS} ids, not {len(ids)}.")
    return ids
