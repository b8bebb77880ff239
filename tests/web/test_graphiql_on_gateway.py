"""GraphiQL on the real gateway and the sandbox: what a newcomer sees after ``gateway dev``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from gateway.app import create_app
from tests.conftest import Sandbox
from tests.servers import serving

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("graphiql_built")]


@pytest.fixture
def origin(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> Iterator[str]:
    """A gateway whose samples hold ids of the sandbox."""
    environment.setenv("GATEWAY_SERVER_SAMPLE_VIDEOS", ",".join(sandbox.ids("vod", "succeeded", 10)))
    with serving(create_app()) as url:
        yield url


def test_a_newcomer_sees_data_and_docs(
    page: Page, origin: str, sandbox: Sandbox, troubles: list[str]
) -> None:
    """The first sample runs at a click, the docs describe the graph, and no foreign host hears of it."""
    page.goto(f"{origin}/graphql")
    expect(page.locator(".graphiql-tab-button")).to_have_text(
        ["Recent", "Videos", "History", "ImsDetails", "AllTasks"]
    )
    page.click("button.graphiql-execute-button")
    expect(page.locator(".graphiql-response .view-lines")).to_contain_text('"ims"')
    page.get_by_label("Show Documentation Explorer").click()
    docs = page.locator(".graphiql-doc-explorer")
    docs.get_by_text("Query", exact=True).click()
    expect(docs).to_contain_text("Videos by id, in the order asked for")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/graphiql.png")
    assert troubles == []
    assert set(sandbox.calls()) >= {"ListMediaConvertJobs", "list_task", "GetTranscodeSummary"}


def test_the_videos_sample_is_one_call(
    page: Page, origin: str, sandbox: Sandbox, troubles: list[str]
) -> None:
    """Ten videos of the second tab are answered by one summary call."""
    page.goto(f"{origin}/graphql")
    page.wait_for_load_state("networkidle")
    page.get_by_role("tab", name=re.compile("Videos")).click()
    expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("query Videos")
    page.click("button.graphiql-execute-button")
    expect(page.locator(".graphiql-response .view-lines")).to_contain_text('"latestTask"')
    assert sandbox.calls() == {"GetTranscodeSummary": 1}
    assert troubles == []
