"""Who is let to execute what, and what it costs them."""

from __future__ import annotations

import pytest

from gateway.access.points import READING, OwnPurse
from gateway.access.principal import Principal
from gateway.access.scopes import Scope
from gateway.graph.admission import Admission, Denied
from gateway.graph.documents import Document, DocumentStore
from gateway.graph.limits import DEFAULTS
from gateway.graph.schema import schema

STORE = DocumentStore(schema._schema)
QUERY = "{ video(id: 1) { id } }"
ALL = Principal(name="all", scopes=frozenset(Scope))
NONE = Principal(name="none", scopes=frozenset())


def _admission(calls: int = 1, purse: OwnPurse | None = None) -> Admission:
    return Admission(DEFAULTS, lambda *_: calls, purse)


def _document(query: str = QUERY) -> Document:
    return STORE.get(query)


async def test_the_schema_is_told_to_those_who_may_know_it() -> None:
    """Introspection without its scope is forbidden as a whole."""
    document = _document("{ __schema { queryType { name } } }")
    await _admission().to_execute(document, None, {}, ALL)
    with pytest.raises(Denied) as caught:
        await _admission().to_execute(document, None, {}, NONE)
    assert caught.value.status == 403
    assert caught.value.refusal["extensions"]["code"] == "FORBIDDEN"


async def test_what_would_take_too_many_calls_is_refused() -> None:
    """The limit itself passes."""
    await _admission(DEFAULTS.calls).to_execute(_document(), None, {}, ALL)
    with pytest.raises(Denied) as caught:
        await _admission(DEFAULTS.calls + 1).to_execute(_document(), None, {}, ALL)
    assert caught.value.status is None
    assert caught.value.refusal["extensions"]["limit"] == "calls"


async def test_what_is_requested_is_charged_and_what_is_spared_given_back() -> None:
    """Requested, actual and remaining are told; an answer from memory costs its fields alone."""
    admission = _admission(calls=2, purse=OwnPurse(600, now=lambda: 0.0))
    ticket = await admission.to_execute(_document(), None, {}, ALL)
    cost = await admission.settle(ticket, 0)
    assert cost == {"requested": 21, "actual": 1, "calls": {"requested": 2, "actual": 0}, "remaining": 599}


async def test_more_calls_than_foretold_are_not_charged() -> None:
    """An estimate that was too low is our mistake."""
    admission = _admission(calls=1, purse=OwnPurse(600, now=lambda: 0.0))
    ticket = await admission.to_execute(_document(), None, {}, ALL)
    assert (await admission.settle(ticket, 9))["actual"] == 11


async def test_whoever_has_no_points_left_waits() -> None:
    """The refusal says how many were asked for, how many are left, and when to come back."""
    admission = _admission(calls=5, purse=OwnPurse(60, now=lambda: 0.0))
    await admission.to_execute(_document(), None, {}, ALL)
    with pytest.raises(Denied) as caught:
        await admission.to_execute(_document(), None, {}, ALL)
    assert caught.value.status == 429
    assert caught.value.retry_after == pytest.approx(42)
    extensions = caught.value.refusal["extensions"]
    assert extensions["code"] == "RATE_LIMITED"
    assert extensions["retryable"]
    assert (extensions["requested"], extensions["remaining"]) == (51, 9)


async def test_reading_a_new_document_costs_too() -> None:
    """A client that sends ever new documents, good or bad, runs out of points."""
    admission = _admission(purse=OwnPurse(READING, now=lambda: 0.0))
    await admission.to_read(ALL)
    with pytest.raises(Denied):
        await admission.to_read(ALL)


async def test_where_nobody_counts_nothing_remains() -> None:
    """Without points the cost is told all the same."""
    ticket = await _admission().to_execute(_document(), None, {}, ALL)
    assert "remaining" not in await _admission().settle(ticket, 1)
