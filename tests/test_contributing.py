"""CONTRIBUTING.md: its checklist is held against every provider, and its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct

from gateway.domain.records import Provider

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


class Point(Struct, frozen=True):
    """One point of the list.

    Attributes:
        file: Its path.
        held: What the file has to hold; nothing where it belongs to the provider alone.
    """

    file: str
    held: tuple[str, ...]

    def done(self, name: str, root: Path = ROOT) -> bool:
        """Return whether a provider has it."""
        file = root / _named(self.file, name)
        if not file.is_file():
            return False
        text = file.read_text("utf-8")
        return all(_named(one, name) in text for one in self.held)


def _named(text: str, name: str) -> str:
    return text.replace("<name>", name.lower()).replace("<NAME>", name.upper())


def _points() -> list[Point]:
    points = []
    for line in TEXT.replace("\n  ", " ").splitlines():
        if line.startswith("- [ ] "):
            file, *held = re.findall(r"`([^`]+)`", line.partition(" – ")[0])
            points.append(Point(file, tuple(held)))
    return points


POINTS = _points()


def test_links_lead_somewhere() -> None:
    """Every file that is linked to is there."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if "://" not in link]
    assert [link for link in links if not (ROOT / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.file)
@pytest.mark.parametrize("provider", Provider)
def test_every_provider_has_every_point(provider: Provider, point: Point) -> None:
    """A provider that was begun is a provider that is finished."""
    assert point.done(provider), f"{provider} lacks {_named(str(point), provider)}; see CONTRIBUTING.md"


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.file)
def test_every_point_can_fail(point: Point, tmp_path: Path) -> None:
    """A provider that nobody has begun has none; a bare file is not all where it must hold something."""
    assert not point.done("acme")
    file = tmp_path / _named(point.file, "acme")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    assert point.done("acme", tmp_path) == (not point.held)
    file.write_text("\n".join(_named(one, "acme") for one in point.held))
    assert point.done("acme", tmp_path)


def test_the_list_is_complete() -> None:
    """Whatever is one provider's own, or tells all providers apart in a table, is in the list."""
    listed = {_named(point.file, "visionular") for point in POINTS}
    own = {
        *(ROOT / "gateway" / "providers" / "visionular").glob("*.py"),
        ROOT / "gateway/sandbox/visionular.py",
    }
    tables = {
        file
        for file in (ROOT / "gateway").rglob("*.py")
        for form in ("Provider.{}", '"{}"')
        if all(form.format(provider) in file.read_text("utf-8") for provider in Provider)
    }
    files = {str(file.relative_to(ROOT)) for file in own | tables if file.name != "__init__.py"}
    optional = set(re.findall(r"`(gateway/[^`]+)`", TEXT.rpartition("calls back")[2]))
    assert files - listed - optional == set()
