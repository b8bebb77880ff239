"""Lenient reading of what providers send: a value that does not fit costs its field and nothing else.

Providers send numbers as text and text as numbers, ids that end in a newline, times in three spellings, and
JSON packed into strings. A `Reader` takes each value as it comes and either returns it in the type that the
record declares, or returns None and keeps a `Misfit`. Absent values and placeholders are None without one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, TypeVar, Union, cast

import msgspec
from msgspec import Meta, Raw, Struct

from gateway.domain.records import Misfit, Observation, Provider

T = TypeVar("T")
S = TypeVar("S", bound=Struct)

_INTEGER = re.compile(r"([+-]?\d{1,19})(\.0*)?", re.ASCII)
# JSON's own notation for a number with a fraction or an exponent, as which 960 is also 9.6e2.
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_FEW_DIGITS = 10
_MANY_DIGITS = 100
INT32 = 2**31
MAX_SAFE = 2**53 - 1
"""Ends of the integers that GraphQL's Int can hold, exclusive, and a client in JavaScript, inclusive."""

UNREADABLE = (ValueError, OverflowError, RecursionError, OSError)
"""What converting a value raises where it does not fit."""

_PERCENTAGES = range(101)
# Codes and request ids end up in errors and logs, which a provider's bad day must not fill.
_LONGEST_MEMBER = 200
_EPOCH = datetime.fromtimestamp(0, UTC)
# What providers write where they have no number (IMS sample; a null that was made text on its way) and no
# time (Visionular samples of 2020).
NO_NUMBER = "0.f"
_NULL = "null"
NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)

NATIVE_TIME: Any = Annotated[datetime, Meta(tz=True)] | None
"""A time that msgspec reads in one step: with a zone, or in seconds since 1970."""

_LENGTH_IN_UTC = len("2026-11-22T08:00:00Z")


@contextmanager
def reading(provider: Provider, observation: Observation) -> Iterator[None]:
    """Say whose answer is being read, for the misfits found in it: they are many records deep."""
    token = _answer.set((provider, observation))
    try:
        yield
    finally:
        _answer.reset(token)


_answer: ContextVar[tuple[Provider, Observation]] = ContextVar("answer")


class Reader:
    """Reads the values of one record and remembers which did not fit.

    Every method takes the name of the record's attribute first, for the `Misfit`. Nearly every value is as
    documented, and there are hundreds in an answer: what needs no leniency is seen to at once.
    """

    __slots__ = ("_misfits",)

    def __init__(self) -> None:
        self._misfits: dict[str, Misfit] | None = None

    @property
    def misfits(self) -> tuple[Misfit, ...]:
        """The fields that did not fit, in the order they were read."""
        return tuple(self._misfits.values()) if self._misfits else ()

    def text(self, field: str, value: object) -> str | None:
        """Read text, without the stray whitespace around it."""
        if type(value) is str:
            return value.strip() or None
        return None if value is None else self._read(field, "text", _text, value)

    def json_text(self, field: str, value: object) -> str | None:
        """Read JSON text; what was sent as an object or a list becomes compact text."""
        return None if value is None else self._read(field, "JSON text", _json_text, value)

    def integer(self, field: str, value: object) -> int | None:
        """Read an integer that GraphQL's Int can hold, also from text or from a float without a fraction."""
        if type(value) is str and len(value) < _FEW_DIGITS and value.isdecimal() and value.isascii():
            return int(value)
        return self._read(field, "an integer", _small_integer, value)

    def big_integer(self, field: str, value: object) -> int | None:
        """Read an integer that a client in JavaScript can hold, such as a file's size."""
        if type(value) is int and 0 <= value < MAX_SAFE:
            return value
        return self._read(field, "an integer", _integer, value)

    def percent(self, field: str, value: object) -> int | None:
        """Read an integer from 0 to 100."""
        if type(value) is int and value in _PERCENTAGES:
            return value
        return self._read(field, "a percentage", _percent, value)

    def number(self, field: str, value: object) -> float | None:
        """Read a finite number, also from text."""
        if type(value) is str and len(value) < _MANY_DIGITS and value.isascii():
            digits = value.replace(".", "", 1)
            if digits.isdecimal():
                return float(value)
        return self._read(field, "a number", _number, value)

    def time(self, field: str, value: object) -> datetime | None:
        """Read a time: ISO 8601, ``YYYY-MM-DD HH:MM:SS`` in UTC, or seconds since 1970."""
        return None if value is None else self._read(field, "a time", _time, value)

    def part(self, field: str, raw: Raw, kind: type[S]) -> S | None:
        """Read a nested object, or text that holds one."""
        return self._read(field, "an object", lambda value: _unpacked(value, kind), raw)

    def parts(self, field: str, raw: Raw, kind: type[T]) -> list[T]:
        """Read a list, leaving out elements that do not fit.

        Besides a plain list: text that holds one, and an object that wraps one as older SDKs of the
        provider expect it, ``{"TranscodeTaskList": {"TranscodeTask": [...]}}``.
        """
        if not bytes(raw):
            return []
        try:
            parts: list[T | None] = _list_decoder(cast("Hashable", kind)).decode(raw)
        except (ValueError, RecursionError):
            return self.each(field, raw, decoder(cast("Hashable", kind)).decode)
        return [part for part in parts if part is not None]

    def each(self, field: str, raw: Raw, decode: Callable[[Raw], T | None]) -> list[T]:
        """Read a list as `parts` does, element by element."""
        elements = self._read(field, "a list", _elements, raw) or []
        parts = [self._read(field, "a list", decode, element) for element in elements]
        return [part for part in parts if part is not None]

    def texts(self, field: str, raw: Raw) -> tuple[str, ...]:
        """Read a list of texts."""
        if not bytes(raw):
            return ()
        texts = (self.text(field, value) for value in self.parts(field, raw, object))
        return tuple(text for text in texts if text is not None)

    def _read(self, field: str, expected: str, convert: Callable[[Any], T | None], value: object) -> T | None:
        if value is None:
            return None
        if isinstance(value, str):
            value = value.strip()
            if not value:
                return None
        try:
            return convert(value)
        except UNREADABLE:
            if self._misfits is None:
                self._misfits = {}
            if field not in self._misfits:
                self._misfits[field] = _misfit(field, expected)
            return None


def _misfit(field: str, expected: str) -> Misfit:
    provider, observation = _answer.get()
    return Misfit(
        field=field,
        reason=expected,
        provider=provider,
        operation=observation.operation,
        request_id=observation.request_id,
    )


def as_text(value: str | float) -> str | None:
    """Return what `Reader.text` reads of a value that fits."""
    return (value.strip() if isinstance(value, str) else str(value)) or None


def as_json_text(value: object) -> str | None:
    """Return what `Reader.json_text` reads of a value."""
    return as_text(value) if isinstance(value, str) else _json_text(value)


def as_time(value: str | float | datetime) -> datetime | None:
    """Return what `Reader.time` reads of a value.

    Raises:
        ValueError, OverflowError, OSError: It does not fit.
    """
    if isinstance(value, str):
        value = value.strip()
    return None if value == "" else _time(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError


def _json_text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _integer(value: object) -> int | None:
    match value:
        case bool():
            raise ValueError
        case str() if value.lower() == _NULL:
            return None
        case str():
            match = _INTEGER.fullmatch(value)
            number = int(match[1]) if match else _without_fraction(value)
        case float() if value.is_integer():
            number = int(value)
        case int():
            number = value
        case _:
            number = None
    if number is None or abs(number) > MAX_SAFE:
        raise ValueError
    return number


def _without_fraction(text: str) -> int | None:
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return int(number) if number.is_integer() else None


def _small_integer(value: object) -> int | None:
    number = _integer(value)
    if number is not None and not -INT32 <= number < INT32:
        raise ValueError
    return number


def _percent(value: object) -> int | None:
    number = _integer(value)
    if number is not None and number not in _PERCENTAGES:
        raise ValueError
    return number


def _number(value: object) -> float | None:
    text = _text(value)
    if text == NO_NUMBER or text.lower() == _NULL:
        return None
    number = float(text)
    # Python also reads "nan", and "1_0" as ten; nobody else does.
    if "_" in text or not math.isfinite(number):
        raise ValueError
    return number


def _time(value: object) -> datetime | None:
    # Two usual spellings, which msgspec and Python read alike.
    if type(value) is str and len(value) == _LENGTH_IN_UTC and value[-1] == "Z":
        time = datetime.fromisoformat(value)
    elif type(value) is int:
        time = datetime.fromtimestamp(value, UTC)
    else:
        time = _unusual_time(value)
    return time if time > _EPOCH and time != NO_TIME else None


def _unusual_time(value: object) -> datetime:
    try:
        time: datetime | None = msgspec.convert(value, NATIVE_TIME, strict=False)
    except ValueError:
        # In other spellings of ISO 8601, and without a zone.
        if not isinstance(value, str):
            raise
        time = datetime.fromisoformat(value)
    if time is None or time.tzinfo is UTC:
        return time or NO_TIME
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _elements(raw: Raw) -> list[Raw]:
    found = _unpacked(raw, list[Raw] | dict[str, list[Raw]])
    if isinstance(found, dict):
        return [element for wrapped in found.values() for element in wrapped]
    return found or []


def _unpacked(raw: Raw, kind: Any) -> Any:
    """Decode JSON, or JSON text that holds JSON."""
    found = decoder(kind, str, None).decode(raw) if bytes(raw) else None
    if not isinstance(found, str):
        return found
    return None if found.strip().lower() in {"", _NULL} else decoder(kind).decode(found)


@cache
def decoder(*kinds: Any) -> msgspec.json.Decoder[Any]:
    """Return a decoder of what may be of several types: making one costs more than most values do."""
    return msgspec.json.Decoder(Union[kinds])  # noqa: UP007 - their number is not known beforehand


@cache
def _list_decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(list[kind])


def members(body: bytes | Raw) -> dict[str, Raw] | None:
    """Return an envelope's members by lower-cased name; None where the text is not a JSON object.

    Providers and the proxies before them do not agree on ``Code`` or ``code``.
    """
    try:
        found: dict[str, Raw] = decoder(dict[str, Raw]).decode(body)
    except (ValueError, RecursionError):
        return None
    return {name.lower(): member for name, member in found.items()}


def member(members: dict[str, Raw], name: str) -> str | None:
    """Return a scalar member as text, cut short; None where there is none."""
    raw = members.get(name)
    try:
        found = None if raw is None else decoder(str, int, float, None).decode(raw)
    except ValueError:
        return None
    text = None if found is None else as_text(found)
    return text and text[:_LONGEST_MEMBER]


def floor_mean(percentages: Sequence[int | None]) -> int | None:
    """Return the mean of those that are known, rounded down; None where none is."""
    known = len(percentages) - percentages.count(None)
    return sum(filter(None, percentages)) // known if known else None
