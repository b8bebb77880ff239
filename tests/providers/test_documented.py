"""Answers as documented, and those that are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from typing import Annotated, Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Raw

from gateway.domain.errors import GatewayError
from gateway.domain.provider import VideoPage, WindowPage
from gateway.providers import documented
from gateway.providers.documented import Wire, as_documented, nothing, read
from gateway.providers.ims import translate as ims
from gateway.providers.kinds import ABSENT, Integer, Part, Parts, Text, Time
from gateway.providers.visionular import translate as visionular
from gateway.providers.vod import translate as vod
from tests.providers.misfits import READ, misfit
from tests.providers.samples import sample

TIMES = st.one_of(
    st.datetimes().map(datetime.isoformat),
    st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
    st.datetimes(timezones=st.just(UTC)).map(lambda time: f"{time:%Y-%m-%dT%H:%M:%S}Z"),
    st.integers(-(2**40), 2**40).map(str),
    st.text("0123456789TZtz:.+- ", max_size=26),
)


class Inner(Wire, rename="pascal"):
    """Something nested."""

    width: Integer = None
    name: Annotated[Text, "title"] = None


class Outer(Wire, rename="pascal"):
    """Something whole."""

    at: Time = None
    part: Part[Inner] = ABSENT
    parts: Parts[Inner] = ABSENT


@contextmanager
def value_by_value() -> Iterator[None]:
    """Accept nothing as documented."""
    with patch.object(documented, "_settler", side_effect=ValueError):
        yield


def test_an_answer_as_documented_is_read_in_one_step() -> None:
    """With all that nests in it, in the types that records have."""
    body = b'{"At":"2026-11-22T08:00:00Z","Part":{"Width":"960"},"Parts":[{"Name":"a"},{"Name":"b"}]}'
    found = as_documented(body, Outer)
    assert found is not None
    assert found.at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert found.part is not None
    assert (found.part.width, [part.name for part in found.parts]) == (960, ["a", "b"])
    assert (found.misfits, found.apart()) == ((), found)
    assert isinstance(found, Outer)


@pytest.mark.parametrize("sent", ["wide", 9.5, [], True, "07", "nan", 2**31])
def test_an_odd_value_costs_its_own_record_the_short_way(sent: object) -> None:
    """Its neighbours, and what it is part of, are told all the same."""
    body = msgspec.json.encode({"Parts": [{"Width": 1}, {"Width": sent, "Name": 5}]})
    assert as_documented(body, Outer) is None
    found = read(body, Outer)
    plain, odd = found.parts
    assert isinstance(odd, Inner)
    assert type(plain) is documented.strict(Inner, tidy=True)
    assert type(odd) is not type(plain)
    assert (plain.width, plain.misfits, odd.name) == (1, (), "5")
    with value_by_value():
        [_, same] = read(body, Outer).parts
        assert same.width == odd.width
        assert same.misfits == odd.misfits


def test_misfits_are_those_of_what_was_read() -> None:
    """By the name of the record's field, and each record that is read from an object has its own."""
    found = read(b'{"Width":"wide","Name":{}}', Inner)
    assert not found.misfits
    assert found.width is None
    assert found.misfits == (misfit("width", "an integer"),)
    apart = found.apart()
    assert (apart.name, apart.misfits) == (None, (misfit("title", "text"),))


@pytest.mark.parametrize(
    ("sent", "text"), [(" a\n", "a"), ("\u3000a", "a"), ("", None), (" ", None), ("a b", "a b"), ("é", "é")]
)
def test_stray_whitespace_is_settled(sent: str, text: str | None) -> None:
    """It is no reason to read a record value by value."""
    for escaped in (True, False):
        found = as_documented(json.dumps({"Name": sent}, ensure_ascii=escaped).encode(), Inner)
        assert found is not None
        assert found.name == text


@given(st.sampled_from(["tidy", " stray"]), st.one_of(TIMES, st.integers(-(2**40), 2**40)))
@example("tidy", "0001-01-01T00:00:00+14:00")
@example("tidy", "9999-12-31T23:59:59-14:00")
@example("tidy", "2000-01-01T08:00:00+08:00")
@example("tidy", "2026-11-22T08:00:00.9999999Z")
@example("tidy", "null")
@example("tidy", 1634020557.5)
def test_a_time_is_the_same_whoever_reads_it(stray: str, sent: object) -> None:
    """C, Python after C where a text beside it is not tidy, and a reader."""
    body = msgspec.json.encode({"At": sent, "Part": {"Name": stray}})
    found = read(body, Outer)
    with value_by_value():
        same = read(body, Outer)
        assert (found.at, found.misfits) == (same.at, same.misfits)
    assert found.at is None or found.at.tzinfo is UTC


@pytest.mark.parametrize("sent", ["2026-11-22T08:00:00", "2026-11-22T08:00Z", "2026-11-22T16+08:00"])
def test_a_time_that_c_does_not_know_is_no_reason_to_read_value_by_value(sent: str) -> None:
    """Also where every text is tidy."""
    found = as_documented(msgspec.json.encode({"At": sent}), Outer)
    assert found is not None
    assert found.at == datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_what_is_no_object_is_refused() -> None:
    """Whoever asked knows what that means."""
    for body in (b"[]", b"5", b"", b"{", b"null"):
        with pytest.raises(ValueError, match=r".*"):
            read(body, Outer)


def test_nothing_tells_nothing() -> None:
    """Whatever is asked of it."""
    found = nothing(Outer)
    assert (found.at, found.part, found.parts, found.misfits) == (None, None, (), ())


VIDEO_PAGE = VideoPage(video_id="v", size=2)
WINDOW_PAGE = WindowPage(
    created_from=datetime(2026, 1, 1, tzinfo=UTC), created_to=datetime(2026, 2, 1, tzinfo=UTC), size=2
)
Read = Callable[[bytes], Mapping[Any, Any]]


def _data(body: bytes) -> Raw:
    return msgspec.json.decode(body, type=dict[str, Raw]).get("data", Raw())


ANSWERS: list[tuple[str, str, Read]] = [
    (
        "vod",
        "filled-GetTranscodeSummary",
        lambda body: vod.latest_by_video(["some-video", "v", "other-video"], body, READ),
    ),
    ("vod", "GetTranscodeSummary", lambda body: vod.latest_by_video(["v", "hhhhhhh"], body, READ)),
    ("vod", "filled-GetTranscodeTask", lambda body: vod.task_by_id(["t"], body, READ)),
    ("vod", "filled-GetTranscodeTask-JobIds", lambda body: vod.jobs_by_id(["some-job", "j"], body, READ)),
    ("vod", "filled-ListTranscodeTask", lambda body: vod.tasks_of_video([VIDEO_PAGE], body, READ)),
    ("ims", "GetMediaConvertJob", lambda body: ims.task_by_id(["t"], body, READ, video_id_path="videoId")),
    (
        "ims",
        "filled-GetMediaConvertJob",
        lambda body: ims.task_by_id(["t"], body, READ, video_id_path="videoId"),
    ),
    (
        "ims",
        "filled-ListMediaConvertJobs",
        lambda body: ims.tasks_in_window([WINDOW_PAGE], body, READ, video_id_path="videoId"),
    ),
    (
        "visionular",
        "filled-list_task",
        lambda body: visionular.tasks_in_window([WINDOW_PAGE], _data(body), READ),
    ),
    (
        "visionular",
        "filled-query_task-later",
        lambda body: visionular.task_by_id(["t"], _data(body), READ),
    ),
]

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
    st.text("0123456789.+-eE \n", max_size=8),
    st.datetimes().map(lambda time: f"{time.isoformat()}Z"),
    st.integers(-(2**54), 2**54).map(str),
    st.sampled_from(
        [
            *(
                {},
                [],
                [5],
                [[]],
                {"W": []},
                "[]",
                "{}",
                '[{"Index":"1"}]',
                "null",
                "Null",
                "nan",
                "inf",
                "0.f",
                "-0",
            ),
            *("1e3", "10e-1", "007", "2000-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "2026-11-22 08:00:00"),
            *(
                "2026-11-22T08:00:00+08:00",
                "2026-11-22T08:00:00.9999999Z",
                "1634020557",
                1634020557,
                "20261101",
            ),
        ]
    ),
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container of a JSON value with each key in it."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield value, key
        yield from places(member)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Read, bytes]:
    """Return an answer in which something may be odd, with its reader."""
    room, name, translate = draw(st.sampled_from(ANSWERS))
    answer = deepcopy(msgspec.json.decode(sample(room, name)))
    for _ in range(draw(st.integers(0, 4))):
        container, key = draw(st.sampled_from(list(places(answer)) or [({}, "")]))
        match draw(st.sampled_from(["odd", "odd", "text", "wrapped", "padded"])):
            case "text":
                container[key] = msgspec.json.encode(container.get(key) if isinstance(container, dict) else 5)
                container[key] = container[key].decode()
            case "wrapped":
                container[key] = {"Wrapped": deepcopy(container[key]) if key != "" else None}
            case "padded":
                container[key] = f" {container[key]}\n" if key != "" else None
            case _:
                container[key] = deepcopy(draw(ODD))
    return translate, msgspec.json.encode(answer)


def told(translate: Read, body: bytes) -> Any:
    """Return all that is made of an answer."""
    try:
        outcomes = translate(body)
    except GatewayError as error:
        return type(error)
    return [
        (key, type(outcome) if isinstance(outcome, GatewayError) else outcome)
        for key, outcome in outcomes.items()
    ]


@pytest.mark.parametrize(("room", "name", "translate"), ANSWERS)
def test_the_samples_are_as_documented(room: str, name: str, translate: Read) -> None:
    """Else the long way would be the usual one."""
    with patch.object(documented, "_AsItComes", wraps=documented._AsItComes) as long_way:
        translate(sample(room, name))
    taken = {call.args[0].__name__ for call in long_way.call_args_list}
    # What others took apart, and the user data that a path leads into.
    assert taken <= {"_QueryTask", "_ListTask", "_VideoId"}


@given(mutated())
@example((ANSWERS[2][2], b'{"TranscodeTask":"NULL"}'))
@example((ANSWERS[0][2], b'{"TranscodeSummaryList":[{"VideoId":"v","CreationTime":""}]}'))
def test_both_ways_lead_to_the_same_records(answer: tuple[Read, bytes]) -> None:
    """Whatever is odd in an answer: values, times and misfits."""
    translate, body = answer
    found = told(translate, body)
    with value_by_value():
        assert told(translate, body) == found
