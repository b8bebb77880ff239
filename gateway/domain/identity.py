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
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from string import ascii_letters, digits
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
_PLAIN = f"{ascii_letters}{digits}_.~/-".encode()
_EPOCH = datetime.fromtimestamp(0, UTC)
_DAY = 24 * 60 * 60
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


def encode_tasks(tasks: Sequence[tuple[TaskRef, Sequence[str]]]) -> list[tuple[str, list[str]]]:
    """Return the global ids of tasks, each with those of its jobs: as `encode` does, for a fraction of it.

    Args:
        tasks: The tasks, each with the labels of its jobs.
    """
    parts = [_with_version(task.source, _task_parts(task)) for task, _ in tasks]
    if not _plain(chain(*parts, *[labels for _, labels in tasks])):
        return [(encode(task), [encode(_job(task, label)) for label in labels]) for task, labels in tasks]
    texts: list[str] = []
    for (_, labels), task_parts in zip(tasks, parts, strict=True):
        text = ":".join(task_parts)
        texts.append(f"Task:{text}")
        job = f"Job:{text}"
        texts += [f"{job}:{label}:" for label in labels]
    ids = iter(_encoded(texts))
    return [(next(ids), list(islice(ids, len(labels)))) for _, labels in tasks]


def encode_videos(video_ids: Sequence[str], source: str) -> list[str]:
    """Return the global ids of videos of one account: as `encode` does, for a fraction of it."""
    beginning = _with_version(source, [])
    if not _plain([*beginning, *video_ids]):
        return [encode(VideoRef(video_id=video_id, source=source)) for video_id in video_ids]
    text = ":".join(beginning)
    return _encoded([f"Video:{text}:{video_id}" for video_id in video_ids])


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
    parts = _with_version(ref.source, parts)
    quoted = parts if _plain(parts) else [quote(part, safe="") for part in parts]
    [global_id] = _encoded([":".join([kind, *quoted])])
    return global_id


def _job(task: TaskRef, label: str) -> JobRef:
    return JobRef(provider=task.provider, task=task, label=label, source=task.source)


def _with_version(source: str, parts: Sequence[str]) -> list[str]:
    return [_VERSION, *parts] if source == DEFAULT else [_VERSION_WITH_SOURCE, source, *parts]


def _plain(parts: Iterable[str]) -> bool:
    """Whether nothing in some parts needs quoting but slashes: one look at all parts of a call."""
    return not "".join(parts).encode().translate(None, _PLAIN)


def _encoded(texts: Sequence[str]) -> list[str]:
    """Return texts of quoted parts, in which slashes may still be bare, in base64url."""
    if not texts:
        return []
    # No such text has a line's end in it: what can be done to all together is done once.
    together = "\n".join(texts).replace("/", "%2F")
    # Bytes become base64 text in one step.
    ids = [encoded.rstrip("=") for encoded in to_builtins(together.encode().split(b"\n"))]
    # Of what is bare in these texts, only this one makes a character that is not for URLs.
    return [global_id.replace("+", "-") for global_id in ids] if "~" in together else ids


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
    return [
        ref.provider,
        ref.provider_id or "",
        ref.video_id or "",
        ref.template_group_id or "",
        "" if ref.created_at is None else _second(ref.created_at),
    ]


def _second(time: datetime) -> str:
    since = time - _EPOCH
    return str(since.days * _DAY + since.seconds)


def _from_parts(kind: str, parts: list[str], source: str) -> Ref | None:
    match kind, parts:
        case "Task", [_, _, _, _, _]:
            return _task(parts, source)
        case "Job", [*task_parts, label, ""] if len(task_parts) == _TASK_PARTS and label:
            task = _task(task_parts, source)
            return task and _job(task, label)
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
