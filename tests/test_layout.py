"""The tests mirror the package."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    path.relative_to(ROOT / "gateway")
    for path in (ROOT / "gateway").rglob("*.py")
    if path.name not in {"__init__.py", "__main__.py"}
)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_its_tests(module: Path) -> None:
    """A reader finds the promises of a module where its name says they are."""
    assert (ROOT / "tests" / module.parent / f"test_{module.name}").is_file()


@pytest.mark.parametrize("test", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda path: path.stem)
def test_every_test_says_what_holds(test: Path) -> None:
    """A test without a sentence is a riddle to whoever breaks it."""
    lines = test.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if line.lstrip().removeprefix("async ").startswith("def test_"):
            body = next(n for n in range(number, len(lines)) if lines[n].rstrip().endswith(":"))
            assert lines[body + 1].lstrip().startswith('"""'), f"{test.name}:{number + 1}"
