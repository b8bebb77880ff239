"""The sink, with readers that are quick, slow and gone."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


def test_processes_take_turns(pipe: Pipe, tmp_path: Path) -> None:
    """Each writes more at a time than the pipe holds; no line gets into another one's."""
    sinks = [Sink(pipe.writing, turns=tmp_path / "turns") for _ in range(2)]
    for number, sink in enumerate(sinks):
        for _ in range(2000):
            sink.put('"' + str(number) * 200 + '"')
    with ThreadPoolExecutor() as pool:
        closing = [pool.submit(sink.close, 20) for sink in sinks]
        read = b""
        while read.count(b"\n") < 4000:
            read += os.read(pipe.reading, 1 << 16)
        for one in closing:
            one.result()
    whole = {b'"' + str(number).encode() * 200 + b'"' for number in range(2)}
    assert set(read.split(b"\n")) == whole | {b""}
    os.close(pipe.writing)
    os.close(pipe.reading)
