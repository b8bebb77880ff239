"""TaskPage."""

from __future__ import annotations

from tests.conftest import Ask


async def test_only_visionular_tells_a_total(ask: Ask) -> None:
    """The total is what the provider counts, and null where it does not count."""
    answer = await ask(
        "{ ims: providerTasks(provider: IMS) { totalCount unreadable } "
        "visionular: providerTasks(provider: VISIONULAR) { totalCount unreadable } }"
    )
    assert answer["data"]["ims"] == {"totalCount": None, "unreadable": 0}
    assert answer["data"]["visionular"]["totalCount"] > 1000
