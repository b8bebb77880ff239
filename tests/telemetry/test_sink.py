"""The sink, with readers that are quick, slow and gone."""

from __future__ import annotations

import os

from gateway.telemetry.sink import Sink
from tests.telemetry.conftest import Pipe, eventually


def test_lines_arrive_in_order(pipe: Pipe) -> None:
    """Each on a line of its own, the last before the end."""
    sink = Sink(pipe.writing)
    for number in range(1000):
        sink.put(f"{number}")
    sink.close(20)
    assert pipe.lines() == [*range(1000)]
    assert sink.dropped == 0


def test_a_reader_that_does_not_read_stops_nobody(pipe: Pipe) -> None:
    """What there is no room for is dropped and counted; what was taken arrives once it is read again."""
    sink = Sink(pipe.writing, room=100)
    line = b'"' + b"x" * 10_000 + b'"'
    put = 0
    while not sink.dropped:
        sink.put(line)
        put += 1
    taken = put - sink.dropped
    read = b""
    while read.count(b"\n") < taken:
        read += os.read(pipe.reading, 1 << 20)
    sink.close(20)
    assert read.count(line) == taken
    os.close(pipe.writing)
    os.close(pipe.reading)


def test_a_reader_that_has_left_stops_nobody(pipe: Pipe) -> None:
    """The lines are counted as dropped."""
    sink = Sink(pipe.writing)
    os.close(pipe.reading)
    sink.put("a")
    eventually(lambda: sink.dropped == 1)
    sink.close(20)
    os.close(pipe.writing)
