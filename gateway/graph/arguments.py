"""What clients may write where an id is asked for, checked before any provider is asked.

An id goes into a provider's request, and ten of them into one comma-separated parameter. So a comma or a
control character in one id would change what is asked for the other nine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.domain import identity
from gateway.domain.errors import BadUserInput
from gateway.domain.identity import JobRef, TaskRef, VideoRef
from gateway.domain.records import DEFAULT

MAX_IDS = 50
"""Ids in one list argument: five full summary calls."""

_MAX_PROVIDER_ID = 256
_KINDS: Mapping[str, type[identity.Ref]] = {"Video": VideoRef, "Task": TaskRef, "Job": JobRef}
_VIDEO_PREFIX = "VmlkZW8"
"""How the base64 of every global id of a Video begins."""


def provider_id(text: str, argument: str) -> str:
    """Return a provider's own id.

    Raises:
        BadUserInput: It is empty, too long, or holds a character that no provider's id has.
    """
    if not text or len(text) > _MAX_PROVIDER_ID:
        raise BadUserInput(f"{argument}: an id has 1 to {_MAX_PROVIDER_ID} characters.")
    # Of white space only the blank is printable.
    if not text.isprintable() or " " in text or "," in text or '"' in text:
        raise BadUserInput(f"{argument}: an id holds no commas, quotes, spaces or control characters.")
    return text


def video(text: str, argument: str, source: str | None = None) -> VideoRef:
    """Return which video is meant by VOD's id of one, or by the global id of a Video.

    Args:
        text: What the client wrote.
        argument: Where.
        source: Whose VOD's id is; None for the default source. A global id knows by itself.

    Raises:
        BadUserInput: As for `provider_id`, a global id is damaged, or belongs to another source.
    """
    if text.startswith(_VIDEO_PREFIX):
        ref = node_id(text, argument)
        if isinstance(ref, VideoRef):
            if source not in {None, ref.source}:
                raise BadUserInput(f"{argument}: this is the id of a Video of another source.")
            return ref
    return VideoRef(video_id=provider_id(text, argument), source=source or DEFAULT)


def are_own(texts: Sequence[str]) -> bool:
    """Return whether all are VOD's ids of videos, which `video` would take as they are; seen at a glance."""
    joined = ",".join(texts)
    return (
        joined.isprintable()
        and joined.count(",") == len(texts) - 1
        and " " not in joined
        and '"' not in joined
        and _VIDEO_PREFIX not in joined
        and all(texts)
        and len(max(texts, key=len)) <= _MAX_PROVIDER_ID
    )


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


def reference(representation: object, argument: str = "representations") -> identity.Ref:
    """Return what a federated router's representation of an object names: a type, and one of its keys.

    Raises:
        BadUserInput: It names none of our types, or by no key of it.
    """
    match representation:
        case {"__typename": str(kind), "id": str(id)} if kind in _KINDS:
            ref = node_id(id, argument)
            if isinstance(ref, _KINDS[kind]):
                return ref
        case {"__typename": "Video", "videoId": str(id)}:
            return VideoRef(video_id=provider_id(id, argument))
    raise BadUserInput(f"{argument}: each has a __typename and a key of that type.")


def limited(ids: Sequence[str], argument: str) -> Sequence[str]:
    """Return the list of ids.

    Raises:
        BadUserInput: There are more than `MAX_IDS`.
    """
    if len(ids) > MAX_IDS:
        raise BadUserInput(f"{argument}: at most {MAX_IDS} ids, not {len(ids)}.")
    return ids
