"""Ids that look random and can be read back.

A table of every id ever handed out would grow with the clock. So an id *is* what it stands for - a kind and
up to three numbers - enciphered by a small Feistel network: a permutation, hence without collisions, and
reversible. The ids of another seed, and nearly all made-up ones, do not decipher to anything.
"""

from hashlib import blake2b

ROUNDS = 4
KIND_BITS, FIRST_BITS, SECOND_BITS, THIRD_BITS = 8, 40, 48, 16  # with 16 zero bits in front: 128
BLOCK_BITS = 128


class Cipher:
    """Enciphers numbers into ids for one seed."""

    def __init__(self, seed: int) -> None:
        self._key = seed.to_bytes(16, "big", signed=True)

    def seal(self, kind: int, first: int, second: int = 0, third: int = 0) -> str:
        """Make the 32-digit id of a thing."""
        plain = ((kind << FIRST_BITS | first) << SECOND_BITS | second) << THIRD_BITS | third
        return f"{self.permute(plain, BLOCK_BITS):032x}"

    def open(self, kind: int, text: str) -> tuple[int, int, int] | None:
        """Read an id back; None when it is no id of this kind."""
        number = hexadecimal(text, BLOCK_BITS // 4)
        if number is None:
            return None
        plain = self.restore(number, BLOCK_BITS)
        third, plain = plain & (1 << THIRD_BITS) - 1, plain >> THIRD_BITS
        second, plain = plain & (1 << SECOND_BITS) - 1, plain >> SECOND_BITS
        first, plain = plain & (1 << FIRST_BITS) - 1, plain >> FIRST_BITS
        return (first, second, third) if plain == kind else None

    def permute(self, value: int, bits: int) -> int:
        """Map the numbers of so many bits onto themselves."""
        half = bits // 2
        left, right = value >> half, value & (1 << half) - 1
        for turn in range(ROUNDS):
            left, right = right, left ^ self._scramble(turn, right, half)
        return left << half | right

    def restore(self, value: int, bits: int) -> int:
        """Undo permute."""
        half = bits // 2
        left, right = value >> half, value & (1 << half) - 1
        for turn in reversed(range(ROUNDS)):
            left, right = right ^ self._scramble(turn, left, half), left
        return left << half | right

    def _scramble(self, turn: int, value: int, bits: int) -> int:
        digest = blake2b(
            value.to_bytes(8, "big"), digest_size=8, key=self._key, salt=bytes([turn, bits])
        ).digest()
        return int.from_bytes(digest, "big") & (1 << bits) - 1


def hexadecimal(text: str, digits: int) -> int | None:
    """Read exactly so many lower-case hexadecimal digits; None for anything else int() would take."""
    if len(text) != digits or not all(character in "0123456789abcdef" for character in text):
        return None
    return int(text, 16)
