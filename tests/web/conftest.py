"""A real browser, watched, for the tests that need one; and GraphiQL in small, for those that do not."""

import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect, sync_playwright

from gateway.web.graphiql_assets import ASSETS
from tests.servers import serving

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Runs in the page before anything else: what the policy refuses is told to the test through the console.
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} refuses ${event.blockedURI}`));
"""


# Two busy cores take their time to compile megabytes of script.
expect.set_options(timeout=20_000)


def need(what: str | None, reason: str) -> str:
    """Skips a test that lacks something, or fails it where ``CI_REQUIRE_ALL=1`` says nothing may lack."""
    if what:
        return what
    if os.environ.get("CI_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def graphiql_built() -> None:
    """Skips the test where GraphiQL was not bundled."""
    script = ASSETS / "graphiql.js"
    need(
        str(script) if script.is_file() else None, "GraphiQL is not built: install Node.js, run `make assets`"
    )


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """What a build leaves, in small."""
    folder = tmp_path / "assets"
    (folder / "sub").mkdir(parents=True)
    script = b"// GraphiQL\n" * 100
    (folder / "graphiql.js").write_bytes(script)
    (folder / "graphiql.js.gz").write_bytes(gzip.compress(script))
    (folder / "graphiql.css").write_text("body { margin: 0 }")
    (folder / "codicon.ttf").write_bytes(b"\0\1\0\0")
    (folder / "chunk-7N7AQLEQ.js").write_text("export {}")
    (folder / "LICENSES.txt").write_text("MIT ©")
    (folder / "notes.env").write_text("secret")
    (folder / "sub" / "inner.js").write_text("secret")
    (tmp_path / "outside.js").write_text("secret")
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium, one for each module.

    A module that uses it has no ``async`` tests: Playwright's event loop stays on this thread as long as the
    browser does, and pytest-asyncio could run no other.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    found = need(
        next(filter(None, map(shutil.which, names)), None), "no Chromium: install the package chromium"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Litestar], str]]:
    """Serves applications on loopback until the test ends; gives the origin of each."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))


@pytest.fixture
def troubles() -> list[str]:
    """What went wrong in the `page`: foreign requests, console errors, exceptions, breaches of its policy."""
    return []


@pytest.fixture
def page(chromium: Browser, origin: str, troubles: list[str]) -> Iterator[Page]:
    """An empty page in a fresh browser, of 1280 by 800, which may talk to ``origin`` alone.

    The test module provides the fixture ``origin``. A test that leaves `troubles` behind fails.
    """
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")

    def guard(route: Route) -> None:
        if _foreign(route.request.url, origin):
            route.abort()
        else:
            route.continue_()

    def on_request(request: Request) -> None:
        if _foreign(request.url, origin):
            troubles.append(f"foreign request: {request.url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            troubles.append(f"console {message.type}: {message.text}")

    context.route("**/*", guard)
    context.on("request", on_request)
    context.on("console", on_console)
    context.on("weberror", lambda error: troubles.append(f"exception: {error.error}"))
    context.add_init_script(TELL_VIOLATIONS)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert troubles == []


def _foreign(url: str, origin: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(origin).netloc
