"""Parts of spans, against the library's messages; whole ones are held to it in `test_protobuf`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.trace import SpanKind

from gateway.telemetry import wire


@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers_are_read_as_they_were(number: int) -> None:
    """Of any size, those below zero as the protocol has them."""
    [attribute] = Span.FromString(wire.attributes({"n": number})).attributes
    assert (attribute.key, attribute.value.int_value) == ("n", number)


@pytest.mark.parametrize("failure", [None, "", "INTERNAL"])
@pytest.mark.parametrize("flags", [0x100, 0x300])
def test_a_span_ends_with_its_status_and_flags(failure: str | None, flags: int) -> None:
    """No status where nothing went wrong, and whether the parent is remote."""
    span = Span.FromString(wire.title("name", SpanKind.SERVER) + wire.ending(failure, remote=flags == 0x300))
    assert (span.name, span.kind, span.flags) == ("name", Span.SPAN_KIND_SERVER, flags)
    code = Status.STATUS_CODE_UNSET if failure is None else Status.STATUS_CODE_ERROR
    assert (span.status.code, span.status.message) == (code, failure or "")
