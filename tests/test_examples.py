"""The examples, run as their readers would."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Request, expect

from gateway.app import create_app
from tests.clients.conftest import ROOT
from tests.conftest import Sandbox
from tests.servers import serving
from tests.web.conftest import chromium, need

__all__ = ["chromium"]

FRONTEND = ROOT / "examples" / "frontend"
SCRIPT = ROOT / "examples" / "backend" / "failed_tasks.py"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _note(asked: list[str], request: Request) -> None:
    body = request.post_data_json or {}
    asked.append(body.get("operationName", ""))


@contextmanager
def _npm_start(gateway: str, port: int, output: Path) -> Iterator[None]:
    npm = need(shutil.which("npm"), "no npm: install Node.js")
    need("yes" if (FRONTEND / "node_modules").is_dir() else None, "not installed: run `make clients`")
    environment = os.environ | {"GATEWAY": f"{gateway}/graphql", "PORT": str(port)}
    with output.open("w") as file:
        process = subprocess.Popen(
            [npm, "start"], cwd=FRONTEND, env=environment, stdout=file, stderr=file, start_new_session=True
        )
    try:
        while f"http://127.0.0.1:{port}/" not in output.read_text():
            assert process.poll() is None, output.read_text()
            time.sleep(0.05)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


@pytest.mark.node
@pytest.mark.browser
@pytest.mark.timeout(180)
def test_the_page_shows_videos_as_they_move(
    chromium: Browser, environment: pytest.MonkeyPatch, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Its types fit the schema; what it is told of a video goes through its cache; it pages through tasks."""
    port = _free_port()
    site = f"http://127.0.0.1:{port}"
    environment.setenv("GATEWAY_SERVER_CORS_ORIGINS", site)
    troubles: list[str] = []
    with serving(create_app()) as gateway, _npm_start(gateway, port, tmp_path / "output"):
        page = chromium.new_page(viewport={"width": 1000, "height": 1300}, color_scheme="light")
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        asked: list[str] = []
        page.on("request", lambda request: _note(asked, request))
        shown = [*sandbox.ids("vod", "running", 2), *sandbox.ids("vod", "failed", 1), "nosuchvideo"]
        page.goto(f"{site}/?videos={','.join(shown)}")
        videos = page.locator("article")
        expect(videos).to_have_count(4)
        expect(videos.nth(0).locator(".status")).to_have_text("RUNNING")
        expect(videos.nth(2).locator(".status")).to_have_text("FAILED")
        expect(videos.nth(3)).to_contain_text("There is no such video.")
        recent = page.get_by_label("Recent").locator("li")
        expect(recent).to_have_count(5)
        page.get_by_role("button", name="More").click()
        expect(recent).to_have_count(10)
        first = videos.nth(0).inner_text()
        expect(videos.nth(0)).not_to_have_text(first, use_inner_text=True)
        assert [asked.count(name) for name in ("Videos", "Moves", "Recent")] == [1, 1, 2]
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/frontend.png", full_page=True)
        page.close()
    assert troubles == []


def _failed_tasks(gateway: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--gateway", f"{gateway}/graphql", "--hours", "24"]
    return subprocess.run(command, capture_output=True, check=False, text=True)


def test_the_script_lists_what_failed(gateway: str, sandbox: Sandbox) -> None:
    """All of it, page by page, newest first, each task once, with the provider's words."""
    done = _failed_tasks(gateway)
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert {row[1] for row in rows} == {"IMS", "VISIONULAR"}
    times = [row[0] for row in rows if row[0] != "-"]  # IMS leaves some out
    assert times == sorted(times, reverse=True)
    assert len({row[2] for row in rows}) == len(rows)
    assert all(len(row) == 5 for row in rows)
    count = "{ tasks(filter: {statuses: [FAILED], providers: [VISIONULAR]}, first: 1) { totalCount } }"
    answer = httpx.post(f"{gateway}/graphql", json={"query": count}, timeout=20).json()
    own = sum(row[1] == "VISIONULAR" for row in rows)
    assert abs(own - answer["data"]["tasks"]["totalCount"]) <= 2  # the world goes on meanwhile


def test_the_script_says_what_it_lacks(gateway: str, sandbox: Sandbox) -> None:
    """With a provider away it lists the others' tasks, names the provider, and does not end well."""
    sandbox.fault(provider="ims", kind="status", status=503)
    done = _failed_tasks(gateway)
    assert done.returncode == 1
    assert {line.split("\t")[1] for line in done.stdout.splitlines()} == {"VISIONULAR"}
    assert done.stderr.startswith("IMS: ")
