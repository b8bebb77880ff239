"""Ids, parents and the decision what to keep."""

from __future__ import annotations

import subprocess
import sys

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import StatusCode, get_current_span

from gateway.telemetry.outbox import Outbox, Writing
from gateway.telemetry.spans import (
    Parent,
    Spans,
    enter,
    leave,
    new_span_id,
    new_trace_id,
    parent,
    span_context,
)
from gateway.telemetry.wire import written

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (f"00-{TRACE}-{SPAN}-01", Parent(int(TRACE, 16), int(SPAN, 16), sampled=True)),
        (f"00-{TRACE}-{SPAN}-00", Parent(int(TRACE, 16), int(SPAN, 16), sampled=False)),
        (f"00-{TRACE}-{SPAN}-03", Parent(int(TRACE, 16), int(SPAN, 16), sampled=True)),
        (f"01-{TRACE}-{SPAN}-01-what-may-come", Parent(int(TRACE, 16), int(SPAN, 16), sampled=True)),
    ],
)
def test_a_caller_is_recognised(given: str, expected: Parent) -> None:
    """By W3C's rules, versions to come included."""
    assert parent(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "",
        "00",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-01\n",
    ],
)
def test_what_is_no_caller_is_ignored(given: str) -> None:
    """A header that is not well-formed begins a trace of our own."""
    assert parent(given) is None


def test_a_part_of_the_traces_is_kept() -> None:
    """All, none, or about as many as was asked for; the same ones on every replica."""
    outbox = Outbox([])
    ids = [new_trace_id() for _ in range(2000)]
    one, other = (Spans(outbox, Resource.get_empty(), 0.25) for _ in range(2))
    assert 300 < sum(map(one.samples, ids)) < 700
    assert [one.samples(n) for n in ids] == [other.samples(n) for n in ids]
    assert all(map(Spans(outbox, Resource.get_empty(), 1.0).samples, ids))
    assert not any(map(Spans(outbox, Resource.get_empty(), 0.0).samples, ids))
    one.close()


def test_a_span_is_what_it_was_told() -> None:
    """Name, ids, times, and an error where there was one."""
    spans = Spans(Outbox([]), Resource.get_empty(), 1.0)
    context = span_context(new_trace_id(), new_span_id())
    span = spans.span("name", context, None, 1, 2, {"a": 1}, error="CODE")
    assert (span.name, span.start_time, span.end_time) == ("name", 1, 2)
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "CODE"
    spans.close()


def test_a_parent_is_entered_and_left() -> None:
    """What is done in between belongs to it."""
    context = span_context(1, 2, sampled=False)
    token = enter(context)
    assert get_current_span().get_span_context() == context
    leave(token)
    assert not get_current_span().get_span_context().is_valid


_FORK = """
import os
from gateway.telemetry.spans import new_trace_id
os.fork(), os.fork()
os.write(1, f"{new_trace_id():x} ".encode())
"""


def test_processes_that_are_forks_of_one_make_ids_of_their_own() -> None:
    """A server forks its workers from one process."""
    done = subprocess.run([sys.executable, "-c", _FORK], capture_output=True, check=True)
    assert len(set(done.stdout.split())) == 4


def test_where_bytes_are_wanted_spans_wait_as_bytes() -> None:
    """Whether they are made as objects or written at once."""

    class Kept(Outbox):
        def put_bytes(self, writing: Writing) -> None:
            kept.extend(writing())

    kept: list[bytes] = []
    spans = Spans(Kept([]), Resource.get_empty(), 1.0, as_bytes=True)
    span = spans.span("name", span_context(1, 2), None, 3, 4)
    spans.put(lambda: [span])
    spans.put_bytes(lambda: (b"more",))
    spans.close()
    assert kept == [written(span), b"more"]
