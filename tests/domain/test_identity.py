"""Global ids."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.domain.errors import BadUserInput
from gateway.domain.identity import (
    JobRef,
    Ref,
    TaskRef,
    VideoRef,
    decode,
    encode,
    encode_tasks,
    encode_videos,
    provider_ids,
)
from gateway.domain.records import DEFAULT, Provider
from gateway.domain.sources import Source

_parts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=40)
_times = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda time: time.replace(microsecond=0))
_sources = st.sampled_from([DEFAULT, "eu", "a-1"])
_tasks = st.builds(
    TaskRef,
    provider=st.sampled_from(Provider),
    provider_id=st.none() | _parts,
    video_id=_parts,
    template_group_id=st.none() | _parts,
    created_at=st.none() | _times,
    source=_sources,
)
_refs = st.one_of(
    _tasks,
    st.builds(
        lambda task, label: JobRef(provider=task.provider, task=task, label=label, source=task.source),
        _tasks,
        _parts,
    ),
    st.builds(JobRef, provider=st.sampled_from(Provider), provider_id=_parts, source=_sources),
    st.builds(VideoRef, video_id=_parts, source=_sources),
)


@given(_refs)
def test_whatever_is_encoded_decodes_to_itself(ref: Ref) -> None:
    """An id leads back to exactly what it was made of."""
    try:
        assert decode(encode(ref)) == ref
    except BadUserInput:
        assert len(encode(ref)) > 1024


@given(st.text(max_size=200))
def test_foreign_text_is_refused(text: str) -> None:
    """Text that is no id is bad input and nothing worse."""
    with pytest.raises(BadUserInput):
        decode(text)


def test_ids_are_readable_when_decoded() -> None:
    """An operator can read an id in a log."""
    created = datetime(2019, 1, 23, 12, 35, 12, tzinfo=UTC)
    ref = TaskRef(provider=Provider.VOD, video_id="d4860", template_group_id="b500", created_at=created)
    padded = encode(ref) + "=="
    assert urlsafe_b64decode(padded[: len(padded) // 4 * 4]) == b"Task:1:VOD::d4860:b500:1548246912"


@pytest.mark.parametrize(
    "text",
    [
        "Task:1:VOD:::b500:1548246912",
        "Task:2:VOD::d4860:b500:1548246912",
        "Task:1:AWS::d4860:b500:1548246912",
        "Task:1:VOD::d4860:b500:soon",
        "Task:1:VOD::d4860:b500:99999999999999999999",
        "Task:1:VOD::d48%36%30:b500:1548246912",
        "Task:1:VOD::d4860:b500",
        "Job:1:VOD::d4860:b500:1548246912::",
        "Job:1:VOD::d4860:b500:1548246912:t/0:also",
        "Video:1:",
        "Video:1:a%00b",
        "Video:2:default:a",
        "Video:2:e%00u:a",
        "Video:2",
        "Cat:1:a",
    ],
)
def test_damaged_ids_are_refused(text: str) -> None:
    """Wrong kinds, versions, providers, times and second spellings are bad input."""
    with pytest.raises(BadUserInput):
        decode(urlsafe_b64encode(text.encode()).decode().rstrip("="))


def test_the_source_is_part_of_an_id_unless_it_is_the_default_one() -> None:
    """Ids of a deployment with one account stay as they are when another one is added."""
    assert encode(VideoRef(video_id="abcd")) == "VmlkZW86MTphYmNk"
    there = VideoRef(video_id="abcd", source="eu")
    assert urlsafe_b64decode(encode(there)) == b"Video:2:eu:abcd"
    assert decode(encode(there)).whom == Source(Provider.VOD, "eu")
    task = TaskRef(provider=Provider.IMS, provider_id="p", source="eu")
    assert task.whom == Source(Provider.IMS, "eu")
    assert JobRef(provider=Provider.IMS, provider_id="j").whom is Provider.IMS


def test_padding_is_a_second_spelling() -> None:
    """One thing has one id, so the same id with padding is refused."""
    with pytest.raises(BadUserInput):
        decode(encode(VideoRef(video_id="a")) + "=")


def test_the_ids_that_would_reach_a_provider_are_named() -> None:
    """Checks of ids see every part that goes into a request."""
    task = TaskRef(provider=Provider.VOD, video_id="v", template_group_id="g")
    assert provider_ids(JobRef(provider=Provider.VOD, task=task, label="t/0")) == ["v"]
    assert provider_ids(VideoRef(video_id="w")) == ["w"]
    assert provider_ids(TaskRef(provider=Provider.IMS, provider_id="p")) == ["p"]


@given(st.lists(st.tuples(_tasks, st.lists(_parts, max_size=4)), max_size=4))
@example([(TaskRef(provider=Provider.VOD, video_id="a/b~c"), ["t~/0", "\n:", "t/0"])])
@example([(TaskRef(provider=Provider.VOD, video_id="a/b~c", source="a-1"), ["t~?>/0", "t/0"])])
def test_tasks_and_their_jobs_have_the_same_ids_at_once_as_one_by_one(
    tasks: list[tuple[TaskRef, list[str]]],
) -> None:
    """Making them together is cheaper, and nothing else."""
    assert encode_tasks(tasks) == [
        (
            encode(task),
            [
                encode(JobRef(provider=task.provider, task=task, label=label, source=task.source))
                for label in labels
            ],
        )
        for task, labels in tasks
    ]


@given(st.lists(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30)))
def test_videos_have_the_same_ids_at_once_as_one_by_one(video_ids: list[str]) -> None:
    """One that needs quoting leaves its neighbours alone."""
    for source in (DEFAULT, "other one"):
        refs = [VideoRef(video_id=video_id, source=source) for video_id in video_ids]
        assert encode_videos(video_ids, source) == [encode(ref) for ref in refs]
