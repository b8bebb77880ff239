"""Clients and tools of others, installed by ``make clients``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.conftest import need

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "tests" / "clients"
EXAMPLES = ROOT / "examples"

Node = Callable[..., str]


def run(*command: str, cwd: Path, **environment: str) -> str:
    """Run a command to its end; return what it prints; fail the test with what it complains of."""
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, check=False, text=True
    )
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout


@pytest.fixture(scope="session")
def node() -> Node:
    """Runs Node.js in a folder with the packages of its own."""
    executable = need(shutil.which("node"), "no node: install Node.js")

    def run_node(*arguments: str, cwd: Path = CLIENTS, packages: Path = CLIENTS, **environment: str) -> str:
        need("yes" if (packages / "node_modules").is_dir() else None, "not installed: run `make clients`")
        return run(executable, *arguments, cwd=cwd, **environment)

    return run_node
