"""Two ways of reading an answer from one declaration: as documented in one step, or value by value.

A wire type says what each of its values is documented to be (`gateway.providers.kinds`), say
``width: Integer``, and an answer is read like a record of that: ``answer.width``. Nearly every answer is as
documented, and a full one holds a thousand values. So that is tried first: msgspec decodes the answer, with
all that nests in it, straight into the types that records have, in C. It accepts nothing that a `Reader`
would read otherwise; what C does not know, such as stray whitespace and placeholders, is settled afterwards.

An answer that holds any other value is `_AsItComes`: each value is judged by a `Reader` when it is asked for.
Each part that nests in it is again tried as documented first, so that an odd value costs its own record the
short way, and no other.

Times come in several spellings, of which C knows the usual ones. Where every text of an answer is tidy, no
time ends in a newline or has a space for its T, and they are left to C, which also sees to it that no text is
empty. Where that fails, or texts are not tidy, times and texts are settled afterwards.

A wire type itself is the loose one of the two: scalars are any ``object``, and what nests stays raw, so that
one bad part does not spoil its neighbours. The strict one is derived from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, ClassVar, Self, TypeVar, cast, get_args

import msgspec
from msgspec import Raw, Struct

from gateway.domain.records import Misfit
from gateway.providers.scalars import NO_TIME, UNREADABLE, Reader, as_text, as_time, decoder

T = TypeVar("T")
Step = Callable[[Sequence[Any]], None]


class Wire(Struct):
    """What all wire types are.

    Attributes:
        misfits: The fields read so far whose values did not fit.
    """

    misfits: ClassVar[tuple[Misfit, ...]] = ()

    def apart(self) -> Self:
        """Return the same for another record to be read from it, which has its own misfits."""
        return self


class Kind(Struct, frozen=True):
    """What a value is documented to be.

    Attributes:
        read: How a reader reads it, by the name of the record's field.
        strict: The type for msgspec.
        settle: Makes of what msgspec accepted what a reader would return.
        always: Whether that is needed also where all texts are tidy.
        absent: What an absent value is.
        tidy: The type for msgspec where all texts are tidy, if it is another one.
        wire: The type of what nests in it.
        many: Whether that is a list.
    """

    read: Callable[[Reader, str, Any], Any]
    strict: Any = None
    settle: Callable[[Any], Any] | None = None
    always: bool = False
    absent: Any = None
    tidy: Any = None
    wire: Any = None
    many: bool = False


def read(raw: bytes | Raw, wire: type[T]) -> T:
    """Read an object.

    Raises:
        ValueError, RecursionError: It is none.
    """
    found = as_documented(raw, wire)
    return as_it_comes(wire, decoder(cast("Any", wire)).decode(raw)) if found is None else found


def as_documented(raw: bytes | Raw, wire: type[T]) -> T | None:
    """Read an object in one step; None where it is not as documented."""
    found = list_as_documented(raw, wire, one=True)
    return found[0] if found else None


def list_as_documented(raw: bytes | Raw, wire: type[T], *, one: bool = False) -> Sequence[T] | None:
    """Read a list of objects, or `one`, in one step; None where they are not as documented."""
    text = bytes(raw)
    # Without any of these there is no text that begins or ends with whitespace.
    tidy = b" " not in text and b"\\" not in text and text.isascii()
    found = _in_one_step(text, wire, one=one, tidy=True) if tidy else None
    return _in_one_step(text, wire, one=one, tidy=False) if found is None else found


def _in_one_step(text: bytes, wire: Any, *, one: bool, tidy: bool) -> Sequence[Any] | None:
    try:
        found = (_decoder(wire, tidy=tidy)(text),) if one else _list_decoder(wire, tidy=tidy)(text)
        _settler(wire, tidy=tidy)(found)
    except UNREADABLE:
        return None
    return cast("Sequence[Any]", found)


def as_it_comes(wire: type[T], loose: Any) -> T:
    """Return an object that is read value by value."""
    return cast("T", _AsItComes(wire, loose))


def nothing(wire: type[T]) -> T:
    """Return an object that tells nothing."""
    return cast("T", _nothing(cast("Any", wire)))


@cache
def _nothing(wire: Any) -> Any:
    return read(b"{}", wire)


class _AsItComes:
    """An object whose values are read one by one; for whoever asks it is of its wire type."""

    __slots__ = ("_kinds", "_loose", "_reader", "_wire")

    def __init__(self, wire: Any, loose: Any) -> None:
        self._wire = wire
        self._kinds = kinds_of(wire)
        self._loose = loose
        self._reader = Reader()

    def __getattr__(self, name: str) -> Any:
        sent = getattr(self._loose, name)
        if sent is None:
            return None
        kind, field = self._kinds[name]
        return kind.read(self._reader, field, sent)

    @property  # type: ignore[misc]  # nobody sets it
    def __class__(self) -> Any:
        return self._wire

    @property
    def misfits(self) -> tuple[Misfit, ...]:
        return self._reader.misfits

    def apart(self) -> _AsItComes:
        return _AsItComes(self._wire, self._loose)


@cache
def kinds_of(wire: Any) -> dict[str, tuple[Kind, str]]:
    """Return what each attribute is, and which field of a record is told not to fit where it does not."""
    kinds: dict[str, tuple[Kind, str]] = {}
    for declared in msgspec.structs.fields(wire):
        _, kind, *field = get_args(declared.type)
        kinds[declared.name] = (kind if isinstance(kind, Kind) else kind(), *(field or [declared.name]))
    return kinds


@cache
def strict(wire: Any, *, tidy: bool) -> Any:
    """Return the type for msgspec, of an object whose texts are tidy or not."""
    kinds = kinds_of(wire)
    fields = []
    for declared in msgspec.structs.fields(wire):
        kind, _ = kinds[declared.name]
        value = _strict_value(kind, tidy=tidy)
        fields.append((declared.name, value, msgspec.field(default=kind.absent, name=declared.encode_name)))
    return msgspec.defstruct(wire.__name__, fields, bases=(wire,), gc=False)


def _strict_value(kind: Kind, *, tidy: bool) -> Any:
    if kind.wire:
        nested = strict(kind.wire, tidy=tidy)
        return tuple.__class_getitem__((nested, ...)) if kind.many else nested | None
    return kind.tidy if tidy and kind.tidy else kind.strict


@cache
def _decoder(wire: Any, *, tidy: bool) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(strict(wire, tidy=tidy), strict=False).decode


@cache
def _list_decoder(wire: Any, *, tidy: bool) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(tuple.__class_getitem__((strict(wire, tidy=tidy), ...)), strict=False).decode


@cache
def _settler(wire: Any, *, tidy: bool) -> Step:
    """Return what makes of objects that msgspec accepted those that a reader would make, in place."""
    kinds = [(name, kind) for name, (kind, _) in kinds_of(wire).items() if kind.always or not tidy]
    steps: list[Step] = []
    if tidy:
        steps.append(_settle_times([name for name, kind in kinds if kind.settle is as_time]))
    else:
        steps.append(_settle_texts([name for name, kind in kinds if kind.settle is as_text]))
    for name, kind in kinds:
        if kind.wire:
            steps.append(_settle_nested(name, _settler(kind.wire, tidy=tidy), many=kind.many))
        elif kind.settle and kind.settle is not as_text and not (tidy and kind.settle is as_time):
            steps.append(_settle_others(name, kind.settle))

    def settle(parts: Sequence[Any]) -> None:
        for step in steps:
            step(parts)

    return settle


# These two do without calls for what is usual: an answer has hundreds of times and texts, and a call takes
# longer than looking at one.


def _settle_times(names: Sequence[str]) -> Step:
    steps = [(attrgetter(name), _settle_others(name, as_time)) for name in names]

    def settle(parts: Sequence[Any]) -> None:
        for get, settle_all in steps:
            if [1 for time in filter(None, map(get, parts)) if time <= NO_TIME or time.tzinfo is not UTC]:
                settle_all(parts)

    return settle


def _settle_texts(names: Sequence[str]) -> Step:
    def settle(parts: Sequence[Any]) -> None:
        for part in parts:
            for name in names:
                text = getattr(part, name)
                if text is not None and (not text or text.strip() is not text):
                    setattr(part, name, as_text(text))

    return settle


def _settle_others(name: str, convert: Callable[[Any], Any]) -> Step:
    def settle(parts: Sequence[Any]) -> None:
        for part in parts:
            sent = getattr(part, name)
            if sent is not None:
                setattr(part, name, convert(sent))

    return settle


def _settle_nested(name: str, settle_all: Step, *, many: bool) -> Step:
    get = attrgetter(name)

    def settle(parts: Sequence[Any]) -> None:
        nested = map(get, parts)
        found = list(chain.from_iterable(nested) if many else filter(None, nested))
        if found:
            settle_all(found)

    return settle
