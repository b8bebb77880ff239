"""Location and Input."""

from __future__ import annotations

from tests.conftest import Ask


async def test_inputs_of_ims_are_named_and_located(ask: Ask) -> None:
    """An IMS task tells its inputs' names and addresses."""
    answer = await ask(
        "{ providerTasks(provider: IMS, pageSize: 1) "
        "{ tasks { inputs { name url bitrate fileSize location { type uri url } } } } }"
    )
    [source] = answer["data"]["providerTasks"]["tasks"][0]["inputs"]
    assert source["name"]
    assert source["location"]["type"] == "OSS"
    assert source["location"]["uri"]
