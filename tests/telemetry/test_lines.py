"""Lines of the gateway's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry.lines import Line, stamp
from gateway.telemetry.logs import Logs
from gateway.telemetry.names import LOG_FIELDS
from tests.telemetry.conftest import Pipe

LINE: dict[str, Any] = {
    "timestamp": "2026-11-22T11:50:00.000000Z",
    "level": "info",
    "event": "request",
    "request_id": "r-1",
    "outcome": "ok",
    "duration_ms": 0.25,
    "calls": 0,
}


def test_a_request_s_line_has_what_is_known(pipe: Pipe) -> None:
    """And nothing else; a number that is zero is known."""
    logs = Logs(form="json", descriptor=pipe.writing)
    logs.log.request(Line(**LINE))
    logs.log.request(Line(**LINE, cost=0, results=0))
    logs.close()
    assert pipe.lines() == [LINE, LINE | {"cost": 0, "results": 0}]


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_lines_below_the_level_are_not_told(pipe: Pipe, form: Any) -> None:
    """In either form."""
    logs = Logs(form=form, level="warning", descriptor=pipe.writing)
    logs.log.request(Line(**LINE))
    logs.log.info("nothing")
    logs.close()
    assert pipe.lines() == []


def test_people_read_the_same(pipe: Pipe) -> None:
    """With the time at which it was, and not at which it was told."""
    logs = Logs(form="pretty", descriptor=pipe.writing)
    logs.log.request(Line(**LINE))
    logs.close()
    [text] = pipe.texts()
    assert "2026-11-22T11:50:00.000000Z" in text
    assert "r-1" in text


def test_every_field_is_documented() -> None:
    """By its name."""
    assert {field.name for field in msgspec.structs.fields(Line)} <= {name.name for name in LOG_FIELDS}


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_a_stamp_is_the_moment_to_the_microsecond(nanoseconds: int) -> None:
    """Whichever seconds were asked for before."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=nanoseconds // 1000)
    assert datetime.fromisoformat(stamp(nanoseconds)) == moment
    assert len(stamp(nanoseconds)) == len("2026-11-22T11:50:00.000000Z")
