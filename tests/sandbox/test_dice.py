"""Chance without memory."""

from collections import Counter

from gateway.sandbox.dice import Dice


def test_same_question_same_answer() -> None:
    """An answer depends on seed and question, not on what was asked before."""
    first, second = Dice(1), Dice(1)
    first.roll("something", "else")
    assert first.roll("job", 1) == second.roll("job", 1)
    assert first.roll("job", 1) != first.roll("job", 2)
    assert first.roll("job", 1) != Dice(2).roll("job", 1)


def test_between_covers_its_range() -> None:
    """Both ends occur, and nothing beyond."""
    assert {Dice(3).between(2, 5, "length", number) for number in range(200)} == {2, 3, 4, 5}


def test_chance_is_a_percentage() -> None:
    """Thirty percent come up in about thirty of a hundred."""
    hits = sum(Dice(3).chance(30, "hit", number) for number in range(10_000))
    assert 2700 < hits < 3300


def test_pick_and_shuffle() -> None:
    """Every item is picked about as often; a shuffle keeps all of them."""
    picked = Counter(Dice(3).pick("abc", "letter", number) for number in range(3000))
    assert all(900 < number < 1100 for number in picked.values())
    assert sorted(Dice(3).shuffled("aabc", "hand")) == ["a", "a", "b", "c"]


def test_name_is_an_id() -> None:
    """A name has the 32 hexadecimal digits the providers' ids have."""
    assert len(Dice(3).name("group", 1)) == 32
    assert int(Dice(3).name("group", 1), 16)
