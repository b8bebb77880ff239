"""Figures, what they should be, and whether they are."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class Figure(Struct, frozen=True, kw_only=True):
    """One figure of a measurement.

    Attributes:
        name: What it is, with its unit.
        value: What was measured.
        goal: What it should be at most; None where it only explains the others.
        at_least: Whether the goal is what it should be at least.
    """

    name: str
    value: float
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure is what it should be; one that could not be measured is not."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def table(title: str, figures: Iterable[Figure]) -> str:
    """Return figures as text, one a line, with a verdict on each that has a goal."""
    rows = list(figures)
    width = max((len(figure.name) for figure in rows), default=0) + 2
    lines = [title]
    for figure in rows:
        line = f"  {figure.name:<{width}}{figure.value:>10.2f}"
        if figure.goal is not None:
            sign = ">=" if figure.at_least else "<="
            line += f"   {sign}{figure.goal:>8.2f}   {'ok' if figure.met else 'MISSED'}"
        lines.append(line)
    return "\n".join(lines) + "\n"
