"""Global ids: opaque to clients, readable when decoded, the same whichever operation the record came from.

The hard case is ApsaraVideo VOD: GetTranscodeSummary reports no task id and no job ids. So identity is made
of what *every* operation on the thing reports:

- a VOD task is its video, its template group and the second it was created;
- an IMS task is its job id;
- a Visionular task is its task id, with the creation second that a deployment without a per-id lookup needs
  to find it again;
- a job is its task and a label that both operations yield: for VOD the template and the number among equal
  templates, for IMS the position in the configuration, for Visionular the only one there is;
- a VOD job that is asked for by its own id alone arrives without any trace of its task, and is its id.

Whatever belongs to another account than the provider's default one is also its source: two accounts may use
the same ids for different things.

Encoded: base64url, without padding, of ``Kind:1:part:part…``, each part percent-encoded; where there is a
source to name, of ``Kind:2:source:part:part…``.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from msgspec import Struct, to_builtins

from gateway.domain.errors import BadUserInput
from gateway.domain.records import DEFAULT, Provider
from gateway.domain.sources import Whom, whom

_VERSION = "1"
_VERSION_WITH_SOURCE = "2"
_TASK_PARTS = 5
_MAX_LENGTH = 1024
_MAX_PART = 256
_PLAIN = re.compile(r"[A-Za-z0-9_.~/-]*")
_PROVIDERS = {provider.value: provider for provider in Provider}


class TaskRef(Struct, frozen=True, kw_only=True):
    """Which task; holds only what every operation on it reports."""

    provider: Provider
    provider_id: str | None = None
    video_id: str | None = None
    template_group_id: str | None = None
    created_at: datetime | None = None
    source: str = DEFAULT

    @property
    def whom(self) -> Whom:
        """Whom to ask."""
        return whom(self.provider, self.source)


class JobRef(Struct, frozen=True, kw_only=True):
    """Which job: a label within a task, or the provider's id where the task is not known."""

    provider: Provider
    task: TaskRef | None = None
    label: str | None = None
    provider_id: str | None = None
    source: str = DEFAULT

    @property
    def whom(self) -> Whom:
        """Whom to ask."""
        return whom(self.provider, self.source)


class VideoRef(Struct, frozen=True, kw_only=True):
    """Which video."""

    video_id: str
    source: str = DEFAULT

    @property
    def whom(self) -> Whom:
        """Whom to ask."""
        return whom(Provider.VOD, self.source)


Ref = TaskRef | JobRef | VideoRef


def encode_with_jobs(task: TaskRef, labels: Sequence[str]) -> tuple[str, list[str]]:
    """Return the global ids of a task and of its jobs: as `encode` does, for a fraction of it."""
    text, *quoted = _text(task.source, [*_task_parts(task), *labels]).rsplit(":", len(labels))
    # Base64 makes four characters of every three: what the ids have in common is encoded once.
    beginning = f"Job:{text}:"
    common = len(beginning) // 3 * 3
    start, rest = _encoded(beginning[:common]), beginning[common:]
    return _encoded(f"Task:{text}"), [start + _encoded(f"{rest}{label}:") for label in quoted]


def encode_videos(video_ids: Sequence[str], source: str) -> list[str]:
    """Return the global ids of videos of one account: as `encode` does, for a fraction of it."""
    text, *quoted = _text(source, video_ids).rsplit(":", len(video_ids))
    return [_encoded(f"Video:{text}:{video_id}") for video_id in quoted]


def encode(ref: Ref) -> str:
    """Return the global id of what a ref names."""
    match ref:
        case TaskRef():
            kind, parts = "Task", _task_parts(ref)
        case JobRef():
            task = _task_parts(ref.task) if ref.task else [ref.provider, "", "", "", ""]
            kind, parts = "Job", [*task, ref.label or "", ref.provider_id or ""]
        case _:
            kind, parts = "Video", [ref.video_id]
    return _encoded(f"{kind}:{_text(ref.source, parts)}")


def _text(source: str, parts: Sequence[str]) -> str:
    if source == DEFAULT:
        return f"{_VERSION}:{_quoted(parts)}"
    return f"{_VERSION_WITH_SOURCE}:{_quoted([source, *parts])}"


def _quoted(parts: Sequence[str]) -> str:
    # Nearly all parts are plain, and a full call makes some hundred ids: one look sees to all parts of one.
    if _PLAIN.fullmatch("".join(parts)):
        return ":".join(parts).replace("/", "%2F")
    return ":".join([quote(part, safe="") for part in parts])


def _encoded(text: str) -> str:
    # Bytes become base64 text in one step.
    encoded: str = to_builtins(text.encode()).rstrip("=")
    # Of what is bare in these texts, only this one makes a character that is not for URLs.
    return encoded.replace("+", "-") if "~" in text else encoded


def decode(global_id: str) -> Ref:
    """Return what a global id names.

    Raises:
        BadUserInput: The text is not one of our ids.
    """
    if not 0 < len(global_id) <= _MAX_LENGTH:
        raise _malformed()
    try:
        padded = global_id + "=" * (-len(global_id) % 4)
        kind, version, *quoted = urlsafe_b64decode(padded.encode("ascii")).decode("ascii").split(":")
        parts = [unquote(part, errors="strict") for part in quoted]
    except (binascii.Error, ValueError):
        raise _malformed() from None
    source = DEFAULT
    if version == _VERSION_WITH_SOURCE and parts:
        source, *parts = parts
    elif version != _VERSION:
        raise _malformed()
    if any(len(part) > _MAX_PART or not part.isprintable() for part in (source, *parts)):
        raise _malformed()
    ref = _from_parts(kind, parts, source)
    # One thing has one id: a second spelling of the same base64 or percent-encoding is refused, so that
    # caches on either side may compare ids as text.
    if ref is None or encode(ref) != global_id:
        raise _malformed()
    return ref


def provider_ids(ref: Ref) -> list[str]:
    """Return the provider's own ids within a ref: what would go into a request."""
    match ref:
        case TaskRef():
            ids = [ref.provider_id, ref.video_id]
        case JobRef():
            ids = [ref.provider_id, *(provider_ids(ref.task) if ref.task else ())]
        case _:
            ids = [ref.video_id]
    return [part for part in ids if part is not None]


def _task_parts(ref: TaskRef) -> list[str]:
    created = "" if ref.created_at is None else str(int(ref.created_at.timestamp()))
    return [
        ref.provider,
        ref.provider_id or "",
        ref.video_id or "",
        ref.template_group_id or "",
        created,
    ]


def _from_parts(kind: str, parts: list[str], source: str) -> Ref | None:
    match kind, parts:
        case "Task", [_, _, _, _, _]:
            return _task(parts, source)
        case "Job", [*task_parts, label, ""] if len(task_parts) == _TASK_PARTS and label:
            task = _task(task_parts, source)
            return task and JobRef(provider=task.provider, task=task, label=label, source=source)
        case "Job", [provider, "", "", "", "", "", provider_id] if provider in _PROVIDERS and provider_id:
            return JobRef(provider=_PROVIDERS[provider], provider_id=provider_id, source=source)
        case "Video", [video_id] if video_id:
            return VideoRef(video_id=video_id, source=source)
    return None


def _task(parts: list[str], source: str) -> TaskRef | None:
    provider, provider_id, video_id, template_group_id, created = parts
    if provider not in _PROVIDERS or not (provider_id or video_id):
        return None
    try:
        created_at = datetime.fromtimestamp(int(created), UTC) if created else None
    except (ValueError, OverflowError, OSError):
        return None
    return TaskRef(
        provider=_PROVIDERS[provider],
        provider_id=provider_id or None,
        video_id=video_id or None,
        template_group_id=template_group_id or None,
        created_at=created_at,
        source=source,
    )


def _malformed() -> BadUserInput:
    return BadUserInput("The id is not one of this gateway's ids.")
