"""Forms, against the library's encoder and the objects that it encodes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource

from gateway.telemetry import forms
from gateway.telemetry.course import Course
from gateway.telemetry.exchange import Exchange, Executed
from gateway.telemetry.forms import Forms, is_plain
from gateway.telemetry.outbox import Outbox
from gateway.telemetry.protobuf import Encoder
from gateway.telemetry.spans import SCOPE, Parent, Spans, new_span_id
from gateway.telemetry.story import told

RESOURCE = Resource({"service.name": "gateway"})
SPANS = Spans(Outbox([]), RESOURCE, 1.0)
ENCODER = Encoder(RESOURCE, SCOPE)
FORMS = Forms()

_ids = st.integers(1, 2**64 - 1)
_times = st.integers(1, 2**64 - 1)  # a time of zero is left out by the library
# What is % in a form must not be taken for a blank.
_texts = st.text(max_size=200) | st.sampled_from(["%b", "%", "%%b%s", "x" * 37])
_words = st.sampled_from(["GET", "POST"]), st.sampled_from(["ok", "partial", "failed", "RATE_LIMITED"])


@st.composite
def _exchanges(draw: st.DrawFn) -> Exchange:
    """Requests without provider calls, in every state in which they may be over."""
    parent = draw(st.none() | st.builds(Parent, st.integers(1, 2**128 - 1), _ids, st.booleans()))
    method, outcome = map(draw, _words)
    exchange = Exchange(draw(st.text(min_size=1, max_size=200)), method, parent, SPANS)
    exchange.started, exchange.executing = draw(_times), draw(st.just(0) | _times)
    exchange.outcome, exchange.code = outcome, draw(st.none() | _texts)
    exchange.status = draw(st.integers(0, 599))
    exchange.errors = draw(st.integers(0, 3))
    exchange.principal = draw(st.none() | _texts)
    exchange.hits, exchange.stale = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    exchange.cost = draw(st.none() | st.integers(0, 1000))
    exchange.age = draw(st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(0, 20_000))
    exchange.operation = draw(
        st.none()
        | st.builds(
            Executed,
            type=st.sampled_from(["query", "mutation"]),
            name=st.none() | _texts,
            trusted=st.booleans(),
            compiled=st.booleans(),
        )
    )
    return exchange


@settings(deadline=None, max_examples=300)
@given(exchange=_exchanges(), now=_times, span=_ids)
def test_bytes_are_what_the_library_makes_of_the_objects(exchange: Exchange, now: int, span: int) -> None:
    """One for one, whatever a request was and whichever forms are kept from others."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("forms", "story"):
            patch.setattr(f"gateway.telemetry.{module}.{new_span_id.__name__}", lambda: span)
        written = FORMS.filled(exchange, now)
        objects = told(SPANS, exchange, now)
    assert len(written) == len(objects)
    assert ENCODER.encode(written) == encode_spans(objects).SerializeToString()


def test_the_forms_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs and lengths of ids are for clients to choose."""
    monkeypatch.setattr(forms, "_ROOM", 10)
    kept = Forms()
    for status in range(25):
        exchange = Exchange("id", "POST", None, SPANS)
        exchange.status, exchange.outcome = status, "ok"
        kept.filled(exchange, 9)
    assert len(kept._forms) == 5


def test_a_plain_request_is_one_of_https_without_calls() -> None:
    """Calls have spans, streams have results, and an operation on a WebSocket is but one span."""
    exchange = Exchange("id", "POST", None, SPANS)
    assert is_plain(exchange, None)
    assert not is_plain(exchange, Course(exchange, lambda *_: None))
    exchange.calls = 1
    assert not is_plain(exchange, None)
    assert not is_plain(Exchange("id", "", None, SPANS), None)
