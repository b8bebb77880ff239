"""Every command that README and CONTRIBUTING show is run by a test."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.settings.reader import described
from tests.conftest import Sandbox
from tests.web.conftest import need

ROOT = Path(__file__).parents[1]

_PAGE = "test_examples.py::test_the_page_shows_videos_as_they_move"
_SCRIPT = "test_examples.py::test_the_script_lists_what_failed"
_TRACES = "telemetry/test_room.py::test_requests_that_share_a_call_are_linked_with_it_both_ways"
_PROBE = "cli/test_check.py::test_each_provider_is_probed_with_one_cheap_call"

RUN_BY = {
    r"make (dev|test|check|docs)": "test_commands.py::test_make_knows_its_targets",
    r"GATEWAY_SERVER_CORS_ORIGINS=\S+ make dev": _PAGE,
    r"\.venv/bin/gateway check --probe": _PROBE,
    r"\.venv/bin/gateway key frontend": "cli/test_key.py::test_a_key_is_made_and_its_hash_is_what_to_set",
    r"\.venv/bin/gateway serve": "cli/test_serve.py::test_a_gateway_serves_until_told_to_end",
    r"\.venv/bin/gateway schema --release": "cli/test_schema.py::test_a_release_is_not_broken",
    r"\.venv/bin/gateway schema --subgraph": "cli/test_schema.py::test_the_subgraph_is_printed",
    r"cd examples/frontend && npm ci && npm start": _PAGE,
    r"\.venv/bin/python examples/backend/failed_tasks\.py .*": _SCRIPT,
    r"curl .*/_sandbox/.*": "test_docs.py::test_sandbox_commands_work",
    r"curl -N .*subscription.*": "test_commands.py::test_curl_subscribes",
    r"GATEWAY_TELEMETRY_OTLP_ENDPOINT=\S+ make dev": _TRACES,
}
"""Which test runs what, by a pattern for the command. `npm ci` is what `make clients` does."""


def _lines() -> Iterator[str]:
    for page in ("README.md", "CONTRIBUTING.md"):
        for block in re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                command = re.sub(r"\s+#.*", "", line).strip()
                if command:
                    yield command


@pytest.mark.parametrize("command", [line for line in _lines() if not line.startswith("export ")])
def test_every_command_is_run_by_a_test(command: str) -> None:
    """A reader who copies a command does what a test did."""
    tests = [test for pattern, test in RUN_BY.items() if re.fullmatch(pattern, command)]
    assert tests, f"add the test that runs `{command}` to RUN_BY"
    for test in tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8")


def test_curl_subscribes(gateway: str, sandbox: Sandbox) -> None:
    """The subscription that is shown tells the state of a video, and ends when that has."""
    [shown] = [line for line in _lines() if line.startswith("curl -N")]
    command = shown.replace("localhost:8000", gateway).replace("…", sandbox.ids("vod", "succeeded", 1)[0])
    shell = ["/bin/sh", "-c", command]
    told = subprocess.run(shell, capture_output=True, check=True, text=True, timeout=40).stdout
    assert '"finished":true' in told
    assert "event: complete" in told


def test_every_variable_is_a_setting() -> None:
    """What is exported, or set for one command, is something the gateway reads."""
    named = {name for line in _lines() for name in re.findall(r"\b(GATEWAY_\w+)=", line)}
    assert named <= {setting.variable for setting in described()} | {"GATEWAY_CONFIG"}


def test_make_knows_its_targets() -> None:
    """Every target that is shown, or that `make help` lists, can be planned."""
    make = need(shutil.which("make"), "no make")
    # The suite itself may have been started by make, which then says where it is.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = {command.split()[-1] for command in _lines() if "make " in command}
    helped = subprocess.run(
        [make, "help"], cwd=ROOT, env=outside, capture_output=True, check=True, text=True
    ).stdout
    targets = {line.split()[0] for line in helped.splitlines()}
    assert shown <= targets
    for target in targets:
        subprocess.run([make, "--dry-run", target], cwd=ROOT, env=outside, capture_output=True, check=True)
