"""A bounded memory of two generations."""

from __future__ import annotations

from gateway.execution import Generations


def _weighing(room: int) -> Generations[str, bytes]:
    return Generations(room, len)


def test_what_is_used_stays() -> None:
    """However much else comes by, a value that is asked for meanwhile is not forgotten."""
    memory = _weighing(100)
    memory.put("used", b"0123456789")
    for number in range(50):
        memory.put(str(number), b"0123456789")
        assert memory.get("used") == b"0123456789"
    assert memory.get("0") is None
    assert memory.get("49") == b"0123456789"


def test_there_is_never_more_than_the_room() -> None:
    """What is remembered weighs no more than it may, and a value too heavy is not remembered."""
    memory = _weighing(100)
    for number in range(200):
        memory.put(str(number), b"x" * (number % 40))
        known = [memory.get(str(other)) for other in range(number + 1)]
        assert sum(len(value) for value in known if value) <= 100
    memory.put("heavy", b"x" * 51)
    assert memory.get("heavy") is None


def test_a_value_replaced_counts_once() -> None:
    """A key has one value, the last one, whichever generation knew it."""
    memory = _weighing(100)
    for number in range(30):
        memory.put("same", b"x" * (number % 20))
        memory.put("other", b"x")
    assert len(memory) == 2
    assert memory.get("same") == b"x" * 9


def test_without_room_nothing_is_remembered() -> None:
    """No room is a memory switched off."""
    memory = _weighing(0)
    memory.put("any", b"x")
    assert memory.get("any") is None
