"""The board in a real browser, on the real gateway and the sandbox."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from gateway.access import keys
from gateway.app import create_app
from gateway.sandbox.app import create_app as create_sandbox
from gateway.sandbox.world import World as SandboxWorld
from gateway.web.board import FILES
from tests.servers import serving
from tests.web.worlds import World

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = "<img src=x onerror=\"document.title='taken'\"></script><script>document.title='taken'</script>"
SECOND = 20_000


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One gateway for all tests of the page, open to everybody."""
    clock = [0.0]
    app = create_sandbox(now=lambda: time.time() + clock[0], quota=1000)
    with pytest.MonkeyPatch.context() as environment, serving(app) as sandbox:
        for name, value in _settings(sandbox).items():
            environment.setenv(name, value)
        environment.setenv("GATEWAY_SERVER_SAMPLE_VIDEOS", ",".join(_ending(app.world, 3)))
        with serving(create_app()) as gateway:
            yield World(app, clock, sandbox, gateway)


def _ending(world: SandboxWorld, count: int) -> list[str]:
    """Return videos whose tasks end in a few minutes: within what signatures may be dated wrongly."""
    now = world.now()
    tasks = [world.videos.latest(world.videos.video(number), now) for number in range(2000)]
    left = {task.video.id: task.finished - now for task in tasks if task and len(task.jobs) > 1}
    return [video for video, seconds in left.items() if 240 < seconds < 480][:count]


def _settings(sandbox: str) -> dict[str, str]:
    from gateway.cli.dev import sandbox_environment  # noqa: PLC0415 - the port is not known before

    quick = {f"GATEWAY_{name}_CALLS_PER_SECOND": "100" for name in ("VOD", "IMS", "VISIONULAR")}
    return sandbox_environment(httpx.URL(sandbox).port or 0) | quick | {"GATEWAY_SERVER_BOARD": "true"}


@pytest.fixture
def origin(world: World) -> str:
    """Where the page comes from."""
    return world.gateway


def open_board(page: Page, origin: str) -> None:
    """Open the board and wait for its first tasks."""
    page.goto(f"{origin}/board")
    expect(page.locator("#connection")).to_have_attribute("data-state", "up", timeout=SECOND)
    expect(page.locator("#list")).not_to_have_attribute("aria-busy", "true", timeout=SECOND)


def freeze_lists(page: Page) -> None:
    """Have every later list be the first one again, so that only subscriptions bring news."""
    first: dict[str, str] = {}

    def handle(route: Route) -> None:
        name = json.loads(route.request.post_data or "{}").get("query", "").split("(")[0]
        if name not in {"query BoardTasks", "query BoardVideos"}:
            route.fallback()
            return
        if name not in first:
            first[name] = route.fetch().text()
        route.fulfill(body=first[name], content_type="application/json")

    page.route("**/graphql", handle)


def test_work_moves_to_ended_by_subscription(page: Page, world: World) -> None:
    """A row of each provider moves from under way to ended, and somebody who only listens is told once."""
    freeze_lists(page)
    open_board(page, world.gateway)
    sections = page.locator("#list > section")
    for provider in ("VOD", "IMS", "VISIONULAR"):
        moving = sections.nth(0).locator(f".task[data-provider={provider}][data-moving]").first
        expect(moving).to_be_visible(timeout=SECOND)
    expect(sections.nth(0).locator(".age", has_text="changed").first).to_be_visible(timeout=SECOND)
    expect(page.locator(".task[data-provider=IMS] .percent", has_text="%").first).to_be_visible(
        timeout=SECOND
    )
    truth, now = world.app.world, world.app.world.now()
    watched = truth.videos.find(_followed(page)[0])
    latest = watched and truth.videos.latest(watched, now)
    assert latest
    ended = {name: _ids(page, 1, name) for name in ("VOD", "IMS", "VISIONULAR")}
    world.forward(latest.finished)
    for provider in ("VOD", "IMS", "VISIONULAR"):
        arrived = sections.nth(1).locator(f".task[data-provider={provider}]")
        expect(arrived.nth(len(ended[provider]))).to_be_attached(timeout=SECOND)
    expect(page.locator("#announcer")).to_have_text(re.compile("tasks ended|: (Done|Failed|Partly)"))


def _followed(page: Page) -> list[str]:
    ids: list[str] = page.evaluate("JSON.parse(document.getElementById('config').textContent).videos")
    return ids


def _ids(page: Page, section: int, provider: str) -> list[str]:
    rows = page.locator("#list > section").nth(section).locator(f".task[data-provider={provider}]")
    ids: list[str] = rows.evaluate_all("rows => rows.map(row => row.dataset.task)")
    return ids


def test_gauges_move(page: Page, world: World) -> None:
    """Every operation has one; what is used, and the plot, change as calls are made."""
    open_board(page, world.gateway)
    for operation in ("GetTranscodeSummary", "GetMediaConvertJob", "query_task", "list_task"):
        gauge = page.locator(f".gauge[data-operation={operation}]")
        expect(gauge.locator(".limit")).to_have_text(re.compile(r"^ / \d+ calls/s$"))
        expect(gauge.locator(".facts")).to_contain_text("queue")
    gauge = page.locator(".gauge[data-operation=GetTranscodeSummary]")
    plotted = gauge.locator(".stroke").get_attribute("d")
    fresh = "query ($id: ID!) { video(id: $id, maxAge: 0) { id } }"

    def busy() -> bool:
        world.ask(fresh, id=_followed(page)[0])
        moved = gauge.locator(".stroke").get_attribute("d") != plotted
        return moved and gauge.locator(".used").inner_text() != "0"

    world.wait(busy)


def test_everything_by_keyboard(page: Page, origin: str) -> None:
    """Skip link, look-up, access, filters, a task's details: in this order, with a visible focus."""
    open_board(page, origin)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#lookup-ids")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.locator("#access-button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#access-key")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#access-button")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[value=IMS]")).to_be_checked()
    expect(page.locator(".task:visible .provider").first).to_have_text("IMS")
    assert set(page.locator(".task:visible .provider").all_inner_texts()) == {"IMS"}
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".task:visible .toggle:focus")).to_have_count(1)
    details = page.locator(".toggle:focus").get_attribute("aria-controls")
    toggle = page.locator(f'[aria-controls="{details}"]')
    outline = toggle.evaluate("one => getComputedStyle(one).outlineStyle")
    page.keyboard.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(page.locator(f"#{details}")).to_contain_text("Made")
    assert outline == "solid"


def test_a_video_is_looked_up(page: Page, origin: str) -> None:
    """Jobs, files and history of one; that the other does not exist; and it can be followed or not."""
    open_board(page, origin)
    video = _followed(page)[0]
    page.get_by_label("VOD video ids").fill(f"{video}, nosuchvideo")
    page.keyboard.press("Enter")
    found = page.locator("#lookup .video")
    expect(found.nth(0).locator("tbody tr").first).to_contain_text(re.compile("mp4|m3u8|mp3"))
    expect(found.nth(1)).to_contain_text("VOD knows no such video.")
    found.nth(0).locator("summary").click()
    expect(found.nth(0).get_by_role("group", name="History")).to_contain_text("Template group")
    mine = page.locator(".task[data-provider=VOD]")
    expect(mine).to_have_count(3)
    found.nth(0).get_by_role("button", name="Unfollow").click()
    expect(mine).to_have_count(2)
    found.nth(0).get_by_role("button", name="Follow on the board").click()
    expect(mine).to_have_count(3)
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#lookup")).to_be_hidden()


def test_hostile_titles_are_only_text(page: Page, origin: str, troubles: list[str]) -> None:
    """Whatever people call their work is shown and never run, by policy and by construction."""

    def handle(route: Route) -> None:
        name = json.loads(route.request.post_data or "{}").get("query", "")
        if not name.startswith("query BoardTasks"):
            route.fallback()
            return
        answer = route.fetch().json()
        for task in answer["data"]["tasks"]["nodes"]:
            problem = {"code": HOSTILE, "message": HOSTILE}
            task |= {"name": HOSTILE, "providerStatus": HOSTILE, "status": "FAILED", "error": problem}
        route.fulfill(json=answer)

    page.route("**/graphql", handle)
    open_board(page, origin)
    row = page.locator(".task", has_text="<img src=x").first
    expect(row.locator(".name")).to_have_text(HOSTILE)
    # By their ids: tasks move, and the first may be another one by now.
    details = row.locator(".details").get_attribute("id")
    page.locator(f'[aria-controls="{details}"]').click()
    expect(page.locator(f"#{details}")).to_contain_text(HOSTILE)
    assert page.locator("#list img, #list script").count() == 0
    assert page.title() == "Transcoding board"
    markup = "() => { try { document.body.innerHTML = '<b>'; return false } catch { return true } }"
    refused = page.evaluate(markup)
    assert refused
    # The attempt is told to the console, after a moment.
    page.goto("about:blank")
    assert all("rusted" in trouble for trouble in troubles), troubles
    troubles.clear()


def test_the_gateway_goes_and_comes_back(page: Page, origin: str, troubles: list[str]) -> None:
    """What is shown stays and is said to be old; once it answers again nothing has to be pressed."""
    open_board(page, origin)
    page.context.set_offline(True)
    expect(page.locator("#connection-text")).to_have_text("No connection", timeout=SECOND)
    expect(page.get_by_role("alert")).to_contain_text("grows old")
    assert page.locator(".task").count() > 0
    page.context.set_offline(False)
    expect(page.locator("#connection-text")).to_have_text("Live", timeout=SECOND)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.goto("about:blank")
    # Browsers report every request that fails to the console; those of this test are meant to.
    assert all("ERR_INTERNET_DISCONNECTED" in trouble for trouble in troubles), troubles
    troubles.clear()


def test_trouble_is_shown_where_it_belongs(page: Page, origin: str) -> None:
    """A provider whose list is missing is named; the others' tasks are there."""

    def handle(route: Route) -> None:
        if not json.loads(route.request.post_data or "{}").get("query", "").startswith("query BoardTasks"):
            route.fallback()
            return
        answer = route.fetch().json()
        nodes = answer["data"]["tasks"]["nodes"]
        answer["data"]["tasks"]["nodes"] = [task for task in nodes if task["provider"] == "IMS"]
        trouble = {"ok": False, "code": "UPSTREAM_UNAVAILABLE", "message": "VISIONULAR does not answer."}
        sources = answer["data"]["tasks"]["sources"]
        answer["data"]["tasks"]["sources"] = [
            source | (trouble if source["provider"] == "VISIONULAR" else {}) for source in sources
        ]
        route.fulfill(json=answer)

    page.route("**/graphql", handle)
    open_board(page, origin)
    expect(page.get_by_role("list", name="Providers that are missing")).to_contain_text(
        "UPSTREAM_UNAVAILABLE"
    )
    expect(page.locator(".task[data-provider=IMS]").first).to_be_visible()
    page.locator("label", has_text="Visionular").click()
    expect(page.locator(".empty")).to_have_text("No task fits the filter.")


@pytest.mark.parametrize(("theme", "width"), [("dark", 390), ("light", 1360)])
def test_accessibility(page: Page, origin: str, theme: Any, width: int) -> None:
    """By axe's rules, with the look-up and a task's details open; and nothing is wider than the screen."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run `npm ci` in web/")
    # A short list is as good as a long one, and looked through faster.
    page.route("**/graphql", lambda route: route.continue_(post_data=_few(route.request.post_data or "")))
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    open_board(page, origin)
    page.get_by_label("VOD video ids").fill(_followed(page)[0])
    page.keyboard.press("Enter")
    expect(page.locator("#lookup tbody tr").first).to_be_visible()
    page.locator(".task .toggle").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Over the debugger's channel, which the page's policy does not bind.
    page.evaluate(f"{AXE.read_text('utf-8')}; null")
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("runOnly => axe.run(document, { runOnly })", rules)
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []


def _few(request: str) -> str:
    return request.replace('"first":60', '"first":8')


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast(theme: str) -> None:
    """Every colour of text against every ground it stands on: 4.5 to 1; edges of controls: 3 to 1."""
    sheet = (FILES / "board.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\n\s*\}", sheet, re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w{6});", blocks[0 if theme == "light" else 1]))
    for ground in ("ground", "surface", "raised"):
        for ink in ("text", "muted", "accent", "queued", "running", "done", "partial", "failed"):
            assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        assert _contrast(colours["edge"], colours[ground]) >= 3, ground
    assert _contrast(colours["text"], colours["track"]) >= 4.5
    assert _contrast(colours["text"], colours["banner"]) >= 4.5


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class TestWhereRequestsMayTakeFewCalls:
    """Tasks of IMS and Visionular take a call each; what does not fit into one request is in the next."""

    @pytest.fixture
    def origin(self, environment: pytest.MonkeyPatch) -> Iterator[str]:
        """A gateway of its own, on a sandbox whose clock nobody put forward."""
        with serving(create_sandbox(quota=1000)) as sandbox:
            for name, value in _settings(sandbox).items():
                environment.setenv(name, value)
            environment.setenv("GATEWAY_LIMITS_CALLS", "5")
            with serving(create_app()) as origin:
                yield origin

    def test_all_that_moves_is_watched(self, page: Page, origin: str) -> None:
        """Nothing is refused, and there is news of more of them than one request could ask for."""
        freeze_lists(page)
        open_board(page, origin)
        assert len(_ids(page, 0, "IMS") + _ids(page, 0, "VISIONULAR")) > 5
        news = page.locator(".task:not([data-provider=VOD]) .age", has_text="changed")
        expect(news.nth(5)).to_be_visible(timeout=SECOND)
        expect(page.locator("#banner")).to_be_hidden()


class TestAccess:
    """A gateway that wants to know who asks."""

    @pytest.fixture
    def key(self) -> str:
        """What the gateway accepts."""
        return "a-key-that-is-long-enough-to-be-one"

    @pytest.fixture
    def origin(self, environment: pytest.MonkeyPatch, key: str) -> Iterator[str]:
        """A gateway of its own."""
        environment.setenv("GATEWAY_SERVER_BOARD", "true")
        environment.setenv("GATEWAY_ACCESS_ANONYMOUS", "false")
        environment.setenv("GATEWAY_ACCESS_KEYS", keys.entry("board", key, ["all"]))
        with serving(create_app()) as url:
            yield url

    def test_a_key_is_asked_for_and_forgotten(
        self, page: Page, origin: str, key: str, troubles: list[str]
    ) -> None:
        """It goes into the headers of requests, lives in this tab's session and nowhere else."""
        page.goto(f"{origin}/board")
        expect(page.locator("#connection-text")).to_have_text("Not let in", timeout=SECOND)
        expect(page.get_by_role("alert")).to_contain_text("Access")
        page.get_by_role("button", name="Access").click()
        page.get_by_label("Key or token").fill(key)
        page.keyboard.press("Enter")
        expect(page.locator("#connection-text")).to_have_text("Live", timeout=SECOND)
        expect(page.locator(".task").first).to_be_visible(timeout=SECOND)
        assert page.evaluate("Object.values(sessionStorage)") == [key]
        assert key not in page.content() + page.url + page.evaluate(
            "JSON.stringify(localStorage) + document.cookie"
        )
        page.get_by_role("button", name="Access").click()
        page.get_by_role("button", name="Forget").click()
        expect(page.locator("#connection-text")).to_have_text("Not let in", timeout=SECOND)
        assert page.evaluate("sessionStorage.length") == 0
        page.goto("about:blank")
        assert all("401" in trouble for trouble in troubles), troubles
        troubles.clear()


def test_the_page_is_locked_down(world: World) -> None:
    """No inline script or style, no foreign host, no frame; files by name alone, and from memory."""
    page = httpx.get(f"{world.gateway}/board")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "trusted-types 'none'"):
        assert rule in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert not re.search(
        r"<script(?![^>]* (src|type=\"application/json\"))|<style|\son\w+=|style=", page.text
    )
    script = httpx.get(f"{world.gateway}/board/main.js")
    assert script.headers["content-type"].startswith("text/javascript")
    again = httpx.get(f"{world.gateway}/board/main.js", headers={"If-None-Match": script.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("index.html", "..%2Fboard.py", "nothing.js"):
        assert httpx.get(f"{world.gateway}/board/{name}").status_code == 404


def test_it_is_off_by_default(environment: pytest.MonkeyPatch) -> None:
    """A gateway shows a page only where it was told to."""
    environment.delenv("GATEWAY_SERVER_BOARD")
    with serving(create_app()) as url:
        assert httpx.get(f"{url}/board").status_code == 404
