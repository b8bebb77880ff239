"""Parameters of the Alibaba Cloud operations."""

import pytest

from gateway.sandbox.parameters import MOST_IDS, identifiers, instant

from .clients import Caller


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("PageSize", "51"),
        ("PageSize", "0"),
        ("PageSize", "ten"),
        ("PageSize", "-1"),
        ("PageNo", "0"),
        ("PageNo", "9" * 5000),
        ("StartTime", "2026-11-18"),
        ("EndTime", "1795000000"),
    ],
)
async def test_bad_values(caller: Caller, parameter: str, value: str) -> None:
    """A value the product cannot use is refused by name."""
    answer = await caller.vod("ListTranscodeTask", VideoId="a", **{parameter: value})
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")
    assert parameter in answer.json()["Message"]


async def test_a_window_must_have_an_extent(caller: Caller) -> None:
    """The end of a window must come after its start."""
    moment = "2026-11-18T00:00:00Z"
    answer = await caller.vod("ListTranscodeTask", VideoId="a", StartTime=moment, EndTime=moment)
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")


def test_identifiers() -> None:
    """Ids are split at commas, trimmed, each kept once, in order."""
    assert identifiers(" b,a,,b , c") == ["b", "a", "c"]
    assert identifiers("") == []
    assert MOST_IDS == 10


def test_instant() -> None:
    """Only one format of time is read."""
    assert instant("2019-01-23T12:35:12Z") == 1_548_246_912
    assert instant("2019-01-23 12:35:12") is None
