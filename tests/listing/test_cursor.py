"""Cursors: what they keep, and what is not one."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import BadUserInput
from gateway.listing.criteria import Criteria, Window
from gateway.listing.cursor import Cursor, Cursors, cursor
from gateway.listing.order import END, START

CRITERIA = Criteria(template_id="t")
WINDOW = Window(1_000, 2_000)
KEYS = st.tuples(st.integers(-2_000, -1_000), st.text(max_size=40)) | st.just(START) | st.just(END)


@given(
    positions=st.dictionaries(st.text(min_size=1, max_size=9), KEYS, min_size=1),
    total=st.none() | st.integers(0, 2**31),
)
def test_every_listing_goes_on_where_it_was(positions: dict[str, tuple[int, str]], total: int) -> None:
    """Whatever the places, opening gives what was sealed, on another replica with the same secret too."""
    sealed = Cursors("s").seal(cursor(CRITERIA, WINDOW, total, positions))
    opened = Cursors("s").open(sealed, CRITERIA, windowed=True)
    assert {name: opened.position(name) for name in positions} == positions
    assert (opened.window, opened.total) == (WINDOW, total)


def _sealed(at: Cursor | None = None, key: str | None = "s") -> str:
    return Cursors(key).seal(at or cursor(CRITERIA, WINDOW, None, {"IMS": (-1_500, "a")}))


def _turned(text: str, at: int) -> str:
    raw = bytearray(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[at] ^= 1
    return urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("at", [0, 15, 16, 17, 30, -1])
def test_a_cursor_that_was_changed_is_none(at: int) -> None:
    """Every bit counts, those of the seal and of the version included."""
    with pytest.raises(BadUserInput, match=r"^after: this is not a cursor"):
        Cursors("s").open(_turned(_sealed(), at), CRITERIA, windowed=True)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "ä", "====", "A" * 10_000, _sealed(key="other"), _sealed(key=None)]
)
def test_what_nobody_here_sealed_is_refused(text: str) -> None:
    """Made up, cut off, or of a gateway with another secret: the message does not say which."""
    with pytest.raises(BadUserInput, match=r"^after: this is not a cursor"):
        Cursors("s").open(text, CRITERIA, windowed=True)


@given(st.text(max_size=80))
def test_no_text_does_harm(text: str) -> None:
    """Whatever is passed as a cursor, it is refused as bad input."""
    with pytest.raises(BadUserInput):
        Cursors().open(text, CRITERIA, windowed=True)


def test_a_cursor_belongs_to_its_question() -> None:
    """With another filter it is refused, rather than taken for a place in another list."""
    with pytest.raises(BadUserInput, match="another filter"):
        Cursors("s").open(_sealed(), Criteria(), windowed=True)


@pytest.mark.parametrize(
    "at",
    [
        Cursor(CRITERIA.digest(), Window(0, 400 * 86_400), None, START),
        Cursor(CRITERIA.digest(), Window(-5, 5), None, START),
        Cursor(CRITERIA.digest(), Window(5, 5), None, START),
        Cursor(CRITERIA.digest(), Window(None, 10**15), None, START),
        Cursor(CRITERIA.digest(), Window(None, 5), None, START),
        Cursor(CRITERIA.digest(), WINDOW, None, (-(10**15), "")),
        Cursor(CRITERIA.digest(), WINDOW, None, (1, "")),
        Cursor(CRITERIA.digest(), WINDOW, -5, START),
        Cursor(CRITERIA.digest(), WINDOW, None, START, (), (("IMS", (-(10**15), "")),)),
    ],
)
def test_a_known_key_opens_no_doors(at: Cursor) -> None:
    """Who seals cursors of their own gets no window that a filter would be refused."""
    with pytest.raises(BadUserInput, match=r"^after: this is not a cursor"):
        Cursors().open(_sealed(at, key=None), CRITERIA, windowed=True)


def test_a_cursor_is_short() -> None:
    """Fifty histories that go on from one place take a place, not fifty."""
    positions = {f"VOD{number}": (-1_500, "x" * 120) for number in range(50)}
    assert len(_sealed(cursor(CRITERIA, WINDOW, None, positions))) < 300
