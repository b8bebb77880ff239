"""The kinds of values on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.providers.documented import Wire, as_documented, read
from gateway.providers.kinds import (
    ABSENT,
    BigInteger,
    Code,
    Integer,
    JsonText,
    Number,
    Packed,
    Page,
    Percent,
    Rate,
    Text,
    Texts,
    Time,
    Token,
)
from tests.providers.misfits import misfit


class Part(Wire):
    """Something nested."""

    width: Integer = None


class Sent(Wire):
    """One of each."""

    text: Text = None
    code: Code = None
    token: Token = None
    json: JsonText = None
    integer: Integer = None
    big: BigInteger = None
    percent: Percent = None
    number: Number = None
    rate: Rate = None
    time: Time = None
    texts: Texts = ABSENT
    packed: Packed[Part] = ABSENT
    page: Page[Part] = ABSENT


@pytest.mark.parametrize(
    ("field", "sent", "expected"),
    [
        ("text", "a\n", "a"),
        ("text", "", None),
        ("code", 1004, "1004"),
        ("code", 31.5, "31.5"),
        ("token", " token=\n", " token=\n"),
        ("token", "", None),
        ("json", '{"a":1}', '{"a":1}'),
        ("json", {"a": 1}, '{"a":1}'),
        ("integer", "960", 960),
        ("integer", 960.0, 960),
        ("integer", "9.6e2", 960),
        ("integer", None, None),
        ("integer", "null", None),
        ("big", "8589934592", 8_589_934_592),
        ("percent", "100", 100),
        ("number", "933.814", 933.814),
        ("number", 25, 25.0),
        ("rate", "25", 25.0),
        ("rate", "0.f", None),
        ("time", "2019-01-23T12:35:12Z", datetime(2019, 1, 23, 12, 35, 12, tzinfo=UTC)),
        ("time", "2019-01-23T20:35:12+08:00", datetime(2019, 1, 23, 12, 35, 12, tzinfo=UTC)),
        ("time", "2020-12-01 08:00:01\n", datetime(2020, 12, 1, 8, 0, 1, tzinfo=UTC)),
        ("time", 1634020557, datetime(2021, 10, 12, 6, 35, 57, tzinfo=UTC)),
        ("time", 0, None),
        ("time", "", None),
        ("time", "2000-01-01T00:00:00Z", None),
        ("texts", ["a\n", "", "b"], ("a", "b")),
        ("texts", ["a", "", "b"], ("a", "b")),
    ],
)
def test_what_providers_usually_send_is_as_documented(field: str, sent: object, expected: object) -> None:
    """Numbers in text included, and read as a reader does."""
    body = msgspec.json.encode({field: sent})
    found = as_documented(body, Sent)
    assert found is not None
    assert getattr(found, field) == expected


@pytest.mark.parametrize(
    ("field", "sent", "expected"),
    [
        ("text", 31, "31"),
        ("token", 5, None),
        ("integer", " 960", 960),
        ("number", "0.f", None),
        ("texts", ["a", 5], ("a", "5")),
    ],
)
def test_what_they_send_besides_is_read_all_the_same(field: str, sent: object, expected: object) -> None:
    """Value by value."""
    body = msgspec.json.encode({field: sent})
    assert as_documented(body, Sent) is None
    found = read(body, Sent)
    assert (getattr(found, field), found.misfits) == (expected, ())


@pytest.mark.parametrize(
    ("sent", "widths"), [('[{"width":"1"}]', [1]), ([{"width": "1"}], [1]), ("", []), (" ", []), ("[]", [])]
)
def test_a_packed_list_is_read_from_text_or_plain(sent: Any, widths: list[int]) -> None:
    """It is documented as JSON in text."""
    found = read(msgspec.json.encode({"packed": sent}), Sent)
    assert ([part.width for part in found.packed], found.misfits) == (widths, ())


def test_a_page_keeps_the_places_of_what_does_not_fit() -> None:
    """That there is a list at all is another matter."""
    found = read(b'{"page":[{"width":1},5,{"width":"wide"},null]}', Sent)
    first, second, third, fourth = found.page
    assert first is not None
    assert third is not None
    assert (first.width, second, third.width, fourth) == (1, None, None, None)
    assert third.misfits == (misfit("width", "an integer"),)
    assert found.misfits == ()
    found = read(b'{"page":5}', Sent)
    assert (found.page, found.misfits) == ([], (misfit("page", "a list"),))
