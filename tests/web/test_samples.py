"""The sample queries of GraphiQL."""

from __future__ import annotations

from gateway.web.samples import samples
from tests.conftest import Ask, Sandbox


async def test_every_sample_is_answered(ask: Ask, sandbox: Sandbox) -> None:
    """A newcomer who presses the button sees data of all three providers and no error."""
    tabs = samples(sandbox.ids("vod", "running", 5))
    assert len(tabs) == 5
    for tab in tabs:
        answer = await ask(tab.query, **tab.variables)
        assert "errors" not in answer, tab.name
        assert all(answer["data"].values())


def test_samples_that_need_ids_are_left_out_without() -> None:
    """No tab opens with a query that cannot run."""
    assert all("$" not in tab.query or tab.variables for tab in samples([]))
