"""Tests of GraphiQL as a user meets it: in Chromium, with nobody but the gateway to talk to."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from litestar import Litestar, Request, Response, get, post
from playwright.sync_api import Page, Route, expect

from gateway.web.graphiql_assets import ASSETS, assets_handler
from gateway.web.pages import Sample, graphiql_page

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("graphiql_built")]

SAMPLES = [
    Sample(
        name="One task",
        query="# How far?\nquery OneTask($id: ID!) {\n  task(id: $id) {\n    id\n    progress\n  }\n}\n",
        variables={"id": "dGFzazox"},
    ),
    Sample(name="What am I", query="query WhatAmI {\n  caller\n}\n", headers={"x-caller": "a test"}),
]

# GraphiQL writes its tabs down half a second after the last change.
REMEMBERS = "text => localStorage.getItem('transcode-gateway:/graphql:graphiql:tabState')?.includes(text)"

RUN = "button.graphiql-execute-button"


@strawberry.type(description="One run of a video through a *template group*.")
class Task:
    """A task, in small."""

    id: strawberry.ID = strawberry.field(description="Opaque.")
    progress: int | None = strawberry.field(description="In percent.")


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    def task(self, id: strawberry.ID) -> Task | None:  # noqa: A002
        """One task."""
        return Task(id=id, progress=42)

    @strawberry.field
    def caller(self, info: strawberry.Info) -> str | None:
        """What the header of the request says."""
        caller: str | None = info.context.get("x-caller")
        return caller


@pytest.fixture
def origin(serve: Callable[[Litestar], str]) -> str:
    """A server with the page and a graph of one task."""
    page = graphiql_page(SAMPLES)
    schema = strawberry.Schema(Query)

    @get("/graphql")
    async def show() -> Response[bytes]:
        return page.response()

    @post("/graphql", status_code=200)
    async def execute(request: Request[Any, Any, Any]) -> Response[Any]:
        body = await request.json()
        if "down" in body["query"]:
            return Response("<h1>Bad gateway</h1>", status_code=502, media_type="text/html")
        accept = "application/graphql-response+json, application/json;q=0.9"
        assert (request.headers["accept"], request.headers["content-type"]) == (accept, "application/json")
        result = await schema.execute(
            body["query"],
            body.get("variables"),
            operation_name=body.get("operationName"),
            context_value=request.headers,
        )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return Response(answer, media_type="application/graphql-response+json")

    return serve(Litestar([show, execute, assets_handler()], openapi_config=None))


@pytest.fixture
def graphiql(page: Page, origin: str) -> Page:
    """GraphiQL on a first visit, ready for work."""
    page.goto(f"{origin}/graphql")
    expect(query_of(page)).to_contain_text("task")
    return page


def tabs_of(page: Page) -> Any:
    """The titles of the tabs."""
    return page.locator(".graphiql-tab-button")


def query_of(page: Page) -> Any:
    """The lines of the query editor."""
    return page.locator(".graphiql-query-editor .view-lines")


def variables_of(page: Page) -> Any:
    """The lines of the variables editor."""
    return page.locator(".graphiql-editor-tool .graphiql-editor:visible .view-lines")


def answer_of(page: Page) -> Any:
    """The lines of the answer."""
    return page.locator(".graphiql-response .view-lines")


def write(page: Page, query: str) -> None:
    """Puts a query in the place of the one in the editor."""
    query_of(page).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(query)


def test_first_visit(graphiql: Page, troubles: list[str]) -> None:
    """The first sample runs at a click, the docs show a type, and no foreign host is asked for anything."""
    expect(graphiql).to_have_title(re.compile("^Transcode Gateway .* GraphiQL$"))
    expect(tabs_of(graphiql)).to_have_text(["OneTask", "WhatAmI"])
    expect(variables_of(graphiql)).to_contain_text("dGFzazox")
    graphiql.click(RUN)
    expect(answer_of(graphiql)).to_contain_text('"progress": 42')
    graphiql.get_by_label("Show Documentation Explorer").click()
    graphiql.locator(".graphiql-doc-explorer").get_by_text("Task", exact=True).click()
    description = graphiql.locator(".graphiql-doc-explorer .graphiql-markdown-description").first
    expect(description).to_have_text("One run of a video through a template group.")
    assert troubles == []


def test_run_button_waits_for_the_editors(page: Page, origin: str) -> None:
    """A click is not lost where the editors' code comes late: the button takes none before."""
    late = re.findall(r'import\("\./([^"]+)"\)', (ASSETS / "graphiql.js").read_text())
    held: list[Route] = []
    page.route(
        lambda url: url.rsplit("/", 1)[-1] in late,
        lambda route: held.append(route),  # noqa: PLW0108  # Playwright marks what it is given; append takes no marks
    )
    page.goto(f"{origin}/graphql")
    expect(page.locator(RUN)).to_have_css("pointer-events", "none")
    assert held
    for route in held:
        route.continue_()
    page.click(RUN)
    expect(answer_of(page)).to_contain_text('"progress": 42')


def test_second_visit(graphiql: Page) -> None:
    """Coming back shows the tabs as they were left, with their variables, and none of them twice."""
    graphiql.wait_for_function(REMEMBERS, arg="OneTask")
    graphiql.reload()
    expect(variables_of(graphiql)).to_contain_text("dGFzazox")
    write(graphiql, "query Mine { caller }")
    graphiql.wait_for_function(REMEMBERS, arg="query Mine")
    graphiql.reload()
    expect(query_of(graphiql)).to_contain_text("query Mine")
    expect(variables_of(graphiql)).to_contain_text("dGFzazox")
    expect(tabs_of(graphiql)).to_have_text(["Mine", "WhatAmI"])


def test_samples_menu(graphiql: Page) -> None:
    """The menu brings a sample back in a new tab, with its headers, which the gateway receives."""
    graphiql.get_by_role("button", name="Samples").click()
    graphiql.get_by_role("menuitem", name="What am I").click()
    expect(tabs_of(graphiql)).to_have_text(["OneTask", "WhatAmI", "WhatAmI"])
    expect(query_of(graphiql)).to_contain_text("caller")
    graphiql.click(RUN)
    expect(answer_of(graphiql)).to_contain_text('"caller": "a test"')


def test_a_tab_can_be_run_at_once(graphiql: Page) -> None:
    """The operation that is sent is the new tab's, also before GraphiQL has learnt its name."""
    graphiql.evaluate(
        "document.querySelectorAll('.graphiql-tab-button')[1].click();"
        f"document.querySelector('{RUN}').click()"
    )
    expect(answer_of(graphiql)).to_contain_text('"caller": "a test"')


def test_schema_is_known_to_the_editor(graphiql: Page) -> None:
    """A field that the schema lacks is underlined: the editor's workers run."""
    write(graphiql, "query Typo { tusk }")
    graphiql.wait_for_selector(".graphiql-query-editor .squiggly-error")


def test_prettify(graphiql: Page) -> None:
    """The broom tidies query and variables: code that is loaded late obeys the policy too."""
    write(graphiql, "query Messy($id:ID!){task(id:$id){id}}")
    graphiql.get_by_label("Prettify query").click()
    expect(query_of(graphiql).locator(".view-line")).to_have_count(6)


def test_field_picker(graphiql: Page) -> None:
    """A click on a field adds it to the query."""
    graphiql.get_by_label("Show GraphiQL Explorer").click()
    graphiql.locator(".docExplorerWrap, .graphiql-explorer-root").get_by_text("caller").first.click()
    expect(query_of(graphiql)).to_contain_text("caller")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_follows_the_system(graphiql: Page, scheme: Any) -> None:
    """Page and editor are as light or dark as the system, also when that changes."""
    graphiql.emulate_media(color_scheme=scheme)
    theme = {"light": "vs", "dark": "vs-dark"}[scheme]
    expect(graphiql.locator(".graphiql-query-editor .monaco-editor").first).to_have_class(
        re.compile(rf"\b{theme}(?![-\w])")
    )
    shade = graphiql.evaluate(
        "Number(getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor.match(/\\d+/)[0])"
    )
    assert (shade > 128) == (scheme == "light")


def test_error_is_shown(graphiql: Page, troubles: list[str]) -> None:
    """What is not an answer, such as a proxy's error page, is shown with its status."""
    write(graphiql, "query Down { down: caller }")
    graphiql.click(RUN)
    expect(answer_of(graphiql)).to_contain_text("502 Bad Gateway")
    expect(answer_of(graphiql)).to_contain_text("<h1>Bad gateway</h1>")
    expect(answer_of(graphiql)).not_to_contain_text("stack")
    assert [trouble for trouble in troubles if "502" not in trouble] == []
    troubles.clear()  # Chromium notes failed requests in its console


def test_policy_holds(graphiql: Page, troubles: list[str]) -> None:
    """The page reaches no foreign host and runs no text as code even if it tries, and the tests notice."""
    blocked = graphiql.evaluate("fetch('http://foreign.example/').then(() => false, () => true)")
    assert blocked
    assert (
        graphiql.evaluate(
            "(() => { const s = document.createElement('script'); s.text = 'window.ran = 1';"
            " document.body.append(s); return window.ran })()"
        )
        is None
    )
    graphiql.wait_for_timeout(100)
    assert any("policy: connect-src refuses http://foreign.example/" in trouble for trouble in troubles)
    assert any("policy: script-src-elem refuses inline" in trouble for trouble in troubles)
    troubles.clear()
