"""Lenient reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct

from gateway.providers import scalars
from gateway.providers.scalars import Reader, floor_mean, member, members
from tests.providers.misfits import misfit

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


class Part(Struct):
    """Something nested."""

    Name: object = None


def read(method: str, value: object, *more: Any) -> tuple[Any, str | None]:
    """Return what a method of the reader makes of a value, and what it says was expected."""
    reader = Reader()
    found = getattr(reader, method)("field", value, *more)
    return found, reader.misfits[0].reason if reader.misfits else None


@pytest.mark.parametrize(
    ("method", "sent", "expected"),
    [
        ("text", " 1e4\n", "1e4"),
        ("text", 31, "31"),
        ("text", 31.5, "31.5"),
        ("integer", 960, 960),
        ("integer", "960", 960),
        ("integer", " 960\n", 960),
        ("integer", "960.0", 960),
        ("integer", "9.6e2", 960),
        ("integer", 960.0, 960),
        ("integer", "-1", -1),
        ("big_integer", 8_589_934_592, 8_589_934_592),
        ("percent", "100", 100),
        ("number", 25, 25.0),
        ("number", "933.814", 933.814),
        ("number", "30", 30.0),
        ("json_text", '{"a": 1}', '{"a": 1}'),
        ("json_text", {"a": [1]}, '{"a":[1]}'),
        ("json_text", {}, "{}"),
    ],
)
def test_a_value_is_read_in_the_type_its_field_has(method: str, sent: object, expected: object) -> None:
    """Numbers come as text and text as numbers, with stray whitespace."""
    assert read(method, sent) == (expected, None)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2019-01-23T12:35:12Z", datetime(2019, 1, 23, 12, 35, 12, tzinfo=UTC)),
        ("2025-03-21T01:48:41Z\n", datetime(2025, 3, 21, 1, 48, 41, tzinfo=UTC)),
        ("2019-01-23T20:35:12+08:00", datetime(2019, 1, 23, 12, 35, 12, tzinfo=UTC)),
        ("2020-12-01 08:00:01", datetime(2020, 12, 1, 8, 0, 1, tzinfo=UTC)),
        (1634020557, datetime(2021, 10, 12, 6, 35, 57, tzinfo=UTC)),
        ("1634020557", datetime(2021, 10, 12, 6, 35, 57, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_three_spellings(sent: object, expected: datetime) -> None:
    """ISO 8601, text without a zone, and seconds since 1970 are all times in UTC."""
    found, misfit = read("time", sent)
    assert (found, misfit) == (expected, None)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        *((method, sent) for method in ("text", "integer", "number", "time") for sent in (None, "", " \n")),
        ("number", "0.f"),
        ("number", "null"),
        ("integer", "NULL"),
        ("time", 0),
        ("time", "0"),
        ("time", 946684800),
        ("time", "2000-01-01 00:00:00"),
    ],
)
def test_a_placeholder_is_nothing_and_no_misfit(method: str, sent: object) -> None:
    """What providers write where they have no value is None without a complaint."""
    assert read(method, sent) == (None, None)


@pytest.mark.parametrize(
    ("method", "sent", "expected"),
    [
        ("text", {}, "text"),
        ("text", ["a"], "text"),
        ("text", True, "text"),
        ("integer", "wide", "an integer"),
        ("integer", 9.5, "an integer"),
        ("integer", True, "an integer"),
        ("integer", "1_0", "an integer"),
        ("integer", 2**63, "an integer"),
        ("integer", "9" * 5000, "an integer"),
        ("percent", 101, "a percentage"),
        ("percent", -1, "a percentage"),
        ("number", "nan", "a number"),
        ("number", "1_0", "a number"),
        ("number", False, "a number"),
        ("number", "1e999", "a number"),
        ("time", "yesterday", "a time"),
        ("time", 10**18, "a time"),
        ("time", "0001-01-01T00:00:00+14:00", "a time"),
        ("time", [], "a time"),
    ],
)
def test_a_value_that_does_not_fit_is_none_and_a_misfit(method: str, sent: object, expected: str) -> None:
    """The misfit names the field and what was expected, never the value."""
    assert read(method, sent) == (None, expected)


@pytest.mark.parametrize(
    ("sent", "names", "misfit"),
    [
        (b"", [], None),
        (b"null", [], None),
        (b'""', [], None),
        (b'"[]"', [], None),
        (b'[{"Name":"a"},{"Name":"b"}]', ["a", "b"], None),
        (b'"[{\\"Name\\":\\"a\\"}]"', ["a"], None),
        (b'{"Part":[{"Name":"a"}]}', ["a"], None),
        (b'[{"Name":"a"},5]', ["a"], "a list"),
        (b"5", [], "a list"),
        (b'"[{"', [], "a list"),
        (b'{"Part":5}', [], "a list"),
    ],
)
def test_a_list_is_read_plain_wrapped_or_from_text(sent: bytes, names: list[str], misfit: str | None) -> None:
    """An element that does not fit is left out and its neighbours stay."""
    found, reason = read("parts", Raw(sent), Part)
    assert ([part.Name for part in found], reason) == (names, misfit)


@pytest.mark.parametrize(
    ("sent", "expected", "misfit"),
    [
        (b"", None, None),
        (b"null", None, None),
        (b'{"Name":1}', Part(Name=1), None),
        (b'"{\\"Name\\":1}"', Part(Name=1), None),
        (b"[]", None, "an object"),
        (b'"text"', None, "an object"),
    ],
)
def test_an_object_is_read_plain_or_from_text(sent: bytes, expected: Part | None, misfit: str | None) -> None:
    """Anything else is a misfit."""
    assert read("part", Raw(sent), Part) == (expected, misfit)


def test_a_list_of_texts_leaves_out_what_is_none() -> None:
    """Ids come with stray whitespace, or as something else altogether."""
    assert read("texts", Raw(b'["a\\n", 5, {}, null]')) == (("a", "5"), "text")


def test_a_field_that_does_not_fit_twice_is_one_misfit() -> None:
    """A record tells each field once."""
    reader = Reader()
    reader.integer("width", "a")
    reader.integer("width", "b")
    assert reader.misfits == (misfit("width", "an integer"),)


def test_an_envelope_is_read_whatever_the_case_of_its_names() -> None:
    """What is not an object has no members, and a member that is no scalar no text."""
    envelope = members(b'{"Code":1003,"REQUESTID":"r\\n","data":{},"hostid":"\xff"}')
    assert envelope is not None
    texts = [member(envelope, name) for name in ("code", "requestid", "data", "hostid", "msg")]
    assert texts == ["1003", "r", None, None, None]
    assert members(b"[]") is None
    assert members(b"<html>") is None
    assert members(b"[" * 100_000) is None


def test_a_member_that_fills_pages_is_cut_short() -> None:
    """Codes and request ids go into errors and logs."""
    envelope = members(b'{"code":"' + b"x" * 1000 + b'","requestid":"' + b"x" * 36 + b'"}')
    assert envelope is not None
    assert (member(envelope, "code"), member(envelope, "requestid")) == ("x" * 200, "x" * 36)


def test_the_mean_is_of_what_is_known_and_rounded_down() -> None:
    """Nothing known has no mean."""
    assert floor_mean([50, None, 99]) == 74
    assert floor_mean([None]) is None


@given(JSON)
def test_no_value_makes_the_reader_raise(value: object) -> None:
    """Whatever JSON can hold is read or is a misfit."""
    for method in ("text", "json_text", "integer", "percent", "number", "time"):
        read(method, value)


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.text("0123456789.+-_ eEnulia\n", max_size=12),
    st.datetimes().map(lambda time: f"{time.isoformat(timespec='seconds')}Z"),
    st.sampled_from(
        ["null", "nan", "inf", "0.f", "9" * 120, "9" * 400, "20260101", "2000-01-01T00:00:00Z", "٣"]
    ),
)


@given(_SCALARS)
def test_what_is_seen_to_at_once_is_read_as_everything_is(value: object) -> None:
    """The short ways for usual values lead where the lenient way does, misfits included."""
    lenient: dict[str, tuple[str, Callable[[Any], object]]] = {
        "text": ("text", scalars._text),
        "json_text": ("JSON text", scalars._json_text),
        "integer": ("an integer", scalars._small_integer),
        "big_integer": ("an integer", scalars._integer),
        "percent": ("a percentage", scalars._percent),
        "number": ("a number", scalars._number),
        "time": ("a time", scalars._time),
    }
    for name, (expected, convert) in lenient.items():
        quick, slow = Reader(), Reader()
        assert getattr(quick, name)("field", value) == slow._read("field", expected, convert, value)
        assert quick.misfits == slow.misfits
