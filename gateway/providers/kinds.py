"""What values on the wire may be documented to be: the words that wire types are written in.

To mypy each is the type that it is read as; at runtime it also says how it is read, as documented and value
by value. Where a value's attribute is not named like the field of the record that lacks it when it does not
fit, that field follows: ``Annotated[Text, "status"]``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional, TypeVar

from msgspec import Meta, Raw

from gateway.providers.documented import Kind, as_documented, as_it_comes, list_as_documented, read
from gateway.providers.scalars import (
    INT32,
    MAX_SAFE,
    NATIVE_TIME,
    NO_NUMBER,
    Reader,
    as_json_text,
    as_text,
    as_time,
)

T = TypeVar("T")

ABSENT: Any = Raw()
"""The default of what nests."""


def _between(number: type[float], least: float, most: float) -> Any:
    return Annotated[number, Meta(ge=least, le=most)] | None


def _texts(sent: Sequence[str]) -> tuple[str, ...]:
    return tuple([text for one in sent if (text := as_text(one)) is not None])


def _code(sent: str | float) -> str | None:
    return as_text(sent)


def _rate(sent: float | str) -> float | None:
    return None if isinstance(sent, str) else sent


def _token(sent: object) -> str | None:
    return sent if isinstance(sent, str) and sent else None


def _part(wire: Any) -> Kind:
    def read_it(reader: Reader, field: str, raw: Raw) -> Any:
        found = as_documented(raw, wire)
        if found is None and (loose := reader.part(field, raw, wire)) is not None:
            return as_it_comes(wire, loose)
        return found

    return Kind(read_it, always=True, wire=wire)


def _parts(wire: Any) -> Kind:
    def read_each(reader: Reader, field: str, raw: Raw) -> Sequence[Any]:
        found = list_as_documented(raw, wire)
        return reader.each(field, raw, partial(read, wire=wire)) if found is None else found

    return Kind(read_each, always=True, absent=(), wire=wire, many=True)


def _page(wire: Any) -> Kind:
    part = _part(wire)

    def read_each(reader: Reader, field: str, raw: Raw) -> Sequence[Any]:
        return [part.read(Reader(), field, element) for element in reader.parts(field, raw, Raw)]

    return Kind(read_each, always=True, absent=(), wire=wire, many=True)


def _packed(wire: Any) -> Kind:
    def unpack(text: str) -> Sequence[Any]:
        found = list_as_documented(text.encode(), wire) if text.strip() else ()
        if found is None:
            raise ValueError
        return found

    return Kind(_parts(wire).read, str, unpack, always=True, absent="")


class _Nesting:
    """Takes a wire type in brackets, which is looked into when the first answer is read."""

    def __init__(self, kind: Callable[[Any], Kind]) -> None:
        self._kind = kind

    def __getitem__(self, wire: Any) -> Any:
        return Annotated[Raw, partial(self._kind, wire)]


if TYPE_CHECKING:
    # Aliases that stand for one type each; "X | None" would be a value to mypy.
    Text = Optional[str]  # noqa: UP045
    Code = Optional[str]  # noqa: UP045
    Token = Optional[str]  # noqa: UP045
    JsonText = Optional[str]  # noqa: UP045
    Integer = Optional[int]  # noqa: UP045
    BigInteger = Optional[int]  # noqa: UP045
    Percent = Optional[int]  # noqa: UP045
    Number = Optional[float]  # noqa: UP045
    Rate = Optional[float]  # noqa: UP045
    Time = Optional[datetime]  # noqa: UP045
    Texts = tuple[str, ...]
    Part = Optional[T]  # noqa: UP045
    Parts = Sequence[T]
    Packed = Sequence[T]
    Page = Sequence[T | None]
else:
    _SCALAR = str | int | float | None
    _NUMBER = _between(float, -sys.float_info.max, sys.float_info.max)
    # Nothing is left to do with a tidy text that says something.
    _SAID = Annotated[str, Meta(min_length=1)]

    Text = Annotated[object, Kind(Reader.text, str | None, as_text, tidy=_SAID | None)]
    # Text that is sent as a number where it is one.
    Code = Annotated[object, Kind(Reader.text, _SCALAR, _code, always=True)]
    # Text that is only good for being sent back, and has to be the same then.
    Token = Annotated[
        object, Kind(lambda _reader, _field, sent: _token(sent), str | None, _token, tidy=_SAID | None)
    ]
    JsonText = Annotated[object, Kind(Reader.json_text, Any, as_json_text, always=True)]
    Integer = Annotated[object, Kind(Reader.integer, _between(int, -INT32, INT32 - 1))]
    BigInteger = Annotated[object, Kind(Reader.big_integer, _between(int, -MAX_SAFE, MAX_SAFE))]
    Percent = Annotated[object, Kind(Reader.percent, _between(int, 0, 100))]
    Number = Annotated[object, Kind(Reader.number, _NUMBER)]
    # A number with a placeholder where there is none.
    Rate = Annotated[object, Kind(Reader.number, _NUMBER | Literal[NO_NUMBER], _rate, always=True)]
    Time = Annotated[object, Kind(Reader.time, _SCALAR, as_time, always=True, tidy=NATIVE_TIME)]
    Texts = Annotated[Raw, Kind(Reader.texts, tuple[str, ...], _texts, absent=(), tidy=tuple[_SAID, ...])]
    Part = _Nesting(_part)
    Parts = _Nesting(_parts)
    # A list that is JSON in text.
    Packed = _Nesting(_packed)
    # A list with None in place of what does not fit.
    Page = _Nesting(_page)
