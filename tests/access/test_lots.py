"""Points taken ahead."""

from __future__ import annotations

from gateway.access.lots import Lots


def test_a_lot_is_spent_to_its_end() -> None:
    """What is told to be left counts what was left elsewhere; what is too much takes nothing."""
    lots = Lots(now=lambda: 0.0)
    lots.put("a", 10, 500)
    assert lots.spend("a", 4) == 506
    assert lots.spend("a", 7) is None
    assert lots.spend("a", 6) == 500
    assert lots.spend("a", 1) is None
    assert lots.spend("b", 1) is None


def test_a_lot_lives_for_a_minute() -> None:
    """Then its points are back where they were taken from."""
    now = 0.0
    lots = Lots(now=lambda: now)
    lots.put("a", 10, 0)
    now = 59.9
    assert lots.spend("a", 1) == 9
    now = 60.0
    assert lots.spend("a", 1) is None


def test_lots_are_bounded() -> None:
    """The one taken longest ago is forgotten; taking another moves a principal to the end."""
    lots = Lots(now=lambda: 0.0, principals=2)
    for name in ("a", "b", "a", "c"):
        lots.put(name, 10, 0)
    assert [lots.spend(name, 1) for name in "abc"] == [9, None, 9]
