"""Ids that can be read back."""

import pytest

from gateway.sandbox.ids import Cipher, hexadecimal


def test_round_trip() -> None:
    """An id opens to the numbers it was sealed from, up to the largest."""
    cipher = Cipher(7)
    for numbers in ((0, 0, 0), (3999, 17_000_000, 5), (2**40 - 1, 2**48 - 1, 2**16 - 1)):
        sealed = cipher.seal(3, *numbers)
        assert hexadecimal(sealed, 32) is not None
        assert cipher.open(3, sealed) == numbers


def test_ids_are_unique() -> None:
    """Different things never share an id."""
    cipher = Cipher(7)
    sealed = {
        cipher.seal(kind, first, second) for kind in (1, 2) for first in range(50) for second in range(50)
    }
    assert len(sealed) == 5000


@pytest.mark.parametrize("text", ["", "hhhhhhh", "0" * 32, "A" * 32, " " + "1" * 31, "1" * 33, "微" * 32])
def test_foreign_text(text: str) -> None:
    """What was never sealed does not open."""
    assert Cipher(7).open(1, text) is None


def test_other_kind_and_other_seed() -> None:
    """An id opens only as what it is, and only in its own world."""
    sealed = Cipher(7).seal(1, 5)
    assert Cipher(7).open(2, sealed) is None
    assert Cipher(8).open(1, sealed) is None


def test_permutation_of_small_blocks() -> None:
    """Numbers of any even width are mapped one to one and back."""
    cipher = Cipher(7)
    images = [cipher.permute(number, 16) for number in range(1 << 16)]
    assert sorted(images) == list(range(1 << 16))
    assert all(cipher.restore(cipher.permute(number, 48), 48) == number for number in range(100))
